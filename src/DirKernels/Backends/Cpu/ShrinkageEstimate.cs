using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>Oracle approximating shrinkage of a covariance towards its diagonal; derivation at <see cref="Features.Shrinkage.Estimated"/>.</summary>
internal static unsafe class ShrinkageEstimate
{
    /// <summary>
    /// <c>(S + P) / (n S)</c>, at most 1, with S the sum of the squared covariances below the diagonals of the blocks and P that of the products of their two variances; 1
    /// where nothing is correlated.
    /// </summary>
    /// <param name="covariance">[D x g], lower triangles.</param>
    /// <param name="shape">D and g.</param>
    /// <param name="samples">n behind the covariance.</param>
    public static double Of(float* covariance, BinShape shape, long samples)
    {
        double squares = InstructionSet.Bits switch
        {
            512 => SumOfSquares<WideSimd512, Vector512<double>>(covariance, shape),
            256 => SumOfSquares<WideSimd256, Vector256<double>>(covariance, shape),
            _ => SumOfSquares<WideSimd128, Vector128<double>>(covariance, shape),
        };
        double products = 0, variancesBefore = 0;
        for (int i = 0; i < shape.Dimensions; i++)
        {
            int before = i % shape.BlockSize;
            double variance = covariance[(long)i * shape.BlockSize + before];
            variancesBefore = before == 0 ? 0 : variancesBefore;
            products += variance * variancesBefore;
            variancesBefore += variance;
        }

        return squares > 0 ? Math.Min(1, (squares + products) / (samples * squares)) : 1;
    }

    [MethodImpl(KernelMethod.Options)]
    private static double SumOfSquares<TWide, TVector>(float* row, BinShape shape)
        where TWide : struct, IWideSimd<TVector>
        where TVector : unmanaged
    {
        TVector sums = TWide.Zero, others = TWide.Zero;
        double sum = 0;
        for (int i = 0; i < shape.Dimensions; i++, row += shape.BlockSize)
        {
            int before = i % shape.BlockSize, j = 0;
            for (; j <= before - 2 * TWide.Width; j += 2 * TWide.Width)
            {
                TVector left = TWide.LoadWide(row + j), right = TWide.LoadWide(row + j + TWide.Width);
                sums = TWide.MultiplyAdd(left, left, sums);
                others = TWide.MultiplyAdd(right, right, others);
            }

            for (; j < before && j + TWide.Width <= shape.BlockSize; j += TWide.Width)
            {
                TVector rest = TWide.First(TWide.LoadWide(row + j), before - j);
                sums = TWide.MultiplyAdd(rest, rest, sums);
            }

            for (; j < before; j++)
            {
                sum += (double)row[j] * row[j];
            }
        }

        double* lanes = stackalloc double[TWide.Width];
        TWide.Store(TWide.Add(sums, others), lanes);
        for (int lane = 0; lane < TWide.Width; lane++)
        {
            sum += lanes[lane];
        }

        return sum;
    }
}
