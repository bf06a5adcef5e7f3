using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    private static IEnumerable<RegressionLoss> Losses =>
        from kind in Enum.GetValues<RegressionLossKind>()
        from gamma in kind is RegressionLossKind.FocalL1 or RegressionLossKind.FocalMse ? new[] { 0f, 0.5f, 1f, 2f } : [1f]
        from focal in kind is RegressionLossKind.FocalL1 or RegressionLossKind.FocalMse ? Enum.GetValues<FocalActivation>() : [FocalActivation.Sigmoid]
        select new RegressionLoss(kind, HuberBeta: 0.7f, FocalBeta: 0.4f, FocalGamma: gamma, FocalActivation: focal);

    [Fact]
    public void LossGradientOfEveryLoss()
    {
        foreach (RegressionLoss loss in Losses)
        {
            foreach ((int rows, int targets) in new[] { (0, 1), (1, 1), (1, 3), (7, 1), (7, 3), (256, 1), (257, 3) })
            {
                foreach (bool weighted in new[] { false, true })
                {
                    float[] target = SampleNumbers.Normal(1, rows * targets), prediction = SampleNumbers.Normal(2, rows * targets, deviation: 3);
                    CheckLossGradient(loss, prediction, target, weighted ? SampleNumbers.Uniform(3, rows, 0, 4) : null, targets);
                }
            }
        }
    }

    [Fact]
    public void LossGradientLengthsUpTo256()
    {
        for (int rows = 0; rows <= 256; rows++)
        {
            CheckLossGradient(RegressionLoss.Huber(0.7f), SampleNumbers.Normal(rows, rows), SampleNumbers.Normal(rows + 1, rows), SampleNumbers.Uniform(3, rows, 0, 4), 1);
        }
    }

    [Fact]
    public void LossGradientOfErrorsNearZeroAndFarAway()
    {
        float[] errors = [0, -0f, 1e-20f, -1e-20f, 1e-6f, -1e-6f, 0.7f, -0.7f, 30, -30, 1000, -1000];
        foreach (RegressionLoss loss in Losses)
        {
            CheckLossGradient(loss, errors, new float[errors.Length], null, 1);
        }
    }

    [Fact]
    public void LossGradientKeepsNaNAtItsElementAndShowsItInTheSum()
    {
        foreach (RegressionLoss loss in Losses.Where(l => l.FocalGamma > 0))
        {
            using var operands = new GuardedOperands(Backend);
            GuardedBuffer<float> gradient = operands.Output<float>(5);
            GuardedBuffer<double> sum = operands.Updated([0.0]);
            Backend.LossGradient(loss, operands.Input([1f, 2, float.NaN, 4, 5]), operands.Input(new float[5]), default, 1, gradient, sum);
            Assert.Equal([false, false, true, false, false], gradient.Read().Select(float.IsNaN));
            Assert.True(double.IsNaN(sum.Read()[0]));
        }
    }

    [Fact]
    public void LossGradientIsTheSlopeOfTheLoss()
    {
        foreach (RegressionLoss loss in Losses)
        {
            foreach (double error in new[] { -30, -2.5, -0.9, -0.31, 0.11, 0.5, 1.3, 12 })
            {
                // h^2 / 6 times third derivatives below 100 is 2e-9 at h = 1e-5; values below 1e3 round to 1e-13 / h = 1e-8.
                const double H = 1e-5;
                double slope = (LossGradientReference.Value(loss, error + H) - LossGradientReference.Value(loss, error - H)) / (2 * H);
                Assert.Equal(slope, LossGradientReference.Derivative(loss, error), 2e-8);
            }
        }
    }

    [Fact]
    public void LossGradientGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<float> gradient = operands.Output<float>(30_003);
        GuardedBuffer<double> sum = operands.Updated([0.25]);
        backend.LossGradient(
            RegressionLoss.Huber(0.7f), operands.Input(SampleNumbers.Normal(1, 30_003)), operands.Input(SampleNumbers.Normal(2, 30_003)), operands.Input(SampleNumbers.Uniform(3, 10_001, 0, 2)), 3, gradient, sum);
        bits.Add(gradient.Read());
        bits.Add(sum.Read());
    });

    private void CheckLossGradient(RegressionLoss loss, float[] prediction, float[] target, float[]? weight, int targets)
    {
        const double Before = 3.5;
        int count = prediction.Length;
        var expected = new double[count];
        var bounds = new double[count];
        double sum = Before, sumBound = 0;
        for (int i = 0; i < count; i++)
        {
            double w = weight?[i / targets] ?? 1, e = (double)prediction[i] - target[i];
            double value = LossGradientReference.Value(loss, e), derivative = LossGradientReference.Derivative(loss, e);
            expected[i] = w * derivative / count;
            sum += w * value / targets;

            // The error rounds once, which powers up to e^4 raise to 4u; tanh, pow and products add up to 12 roundings. In the slope of the focus 1 - t^2
            // cancels: an absolute error of 2u times gamma inner value.
            double relative = 16 * U, focal = loss.Kind >= RegressionLossKind.FocalL1 ? 4 * U * loss.FocalGamma * loss.FocalBeta * Math.Max(1, Math.Abs(e)) * Math.Abs(e) : 0;
            bounds[i] = w / count * (relative * Math.Abs(derivative) + focal);
            sumBound += relative * w * value / targets;
        }

        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> gradient = operands.Output<float>(count);
        GuardedBuffer<double> total = operands.Updated([Before]);
        Backend.LossGradient(
            loss, operands.Input(prediction), operands.Input(target), weight is null ? default : operands.Input(weight), targets, gradient, total);
        string what = $"{loss} of {count} with {targets}";
        ErrorBound.Check(expected, gradient.Read(), i => bounds[i], what);
        ErrorBound.Check([sum], total.Read(), _ => sumBound + 1e-12, what + " sum");
        operands.CheckInputs();
    }
}
