using System.CommandLine;
using DirKernels.Data;
using DirKernels.Evaluation;
using DirKernels.Methods;

namespace DirKernels.Cli;

/// <summary><c>dirkernels compare</c>: which method helps on a table, where, and by how much.</summary>
internal static class CompareCommand
{
    private const int MostSeeds = 1000;

    public static Command Create(CommandStreams streams, CancellationToken cancellation)
    {
        var table = new TableArguments(optional: true);
        var training = new TrainingArguments();
        var device = new DeviceOption();
        var methods = new Option<string>("--methods")
        {
            Description = "Methods to train, each made of parts joined by +, or all for every part; the first is the baseline.",
            HelpName = "METHOD,METHOD,...|all",
            DefaultValueFactory = _ => "vanilla,sqinv,lds,fds,lds+fds",
        };
        var seeds = new Option<int>("--seeds") { Description = "Seeds for each method, counted on from --seed.", DefaultValueFactory = _ => 5 };
        var sample = new Option<bool>("--sample") { Description = "Use generated long-tailed data whose true function is known, instead of a file." };
        var arguments = new ComparisonArguments();
        var command = new Command("compare", "Trains every method with every seed and prints errors by region, paired differences and what they support.");
        table.AddTo(command);
        command.Add(methods);
        command.Add(seeds);
        command.Add(sample);
        training.AddTo(command);
        command.Add(device.Option);
        arguments.AddTo(command);
        command.SetAction(parsed =>
        {
            int seedCount = parsed.GetValue(seeds);
            OptionRange.Require(seedCount is >= 1 and <= MostSeeds, "--seeds", $"must be 1..{MostSeeds}", seedCount);
            DeviceName where = device.Read(parsed);
            bool pareto = arguments.IsPareto(parsed);
            if (pareto && parsed.GetResult(methods) is { Implicit: false })
            {
                throw new ArgumentException("--pareto: brings its own methods; leave out --methods");
            }

            Method[] chosen = pareto ? [.. TradeOff.Methods] : Methods(parsed.GetValue(methods)!);
            ComparisonOptions options = arguments.Read(parsed, seedCount, where);
            TrainingSettings settings = training.Read(parsed, chosen);
            TrainingData data = parsed.GetValue(sample)
                ? Sample(table, parsed, settings, options.Drops)
                : Read(table, parsed, settings, options.Drops, streams, cancellation);
            return ComparisonRun.Run(data, settings, chosen, options, streams, cancellation);
        });
        return command;
    }

    private static Method[] Methods(string text) => [.. OptionRange.Make("--methods", () => Method.ParseList(text))];

    private static TrainingData Sample(TableArguments arguments, ParseResult parsed, TrainingSettings settings, IReadOnlyList<LabelRange> drops)
    {
        if (arguments.IsGiven(parsed) || arguments.HasTarget(parsed))
        {
            throw new ArgumentException("--sample: brings its own data; leave out FILE and --target");
        }

        Table table = LongTailedSample.Generate();
        TrainingSettings binned = settings.Labels.FixedBins is null
            ? settings with { Labels = settings.Labels with { FixedBins = LongTailedSample.RecommendedBins } }
            : settings;
        return TrainingData.Create(table, LongTailedSample.TargetColumn, DataSplit.FromColumn(table), binned, drops);
    }

    private static TrainingData Read(
        TableArguments arguments, ParseResult parsed, TrainingSettings settings, IReadOnlyList<LabelRange> drops, CommandStreams streams, CancellationToken cancellation)
    {
        if (!arguments.IsGiven(parsed) || !arguments.HasTarget(parsed))
        {
            throw new ArgumentException("compare needs FILE and --target, or --sample");
        }

        return TrainingData.Read(parsed, arguments, settings, streams, cancellation, drops);
    }
}
