using System.CommandLine;
using DirKernels.Data;
using DirKernels.Labels;

namespace DirKernels.Cli;

/// <summary><c>dirkernels weights</c>: the weight of every sample by label distribution smoothing, for a model of any kind.</summary>
internal static class WeightsCommand
{
    public static Command Create(CommandStreams streams, CancellationToken cancellation)
    {
        var arguments = new TableArguments();
        var smoothing = new LabelSmoothingOptions();
        var weighting = new WeightArguments();
        var file = new Option<string?>("--out") { Description = "Write to this file instead of standard output.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Write the table of bins as JSON instead of one CSV row per sample." };
        var command = new Command(
            "weights",
            "Label distribution smoothing: weights inverse to the smoothed label density of the training rows, with mean 1 over these. Every row gets a weight.");
        arguments.AddTo(command);
        smoothing.AddTo(command);
        foreach (Option option in weighting.Ranges)
        {
            command.Add(option);
        }

        command.Add(file);
        command.Add(json);
        command.SetAction(parsed => Run(
            arguments, smoothing.Read(parsed), weighting.Range(parsed), parsed, parsed.GetValue(json), parsed.GetValue(file), streams, cancellation));
        return command;
    }

    private static int Run(
        TableArguments arguments, LabelSmoothingSettings settings, WeightRange? range, ParseResult parsed, bool json, string? file, CommandStreams streams, CancellationToken cancellation)
    {
        if (settings is { FixedBins: { } bins, Kernel: { } kernel })
        {
            kernel.ThrowIfWiderThan(bins.Count);
        }

        var options = new TableOptions { Columns = arguments.LabelColumns(parsed) };
        Table table = TableFile.Read(arguments.File(parsed), options, streams.Input, cancellation);
        string target = arguments.Target(parsed);
        double[] labels = table.Labels(target);
        DataSplit? split = arguments.Split(parsed, table);
        double[] trainLabels = split is null ? labels : Array.ConvertAll(split.Train, row => labels[row]);
        if (Array.TrueForAll(trainLabels, label => label == trainLabels[0]))
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"{table.Name}: column '{target}': all {trainLabels.Length} training labels are equal to {trainLabels[0]}; there is nothing to weigh"));
        }

        LabelWeights weights = LabelDistributionSmoothing.Fit(trainLabels, settings.BinsFor(trainLabels), settings.Kernel, settings.Reweighting, settings.Boundary);
        weights = range?.Apply(weights) ?? weights;
        cancellation.ThrowIfCancellationRequested();
        void Write(TextWriter writer)
        {
            if (json)
            {
                WeightsOutput.WriteJson(writer, weights, labels.Length);
            }
            else
            {
                WeightsOutput.WriteRows(writer, weights, labels, cancellation);
            }
        }

        ResultOutput.Write(file, streams.Output, Write);
        return ExitCode.Success;
    }
}
