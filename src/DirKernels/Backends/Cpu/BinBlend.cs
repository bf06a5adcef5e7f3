using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>Moves the running statistics of one bin towards those of an epoch.</summary>
internal static unsafe class BinBlend
{
    /// <summary>
    /// <c>running = keep running + take epoch</c>; a bin that is overwritten, <c>keep 0</c>, is not read, and one of which all is kept, <c>keep 1, take 0</c>, is left as it is to the bit.
    /// </summary>
    /// <param name="epoch">[width].</param>
    /// <param name="keep">0..1.</param>
    /// <param name="take">Factor of the epoch's.</param>
    /// <param name="width">Elements.</param>
    /// <param name="running">[width].</param>
    public static void Apply(double* epoch, double keep, double take, int width, float* running)
    {
        if (keep == 1 && take == 0)
        {
            return;
        }

        int done = InstructionSet.Bits switch
        {
            512 => Apply<WideSimd512, Vector512<double>>(epoch, keep, take, width, running),
            256 => Apply<WideSimd256, Vector256<double>>(epoch, keep, take, width, running),
            _ => Apply<WideSimd128, Vector128<double>>(epoch, keep, take, width, running),
        };
        for (int i = done; i < width; i++)
        {
            // A bin that is overwritten must not read what was there: 0 times infinity is not 0.
            running[i] = (float)(keep == 0 ? take * epoch[i] : double.MultiplyAddEstimate(keep, running[i], take * epoch[i]));
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static int Apply<TWide, TVector>(double* epoch, double keep, double take, int width, float* running)
        where TWide : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        TVector keeps = TWide.Broadcast(keep), takes = TWide.Broadcast(take);
        int i = 0;
        for (; keep != 0 && i <= width - TWide.Width; i += TWide.Width)
        {
            TWide.StoreNarrow(TWide.MultiplyAdd(keeps, TWide.LoadWide(running + i), TWide.Multiply(takes, TWide.Load(epoch + i))), running + i);
        }

        for (; i <= width - TWide.Width; i += TWide.Width)
        {
            TWide.StoreNarrow(TWide.Multiply(takes, TWide.Load(epoch + i)), running + i);
        }

        return i;
    }
}
