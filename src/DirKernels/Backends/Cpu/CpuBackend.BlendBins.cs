using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void BlendBins(DeviceView<double> epoch, ReadOnlySpan<double> keep, ReadOnlySpan<double> take, int width, DeviceView<float> running)
    {
        fixed (double* keepPointer = keep, takePointer = take)
        {
            var job = new BlendBinsJob { Epoch = Pointer(epoch), Keep = keepPointer, Take = takePointer, Width = width, Running = Pointer(running) };
            _team.Run(ref job, keep.Length, (long)keep.Length * width > WorthSharing);
        }

        GC.KeepAlive(epoch.Buffer);
        GC.KeepAlive(running.Buffer);
    }

    private unsafe struct BlendBinsJob : IBlockJob
    {
        public double* Epoch;
        public double* Keep;
        public double* Take;
        public int Width;
        public float* Running;

        public readonly void Run(int bin)
        {
            double keep = Keep[bin], take = Take[bin];
            if (keep == 1 && take == 0)
            {
                return;
            }

            double* from = Epoch + (long)bin * Width;
            float* to = Running + (long)bin * Width;
            int done = InstructionSet.Bits switch
            {
                512 => Blend<WideSimd512, Vector512<double>>(from, keep, take, to),
                256 => Blend<WideSimd256, Vector256<double>>(from, keep, take, to),
                _ => Blend<WideSimd128, Vector128<double>>(from, keep, take, to),
            };
            for (int i = done; i < Width; i++)
            {
                // A bin that is overwritten must not read what was there: 0 times infinity is not 0.
                to[i] = (float)(keep == 0 ? take * from[i] : double.MultiplyAddEstimate(keep, to[i], take * from[i]));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly int Blend<TWide, TVector>(double* from, double keep, double take, float* to)
            where TWide : struct, IWideSimd<TVector>
            where TVector : unmanaged
        {
            TVector keeps = TWide.Broadcast(keep), takes = TWide.Broadcast(take);
            int i = 0;
            for (; keep != 0 && i <= Width - TWide.Width; i += TWide.Width)
            {
                TWide.StoreNarrow(TWide.MultiplyAdd(keeps, TWide.LoadWide(to + i), TWide.Multiply(takes, TWide.Load(from + i))), to + i);
            }

            for (; i <= Width - TWide.Width; i += TWide.Width)
            {
                TWide.StoreNarrow(TWide.Multiply(takes, TWide.Load(from + i)), to + i);
            }

            return i;
        }
    }
}
