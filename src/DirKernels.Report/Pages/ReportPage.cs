namespace DirKernels.Report;

/// <summary>A report: one self-contained HTML file with figures, tables and what is needed to repeat it; no script, no network.</summary>
/// <param name="Title">What was examined.</param>
/// <param name="Lead">The answer in a sentence or two.</param>
/// <param name="Sections">The parts, in order.</param>
public sealed record ReportPage(string Title, string Lead, IReadOnlyList<ReportSection> Sections)
{
    /// <summary>The figures of all sections, in order.</summary>
    public IEnumerable<Figure> Figures => Sections.SelectMany(section => section.Items).OfType<Figure>();

    /// <summary>The file's text: HTML that is well-formed XML.</summary>
    public string ToHtml() => PageDrawing.Draw(this);
}
