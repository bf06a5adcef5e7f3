namespace DirKernels;

/// <summary>How a focal loss turns an error into a factor in 0..1.</summary>
public enum FocalActivation
{
    /// <summary>t = 2 sigmoid(beta |e|) - 1.</summary>
    Sigmoid,

    /// <summary>t = tanh(beta |e|).</summary>
    Tanh,
}
