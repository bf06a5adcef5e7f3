using System.CommandLine;

namespace DirKernels.Cli;

/// <summary>What the user asked of a comparison beside methods and training.</summary>
/// <param name="Parsed">The command line.</param>
/// <param name="Seeds">Seeds for each method.</param>
/// <param name="Device">Where to train.</param>
/// <param name="Json">JSON instead of text.</param>
/// <param name="Details">Further tables in the text.</param>
/// <param name="File">Where the result goes; null for standard output.</param>
/// <param name="Report">Reports.</param>
internal sealed record ComparisonOptions(ParseResult Parsed, int Seeds, DeviceName Device, bool Json, bool Details, string? File, ReportArguments Report);
