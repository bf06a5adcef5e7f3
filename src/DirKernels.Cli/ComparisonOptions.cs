using System.CommandLine;
using DirKernels.Data;

namespace DirKernels.Cli;

/// <summary>What the user asked of a comparison beside methods and training.</summary>
/// <param name="Parsed">The command line.</param>
/// <param name="Seeds">Seeds for each method.</param>
/// <param name="Device">Where to train.</param>
/// <param name="Json">JSON instead of text.</param>
/// <param name="Details">Further tables in the text.</param>
/// <param name="File">Where the result goes; null for standard output.</param>
/// <param name="Report">Reports.</param>
internal sealed record ComparisonOptions(ParseResult Parsed, int Seeds, DeviceName Device, bool Json, bool Details, string? File, ReportArguments Report)
{
    /// <summary>Label ranges that were dropped from training.</summary>
    public IReadOnlyList<LabelRange> Drops { get; init; } = [];

    /// <summary>Weight of the few-shot error when the methods are the dial; null otherwise.</summary>
    public double? TradeOff { get; init; }

    /// <summary>Prescribed regions of bins, as written; null to go by training counts.</summary>
    public string? Regions { get; init; }

    /// <summary>Measures whose tables are written.</summary>
    public IReadOnlyList<ComparisonMeasure> Measures { get; init; } = [];

    /// <summary>Minutes of a search; null for none.</summary>
    public double? BudgetMinutes { get; init; }

    /// <summary>Epochs of a search; null for none.</summary>
    public long? BudgetEpochs { get; init; }

    /// <summary>Whether methods are searched.</summary>
    public bool IsSearch => BudgetMinutes is not null || BudgetEpochs is not null;

    /// <summary>Threads to train with: a GPU takes one run after the other; processors share them out.</summary>
    public int Threads(TrainingSettings settings) =>
        Device.Kind != DeviceName.Kinds.Cpu ? 1 : settings.Threads == 0 ? Environment.ProcessorCount : settings.Threads;
}
