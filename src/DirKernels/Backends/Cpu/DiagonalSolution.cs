using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>The diagonal map of a bin, <c>strength (sqrt(clip(v~ / v)) - 1)</c>, and its shift, <c>strength (mu~ - mu)</c>; both 0 for dimensions without variance.</summary>
internal readonly unsafe struct DiagonalSolution(float lower, float upper, float strength)
{
    /// <summary>Solves a bin.</summary>
    /// <param name="width">D.</param>
    /// <param name="running">Means and variances that whiten.</param>
    /// <param name="smoothed">Means and variances that re-colour.</param>
    /// <param name="map">[D].</param>
    /// <param name="shift">[D].</param>
    public void Solve(int width, Statistics running, Statistics smoothed, float* map, float* shift)
    {
        int done = InstructionSet.Bits switch
        {
            512 => Solve<WideSimd512, Vector512<double>>(width, running, smoothed, map, shift),
            256 => Solve<WideSimd256, Vector256<double>>(width, running, smoothed, map, shift),
            _ => Solve<WideSimd128, Vector128<double>>(width, running, smoothed, map, shift),
        };
        for (int i = done; i < width; i++)
        {
            double ratio = Math.Min(Math.Max((double)smoothed.Variances[i] / running.Variances[i], lower), upper);
            bool isActive = running.Variances[i] > 0;
            map[i] = isActive ? (float)(strength * (Math.Sqrt(ratio) - 1)) : 0;
            shift[i] = isActive ? (float)(strength * ((double)smoothed.Means[i] - running.Means[i])) : 0;
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private int Solve<TWide, TVector>(int width, Statistics running, Statistics smoothed, float* map, float* shift)
        where TWide : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        TVector least = TWide.Broadcast(lower), most = TWide.Broadcast(upper), factor = TWide.Broadcast(strength), one = TWide.Broadcast(1);
        int i = 0;
        for (; i <= width - TWide.Width; i += TWide.Width)
        {
            TVector variance = TWide.LoadWide(running.Variances + i);
            TVector ratio = TWide.Min(TWide.Max(TWide.Divide(TWide.LoadWide(smoothed.Variances + i), variance), least), most);
            TWide.StoreNarrow(TWide.WherePositive(variance, TWide.Multiply(factor, TWide.Subtract(TWide.Sqrt(ratio), one))), map + i);
            TVector moved = TWide.Subtract(TWide.LoadWide(smoothed.Means + i), TWide.LoadWide(running.Means + i));
            TWide.StoreNarrow(TWide.WherePositive(variance, TWide.Multiply(factor, moved)), shift + i);
        }

        return i;
    }

    /// <summary>[D] means and variances of one bin.</summary>
    public readonly struct Statistics(float* means, float* variances)
    {
        public float* Means => means;

        public float* Variances => variances;
    }
}
