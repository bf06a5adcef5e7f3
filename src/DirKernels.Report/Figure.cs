namespace DirKernels.Report;

/// <summary>A figure: one or more panels with one title, one description for those who cannot see it, and a caption.</summary>
/// <param name="Id">Name of its file and of its place in a page: lower-case letters, digits and hyphens.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Description">What is to be seen in it, in a sentence or two with numbers; read out instead of the figure.</param>
/// <param name="Caption">How to read it, what it shows and what it does not.</param>
/// <param name="Panels">The panels.</param>
public sealed record Figure(string Id, string Title, string Description, string Caption, IReadOnlyList<Panel> Panels)
{
    /// <summary>Panels beside each other on a wide page; always one on a narrow page.</summary>
    public int Columns { get; init; } = 1;

    /// <summary>The figure as an SVG document of its own, for a paper or a slide: light, with a white ground.</summary>
    public string ToSvg() => FigureDrawing.Document(this);
}
