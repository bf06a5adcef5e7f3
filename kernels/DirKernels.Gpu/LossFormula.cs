namespace DirKernels.Gpu;

/// <summary>
/// The losses of <see cref="RegressionLoss"/> for one error. The formulas are repeated here for one reason: the library's tanh and pow become approximations
/// on a device, these come from <see cref="ScalarFunctions"/>.
/// </summary>
internal static class LossFormula
{
    /// <summary>l(e) and l'(e).</summary>
    public static float Evaluate(in RegressionLoss loss, float error, out float derivative)
    {
        float magnitude = MathF.Abs(error);
        float sign = error > 0 ? 1f : error < 0 ? -1f : error; // NaN stays NaN
        if (loss.Kind == RegressionLossKind.L1)
        {
            derivative = sign;
            return magnitude;
        }

        if (loss.Kind == RegressionLossKind.Mse)
        {
            derivative = 2f * error;
            return error * error;
        }

        if (loss.Kind == RegressionLossKind.Huber)
        {
            bool inside = magnitude < loss.HuberBeta;
            derivative = inside ? error / loss.HuberBeta : sign;
            return inside ? 0.5f * error * error / loss.HuberBeta : magnitude - 0.5f * loss.HuberBeta;
        }

        bool squared = loss.Kind == RegressionLossKind.FocalMse;
        float value = squared ? error * error : magnitude, slope = squared ? 2f * magnitude : 1f;
        float inner = loss.FocalActivation == FocalActivation.Tanh ? loss.FocalBeta : 0.5f * loss.FocalBeta;
        float t = ScalarFunctions.Tanh(inner * magnitude);
        float factor = loss.FocalGamma == 1f ? t : loss.FocalGamma == 0f ? 1f : ScalarFunctions.Power(t, loss.FocalGamma);
        float factorSlope = loss.FocalGamma == 0f || t == 0f ? 0f : loss.FocalGamma * factor / t * inner * (1f - t * t);
        derivative = sign * (slope * factor + value * factorSlope);
        return value * factor;
    }
}
