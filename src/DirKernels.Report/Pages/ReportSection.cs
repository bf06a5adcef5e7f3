namespace DirKernels.Report;

/// <summary>A part of a report under its own heading.</summary>
/// <param name="Heading">The heading.</param>
/// <param name="Items">Paragraphs (<see cref="string"/>), <see cref="Figure"/>, <see cref="ReportTable"/>, in order.</param>
public sealed record ReportSection(string Heading, IReadOnlyList<object> Items);
