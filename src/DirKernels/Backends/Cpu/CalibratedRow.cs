using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <summary>One row on its way through diagonal calibration and one output, forwards and backwards: <c>z~ = z + map (z - mean) + shift</c> is formed in registers.</summary>
internal readonly unsafe ref struct CalibratedRow<TSimd, TVector>(float* z, float* mean, float* map, float* shift, int width)
    where TSimd : struct, ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary><c>sum_j z~[j] weights[j]</c>.</summary>
    /// <param name="weights">[width].</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Dot(float* weights)
    {
        // Two sums hide half of the delay of an addition; rows are short.
        TVector even = TSimd.Zero, odd = TSimd.Zero;
        int j = 0;
        for (; j <= width - 2 * TSimd.Width; j += 2 * TSimd.Width)
        {
            even = TSimd.MultiplyAdd(Calibrated(j), TSimd.Load(weights + j), even);
            odd = TSimd.MultiplyAdd(Calibrated(j + TSimd.Width), TSimd.Load(weights + j + TSimd.Width), odd);
        }

        if (j <= width - TSimd.Width)
        {
            even = TSimd.MultiplyAdd(Calibrated(j), TSimd.Load(weights + j), even);
            j += TSimd.Width;
        }

        float sum = TSimd.Sum(TSimd.Add(even, odd));
        for (; j < width; j++)
        {
            sum += CalibratedAt(j) * weights[j];
        }

        return sum;
    }

    /// <summary>The way back: <c>sums[j] += factor z~[j]</c> and <c>gradient[j] = factor weights[j] (1 + map[j])</c>.</summary>
    /// <param name="weights">[width].</param>
    /// <param name="factor">Gradient of the output.</param>
    /// <param name="sums">[width].</param>
    /// <param name="gradient">[width].</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Differentiate(float* weights, float factor, float* sums, float* gradient)
    {
        TVector factors = TSimd.Broadcast(factor);
        int j = 0;
        for (; j <= width - TSimd.Width; j += TSimd.Width)
        {
            TSimd.Store(TSimd.MultiplyAdd(factors, Calibrated(j), TSimd.Load(sums + j)), sums + j);
            TVector product = TSimd.Multiply(factors, TSimd.Load(weights + j));
            TSimd.Store(TSimd.MultiplyAdd(product, TSimd.Load(map + j), product), gradient + j);
        }

        for (; j < width; j++)
        {
            sums[j] += factor * CalibratedAt(j);
            float product = factor * weights[j];
            gradient[j] = product + product * map[j];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector Calibrated(int j)
    {
        TVector value = TSimd.Load(z + j);
        return TSimd.MultiplyAdd(TSimd.Subtract(value, TSimd.Load(mean + j)), TSimd.Load(map + j), TSimd.Add(value, TSimd.Load(shift + j)));
    }

    private float CalibratedAt(int j) => z[j] + shift[j] + (z[j] - mean[j]) * map[j];
}
