namespace DirKernels;

/// <summary>
/// The scalar formula of equal-width bins: <c>b = clamp(floor((y - Lower) / Width + 1e-9), 0, Count - 1)</c>.
/// </summary>
/// <remarks>
/// Blittable, so that every backend evaluates the same formula. The tolerance of one thousand-millionth of a bin puts labels such as 0.3 with
/// bins of 0.1, whose quotient rounds to 2.9999999999999996, into the bin that a reader of the decimal number expects.
/// </remarks>
/// <param name="Lower">Lower edge of bin 0.</param>
/// <param name="Width">Width of every bin, positive.</param>
/// <param name="Count">Number of bins B, at least 1.</param>
public readonly record struct UniformBinRule(double Lower, double Width, int Count)
{
    /// <summary>Share of a bin by which a label may lie below an edge and still count as on it.</summary>
    public const double EdgeTolerance = 1e-9;

    /// <summary>The bin of a finite label; labels outside the range clamp to the end bins.</summary>
    public int IndexOf(double label)
    {
        double position = Math.Floor((label - Lower) / Width + EdgeTolerance);
        return (int)Math.Max(0, Math.Min(Count - 1, position));
    }
}
