using System.Runtime.CompilerServices;

namespace DirKernels;

/// <summary>
/// A loss l(e) of one error e = prediction - target, and its derivative. Blittable: every backend evaluates this formula.
/// </summary>
/// <remarks>
/// l1 |e|; mse e^2; huber 0.5 e^2/b below b and |e| - 0.5 b above; focal-l1 and focal-mse: base times t^gamma with
/// t = 2 sigmoid(beta |e|) - 1 or tanh(beta |e|). The derivative at 0 is 0. Source: Yang et al., ICML 2021, section 4 (focal-R).
/// </remarks>
/// <param name="Kind">Formula.</param>
/// <param name="HuberBeta">b of huber, positive.</param>
/// <param name="FocalBeta">beta of the focal losses, positive; 0.2 in the published results.</param>
/// <param name="FocalGamma">gamma of the focal losses, not negative; 1 in the published results.</param>
/// <param name="FocalActivation">How t is made.</param>
public readonly record struct RegressionLoss(
    RegressionLossKind Kind,
    float HuberBeta = 1,
    float FocalBeta = 0.2f,
    float FocalGamma = 1,
    FocalActivation FocalActivation = FocalActivation.Sigmoid)
{
    /// <summary>|e|.</summary>
    public static RegressionLoss L1 => new(RegressionLossKind.L1);

    /// <summary>e^2.</summary>
    public static RegressionLoss Mse => new(RegressionLossKind.Mse);

    /// <summary>Huber loss with threshold beta.</summary>
    public static RegressionLoss Huber(float beta) => new(RegressionLossKind.Huber, HuberBeta: beta);

    /// <summary>The value l(e) and the derivative l'(e).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Evaluate(float error, out float derivative)
    {
        float magnitude = MathF.Abs(error);

        // One branch that is always taken: signs of errors cannot be guessed. Zero and NaN stay what they are.
        float sign = magnitude > 0 ? MathF.CopySign(1f, error) : error;
        switch (Kind)
        {
            case RegressionLossKind.L1:
                derivative = sign;
                return magnitude;
            case RegressionLossKind.Mse:
                derivative = 2 * error;
                return error * error;
            case RegressionLossKind.Huber:
                if (magnitude < HuberBeta)
                {
                    derivative = error / HuberBeta;
                    return 0.5f * error * error / HuberBeta;
                }

                derivative = sign;
                return magnitude - 0.5f * HuberBeta;
            default:
                return EvaluateFocal(error, magnitude, sign, out derivative);
        }
    }

    /// <summary>Throws when a parameter is out of its range.</summary>
    /// <exception cref="ArgumentException">huber beta or focal beta not positive, or gamma negative.</exception>
    public void Validate()
    {
        if (!(HuberBeta > 0) || !(FocalBeta > 0) || !(FocalGamma >= 0))
        {
            throw new ArgumentException($"loss: huber beta {HuberBeta} and focal beta {FocalBeta} must be positive, focal gamma {FocalGamma} not negative");
        }
    }

    private float EvaluateFocal(float error, float magnitude, float sign, out float derivative)
    {
        bool squared = Kind == RegressionLossKind.FocalMse;
        float value = squared ? error * error : magnitude;
        float slope = squared ? 2 * magnitude : 1;

        // 2 sigmoid(x) - 1 is tanh(x/2): one formula, exact near 0 where the difference of sigmoids would cancel.
        float inner = FocalActivation == FocalActivation.Tanh ? FocalBeta : 0.5f * FocalBeta;
        float t = MathF.Tanh(inner * magnitude);
        float factor = FocalGamma == 1 ? t : MathF.Pow(t, FocalGamma);
        float factorSlope = FocalGamma == 0 || t == 0
            ? 0
            : FocalGamma * factor / t * inner * (1 - t * t);
        derivative = sign * (slope * factor + value * factorSlope);
        return value * factor;
    }
}
