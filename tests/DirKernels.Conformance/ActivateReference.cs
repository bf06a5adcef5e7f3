namespace DirKernels.Conformance;

/// <summary>Activations by their definitions.</summary>
public static class ActivateReference
{
    public static double Value(Activation activation, double x) => activation switch
    {
        Activation.Identity => x,
        Activation.Relu => x > 0 ? x : double.IsNaN(x) ? x : 0,
        Activation.Tanh => Math.Tanh(x),
        Activation.Silu => x / (1 + Math.Exp(-x)),
        Activation.Gelu => x * NormalDistributionReference.Distribution(x),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };

    /// <summary>Bound of the error that single precision makes at x.</summary>
    public static double Bound(Activation activation, double x, double value) => activation switch
    {
        Activation.Identity or Activation.Relu => 0,

        // The exponential, the sum, the quotient and the product round once or twice each: 6 roundings. Where exp(-x) overflows, x < -88.7, silu is
        // -0 and what is lost is below 88.8 exp(-88.7) = 3e-37.
        Activation.Silu => 6 * ErrorBound.Unit * Math.Abs(value) + 3e-37,

        // z / (z + 2) with z = exp(-2|x|) - 1 in (-1, 0]: the rounding of z (u/2 near -1) doubles in the quotient, exp, the sum and the quotient round
        // once each. Absolute, since z cancels near 0.
        Activation.Tanh => 4 * ErrorBound.Unit,

        // As documented at Activation.Gelu.
        _ => 4e-7 * (1 + Math.Abs(x)),
    };

    /// <summary>Largest slope: by how much an error of the argument can grow.</summary>
    public static double Slope(Activation activation) => activation switch
    {
        Activation.Silu => 1.1, // at x = 2.4
        Activation.Gelu => 1.13, // at x = sqrt(2)
        _ => 1,
    };
}
