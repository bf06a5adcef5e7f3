namespace DirKernels;

/// <summary>How a sequence continues beyond its ends when it is convolved with a smoothing kernel.</summary>
public enum Boundary
{
    /// <summary>Zeros: <c>0 0 | a b c d | 0 0</c>. The default of label distribution smoothing.</summary>
    Zero,

    /// <summary>Half-sample symmetric, the end value repeated: <c>b a | a b c d | d c</c>.</summary>
    Symmetric,

    /// <summary>Whole-sample symmetric, the end value not repeated: <c>c b | a b c d | c b</c>. Used by feature distribution smoothing.</summary>
    Mirror,
}
