using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <summary>One row around the mean of its bin, forwards and backwards through one output: <c>x = z - mean</c> is formed in registers.</summary>
internal static unsafe class CentredRow
{
    /// <summary><c>sum_j (z[j] - mean[j]) weights[j]</c>.</summary>
    /// <param name="z">[width].</param>
    /// <param name="mean">[width].</param>
    /// <param name="weights">[width].</param>
    /// <param name="width">Elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot<TSimd, TVector>(float* z, float* mean, float* weights, int width)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        // Two sums hide half of the delay of an addition; rows are short.
        TVector even = TSimd.Zero, odd = TSimd.Zero;
        int j = 0;
        for (; j <= width - 2 * TSimd.Width; j += 2 * TSimd.Width)
        {
            int next = j + TSimd.Width;
            even = TSimd.MultiplyAdd(TSimd.Subtract(TSimd.Load(z + j), TSimd.Load(mean + j)), TSimd.Load(weights + j), even);
            odd = TSimd.MultiplyAdd(TSimd.Subtract(TSimd.Load(z + next), TSimd.Load(mean + next)), TSimd.Load(weights + next), odd);
        }

        if (j <= width - TSimd.Width)
        {
            even = TSimd.MultiplyAdd(TSimd.Subtract(TSimd.Load(z + j), TSimd.Load(mean + j)), TSimd.Load(weights + j), even);
            j += TSimd.Width;
        }

        float sum = TSimd.Sum(TSimd.Add(even, odd));
        for (; j < width; j++)
        {
            sum += (z[j] - mean[j]) * weights[j];
        }

        return sum;
    }

    /// <summary>The way back: <c>sums[j] += factor (z[j] - mean[j])</c> and <c>gradient[j] = factor weights[j]</c>.</summary>
    /// <param name="z">[width].</param>
    /// <param name="mean">[width].</param>
    /// <param name="weights">[width].</param>
    /// <param name="width">Elements.</param>
    /// <param name="factor">Gradient of the output.</param>
    /// <param name="adds">Adds to the gradient.</param>
    /// <param name="sums">[width].</param>
    /// <param name="gradient">[width].</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Differentiate<TSimd, TVector>(float* z, float* mean, float* weights, int width, float factor, bool adds, float* sums, float* gradient)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector factors = TSimd.Broadcast(factor);
        int j = 0;
        for (; j <= width - TSimd.Width; j += TSimd.Width)
        {
            TSimd.Store(TSimd.MultiplyAdd(factors, TSimd.Subtract(TSimd.Load(z + j), TSimd.Load(mean + j)), TSimd.Load(sums + j)), sums + j);
            TVector product = TSimd.Multiply(factors, TSimd.Load(weights + j));
            TSimd.Store(adds ? TSimd.Add(product, TSimd.Load(gradient + j)) : product, gradient + j);
        }

        for (; j < width; j++)
        {
            sums[j] += factor * (z[j] - mean[j]);
            gradient[j] = (adds ? gradient[j] : 0) + factor * weights[j];
        }
    }
}
