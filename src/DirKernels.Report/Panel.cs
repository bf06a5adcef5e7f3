namespace DirKernels.Report;

/// <summary>One coordinate system of a figure with what is drawn in it.</summary>
/// <param name="X">Horizontal axis.</param>
/// <param name="Y">Vertical axis; its label stands above the panel.</param>
/// <param name="Marks">What is drawn, the first at the back.</param>
public sealed record Panel(Axis X, Axis Y, IReadOnlyList<Mark> Marks)
{
    /// <summary>Name of the panel when its figure has several.</summary>
    public string? Title { get; init; }

    /// <summary>Height of the coordinate system over its width, on a wide page; null for what suits the axes.</summary>
    public double? Aspect { get; init; }

    /// <summary>Whether the first category of the vertical axis is at the top, and numbers grow downwards.</summary>
    public bool IsTopDown { get; init; }

    /// <summary>A colour scale beside the legend; null for none.</summary>
    public ColorScale? Scale { get; init; }

    /// <summary>Names of marks are told by a legend; false where they stand beside the marks, or another panel tells them.</summary>
    public bool HasLegend { get; init; } = true;
}
