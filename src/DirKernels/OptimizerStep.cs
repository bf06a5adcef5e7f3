namespace DirKernels;

/// <summary>One step of an optimiser: its constants and its number.</summary>
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
    /// <summary>1 / (1 - beta1^t), in single precision.</summary>
    public float FirstCorrection => (float)(1 / (1 - Math.Pow(Beta1, Number)));

    /// <summary>1 / (1 - beta2^t), in single precision.</summary>
    public float SecondCorrection => (float)(1 / (1 - Math.Pow(Beta2, Number)));
}
