namespace DirKernels.Data;

/// <summary>An interval of labels, both ends included.</summary>
public readonly record struct LabelRange
{
    /// <summary>The labels from <paramref name="lower"/> to <paramref name="upper"/>, both included; infinite ends are allowed.</summary>
    /// <exception cref="ArgumentException">An end is NaN, or the lower one is above the upper one.</exception>
    public LabelRange(double lower, double upper)
    {
        if (!(lower <= upper))
        {
            throw new ArgumentException($"label range: the lower end {lower} must not be above the upper end {upper}");
        }

        Lower = lower;
        Upper = upper;
    }

    /// <summary>Lower end.</summary>
    public double Lower { get; }

    /// <summary>Upper end.</summary>
    public double Upper { get; }

    /// <summary>Whether the label lies in the range.</summary>
    public bool Contains(double label) => label >= Lower && label <= Upper;
}
