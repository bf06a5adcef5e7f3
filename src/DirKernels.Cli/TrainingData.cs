using System.CommandLine;
using DirKernels.Data;
using DirKernels.Methods;

namespace DirKernels.Cli;

/// <summary>A table made ready for training: split, encoded, with its label bins.</summary>
/// <param name="Regression">The encoded parts.</param>
/// <param name="Split">Which rows do what.</param>
/// <param name="Bins">Label bins.</param>
internal sealed record TrainingData(RegressionData Regression, DataSplit Split, LabelBins Bins)
{
    /// <summary>Training rows that were left out for their labels.</summary>
    public int DroppedRows { get; init; }

    /// <summary>Reads the table that the arguments name and makes it ready.</summary>
    /// <exception cref="InvalidDataException">The table, its target or its split cannot be used.</exception>
    public static TrainingData Read(
        ParseResult parsed, TableArguments arguments, TrainingSettings settings, CommandStreams streams, CancellationToken cancellation,
        IReadOnlyList<LabelRange>? drops = null)
    {
        Table table = TableFile.Read(arguments.File(parsed), new TableOptions { Missing = settings.Missing }, streams.Input, cancellation);
        string target = arguments.Target(parsed);
        table.Labels(target);
        return Create(table, target, arguments.Split(parsed, table), settings, drops);
    }

    /// <summary>Makes a table ready.</summary>
    /// <param name="table">The table.</param>
    /// <param name="target">The label column.</param>
    /// <param name="split">The split that the table says, or null for the balanced one.</param>
    /// <param name="settings">Bins and seed.</param>
    /// <param name="drops">Label ranges whose training rows are left out, once bins are made and rows are split; null for none.</param>
    /// <exception cref="InvalidDataException">Too few or equal labels, no validation rows, or columns that cannot be encoded.</exception>
    public static TrainingData Create(Table table, string target, DataSplit? split, TrainingSettings settings, IReadOnlyList<LabelRange>? drops = null)
    {
        double[] labels = table.Labels(target);
        double[] fitLabels = split is null ? labels : Array.ConvertAll(split.Train, row => labels[row]);
        TrainingConditions.ThrowIfNothingToLearn(table.Name, target, fitLabels);

        // Without a split there are no training labels yet: the split is balanced over bins of all labels.
        LabelBins bins = settings.Labels.BinsFor(fitLabels);
        DataSplit chosen = split ?? BalancedSplit.Create(table, target, bins, settings.Seed);
        if (chosen.Validation.Length == 0)
        {
            throw TrainingConditions.NothingValidates(table.Name, table.RowCount, chosen.Column);
        }

        int before = chosen.Train.Length;
        chosen = drops is { Count: > 0 } ? ZeroShot.Drop(chosen, labels, drops) : chosen;
        return new TrainingData(RegressionData.Create(table, target, chosen), chosen, bins) { DroppedRows = before - chosen.Train.Length };
    }

    /// <summary>The rows of a part, with what resampling has to know of their columns.</summary>
    public ComparisonRows RowsOf(RegressionPart part) => new(part.Inputs, part.Labels) { OneHotGroups = Regression.Encoder.OneHotGroups };
}
