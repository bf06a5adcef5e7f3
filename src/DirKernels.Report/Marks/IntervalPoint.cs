namespace DirKernels.Report;

/// <summary>A point with what is known of how far off it may be.</summary>
/// <param name="Name">What it belongs to.</param>
/// <param name="X">Horizontal number.</param>
/// <param name="Y">Vertical number.</param>
/// <param name="XLower">Lower end of the horizontal interval; null for none.</param>
/// <param name="XUpper">Its upper end.</param>
/// <param name="YLower">Lower end of the vertical interval; null for none.</param>
/// <param name="YUpper">Its upper end.</param>
public readonly record struct IntervalPoint(
    string Name, double X, double Y, double? XLower = null, double? XUpper = null, double? YLower = null, double? YUpper = null)
{
    /// <summary>What stands beside the point; null for its name.</summary>
    public string? Label { get; init; }
}
