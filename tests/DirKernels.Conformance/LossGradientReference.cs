namespace DirKernels.Conformance;

/// <summary>Losses of one error and their derivatives, as published.</summary>
public static class LossGradientReference
{
    public static double Value(RegressionLoss loss, double error)
    {
        double size = Math.Abs(error);
        return loss.Kind switch
        {
            RegressionLossKind.L1 => size,
            RegressionLossKind.Mse => error * error,
            RegressionLossKind.Huber => size < loss.HuberBeta ? 0.5 * error * error / loss.HuberBeta : size - 0.5 * loss.HuberBeta,
            RegressionLossKind.FocalL1 => size * Math.Pow(Focus(loss, size), loss.FocalGamma),
            RegressionLossKind.FocalMse => error * error * Math.Pow(Focus(loss, size), loss.FocalGamma),
            _ => throw new ArgumentOutOfRangeException(nameof(loss)),
        };
    }

    public static double Derivative(RegressionLoss loss, double error)
    {
        double size = Math.Abs(error);
        switch (loss.Kind)
        {
            case RegressionLossKind.L1:
                return double.IsNaN(error) ? error : Math.Sign(error);
            case RegressionLossKind.Mse:
                return 2 * error;
            case RegressionLossKind.Huber:
                return size < loss.HuberBeta ? error / loss.HuberBeta : double.IsNaN(error) ? error : Math.Sign(error);
        }

        if (size == 0)
        {
            return 0;
        }

        double focus = Focus(loss, size);
        double basis = loss.Kind == RegressionLossKind.FocalL1 ? size : size * size;
        double basisSlope = loss.Kind == RegressionLossKind.FocalL1 ? 1 : 2 * size;
        double focusSlope = loss.FocalGamma * Math.Pow(focus, loss.FocalGamma - 1) * FocusSlope(loss, size);
        return (error < 0 ? -1 : 1) * (basisSlope * Math.Pow(focus, loss.FocalGamma) + basis * focusSlope);
    }

    private static double Focus(RegressionLoss loss, double size) => loss.FocalActivation == FocalActivation.Tanh
        ? Math.Tanh(loss.FocalBeta * size)
        : OneMinusDecay(loss.FocalBeta * size) / (1 + Math.Exp(-loss.FocalBeta * size));

    // 1 - exp(-x); by its series near 0, where the difference would cancel: the next term is x^4 / 24.
    private static double OneMinusDecay(double x) => x < 1e-4 ? x - x * x / 2 + x * x * x / 6 : 1 - Math.Exp(-x);

    private static double FocusSlope(RegressionLoss loss, double size)
    {
        if (loss.FocalActivation == FocalActivation.Tanh)
        {
            double cosh = Math.Cosh(loss.FocalBeta * size);
            return loss.FocalBeta / (cosh * cosh);
        }

        double decay = Math.Exp(-loss.FocalBeta * size);
        return 2 * loss.FocalBeta * decay / ((1 + decay) * (1 + decay));
    }
}
