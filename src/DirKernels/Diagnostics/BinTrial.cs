namespace DirKernels.Diagnostics;

/// <summary>Bins and a window that weights were made with, and what they led to.</summary>
/// <param name="Bins">Bins behind the weights.</param>
/// <param name="Kernel">Window; null for weights without smoothing.</param>
/// <param name="ValidationErrors">bMAE on the validation rows over the bins of the evaluation, one for each seed.</param>
public sealed record BinTrial(LabelBins Bins, SmoothingKernel? Kernel, double[] ValidationErrors)
{
    /// <summary>Mean over the seeds.</summary>
    public double Mean => ValidationErrors.Average();

    /// <summary>The window in words.</summary>
    public string Window => Kernel is null ? "no smoothing" : FormattableString.Invariant($"{Kernel.Shape.ToString().ToLowerInvariant()}, {Kernel.Size} taps")
        + (Kernel.Shape == SmoothingKernelShape.Triangular ? "" : FormattableString.Invariant($", sigma {Kernel.Sigma}"));

    /// <summary>Width of a bin, the mean one where they differ.</summary>
    public double Width => (Bins.Edges[^1] - Bins.Edges[0]) / Bins.Count;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"width {Width:G4}, {Window}");
}
