using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>A linear head of one output behind diagonal calibration, forwards and backwards row by row, without calibrated features in memory.</summary>
internal unsafe struct DiagonalHead
{
    public RowCalibration Calibration;
    public RegressionLoss Loss;

    /// <summary>n.</summary>
    public int Rows;

    /// <summary>[n] rows of the batch in the table.</summary>
    public int* RowNumbers;
    public float* AllTargets;

    /// <summary>[N], or null.</summary>
    public float* AllWeights;

    /// <summary>[D].</summary>
    public float* Weights;
    public float Bias;

    /// <summary>A block of rows.</summary>
    /// <param name="first">First row in the batch.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="features">[rows x D].</param>
    /// <param name="featureGradient">[rows x D], receives the gradient of the features.</param>
    /// <param name="sums">[D], receives that of the weights.</param>
    /// <param name="slopes">Receives that of the bias.</param>
    /// <returns>The weighted loss.</returns>
    public readonly double Run(int first, int rows, float* features, float* featureGradient, float* sums, out float slopes) => InstructionSet.Bits switch
    {
        512 => Run<Simd512, Vector512<float>>(first, rows, features, featureGradient, sums, out slopes),
        256 => Run<Simd256, Vector256<float>>(first, rows, features, featureGradient, sums, out slopes),
        _ => Run<Simd128, Vector128<float>>(first, rows, features, featureGradient, sums, out slopes),
    };

    [MethodImpl(KernelMethod.Options)]
    private readonly double Run<TSimd, TVector>(int first, int rows, float* features, float* featureGradient, float* sums, out float slopes)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int width = Calibration.Dimensions;
        float share = 1f / Rows, slopesSoFar = 0;
        double loss = 0;
        new Span<float>(sums, width).Clear();
        for (int i = 0; i < rows; i++)
        {
            long row = RowNumbers[first + i], bin = (long)Calibration.Bins[first + i] * width, at = (long)i * width;
            var z = new CalibratedRow<TSimd, TVector>(features + at, Calibration.Means + bin, Calibration.Maps + bin, Calibration.Shifts + bin, width);
            float weight = AllWeights == null ? 1 : AllWeights[row];
            loss += (double)weight * Loss.Evaluate(z.Dot(Weights) + Bias - AllTargets[row], out float derivative);
            float slope = weight * derivative * share;
            slopesSoFar += slope;
            z.Differentiate(Weights, slope, sums, featureGradient + at);
        }

        slopes = slopesSoFar;
        return loss;
    }
}
