using System.Text.Json;

namespace DirKernels.Cli;

/// <summary>What an option adds to a comparison, in its three forms.</summary>
/// <param name="WriteText">Writes text, ending with a line end.</param>
/// <param name="WriteJson">Writes properties.</param>
/// <param name="Section">The section of the report.</param>
internal sealed record ComparisonExtra(Action<TextWriter> WriteText, Action<Utf8JsonWriter> WriteJson, ReportSection Section);
