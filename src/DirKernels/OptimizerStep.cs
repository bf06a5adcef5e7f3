namespace DirKernels;

/// <summary>One step of an optimiser: its constants and its number.</summary>
/// <remarks>
/// A first moment below <see cref="SmallestFirst"/> and a second below <see cref="SmallestSecond"/> become 0. Where a gradient has become exactly 0, as that of a
/// unit that no row activates any more, moments decay towards numbers without a leading bit: rounding never lets them reach 0, and many processors take a hundred times
/// as long for each operation on them. What is lost moves a parameter by less than rate 2^-100 / epsilon.
/// </remarks>
/// <param name="Kind">Formula.</param>
/// <param name="Rate">Learning rate of this step.</param>
/// <param name="Beta1">Decay of the first moment, or the momentum of SGD.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">Decay of the parameters.</param>
/// <param name="Number">t, from 1.</param>
public readonly record struct OptimizerStep(
    OptimizerKind Kind, float Rate, float Beta1, float Beta2, float Epsilon, float WeightDecay, long Number)
{
    /// <summary>2^-100: first moments of smaller magnitude are 0. Their products with any learning rate above 2^-26 have full precision.</summary>
    public const float SmallestFirst = 1f / (1L << 50) / (1L << 50);

    /// <summary>2^-126, the smallest number of full precision: smaller second moments are 0.</summary>
    public const float SmallestSecond = SmallestFirst / (1 << 26);

    /// <summary>1 / (1 - beta1^t), in single precision.</summary>
    public float FirstCorrection => (float)(1 / (1 - Math.Pow(Beta1, Number)));

    /// <summary>1 / (1 - beta2^t), in single precision.</summary>
    public float SecondCorrection => (float)(1 / (1 - Math.Pow(Beta2, Number)));
}
