using System.CommandLine;
using System.Diagnostics;
using DirKernels.Data;
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
        var json = new Option<bool>("--json") { Description = "Write all numbers as JSON." };
        var file = new Option<string?>("--out") { Description = "Write to this file instead of standard output.", HelpName = "FILE" };
        var command = new Command("compare", "Trains every method with every seed and prints errors by region, paired differences and what they support.");
        table.AddTo(command);
        command.Add(methods);
        command.Add(seeds);
        command.Add(sample);
        training.AddTo(command);
        command.Add(device.Option);
        command.Add(json);
        command.Add(file);
        command.SetAction(parsed =>
        {
            int seedCount = parsed.GetValue(seeds);
            OptionRange.Require(seedCount is >= 1 and <= MostSeeds, "--seeds", $"must be 1..{MostSeeds}", seedCount);
            DeviceName where = device.Read(parsed);
            Method[] chosen = Methods(parsed.GetValue(methods)!);
            TrainingSettings settings = training.Read(parsed, chosen);
            TrainingData data = parsed.GetValue(sample)
                ? Sample(table, parsed, settings)
                : Read(table, parsed, settings, streams, cancellation);
            return Run(data, settings, chosen, seedCount, where, parsed.GetValue(json), parsed.GetValue(file), streams, cancellation);
        });
        return command;
    }

    private static Method[] Methods(string text) => [.. OptionRange.Make("--methods", () => Method.ParseList(text))];

    private static TrainingData Sample(TableArguments arguments, ParseResult parsed, TrainingSettings settings)
    {
        if (arguments.IsGiven(parsed) || arguments.HasTarget(parsed))
        {
            throw new ArgumentException("--sample: brings its own data; leave out FILE and --target");
        }

        Table table = LongTailedSample.Generate();
        TrainingSettings binned = settings.Labels.FixedBins is null
            ? settings with { Labels = settings.Labels with { FixedBins = LongTailedSample.RecommendedBins } }
            : settings;
        return TrainingData.Create(table, LongTailedSample.TargetColumn, DataSplit.FromColumn(table), binned);
    }

    private static TrainingData Read(
        TableArguments arguments, ParseResult parsed, TrainingSettings settings, CommandStreams streams, CancellationToken cancellation)
    {
        if (!arguments.IsGiven(parsed) || !arguments.HasTarget(parsed))
        {
            throw new ArgumentException("compare needs FILE and --target, or --sample");
        }

        return TrainingData.Read(parsed, arguments, settings, streams, cancellation);
    }

    private static int Run(
        TrainingData data, TrainingSettings settings, Method[] methods, int seeds, DeviceName device, bool json, string? file, CommandStreams streams, CancellationToken cancellation)
    {
        RegressionData rows = data.Regression;
        if (rows.Test.Count == 0)
        {
            throw new InvalidDataException($"{rows.Name}: there are no test rows to judge methods by");
        }

        MethodSettings common = settings.For(data.Bins, methods);
        var parts = new ComparisonData(data.RowsOf(rows.Train), data.RowsOf(rows.Validation), data.RowsOf(rows.Test));
        int epochs = methods.Sum(method => MethodPlan.Create(method, common, rows.Train.Labels).Options is var o ? o.Epochs + o.HeadEpochs : 0) * seeds;
        var watch = Stopwatch.StartNew();
        MethodOutcome[][] outcomes;
        using (var line = new ProgressLine(streams))
        {
            // A GPU takes one run after the other; processors share them out.
            int threads = device.Kind != DeviceName.Kinds.Cpu ? 1 : settings.Threads == 0 ? Environment.ProcessorCount : settings.Threads;
            outcomes = MethodComparison.Run(
                methods, seeds, common, parts, threads, new ComparisonProgress(line, epochs).Advance, cancellation: cancellation, createBackend: count => DeviceOption.Open(device, count));
        }

        var compared = new ComparedData(Path.GetFileName(rows.Name), rows.Target, rows.Train.Count, rows.Validation.Count, rows.Test.Count, data.Bins);
        ResultOutput.Write(file, streams.Output, writer =>
        {
            if (json)
            {
                ComparisonJson.Write(writer, compared, outcomes);
            }
            else
            {
                WriteText(writer, compared, outcomes, watch.Elapsed.TotalSeconds);
            }
        });
        return ExitCode.Success;
    }

    private static void WriteText(TextWriter writer, ComparedData data, MethodOutcome[][] outcomes, double seconds)
    {
        writer.WriteLine($"{data.Name}: {data.Target} from {data.Train} training, {data.Validation} validation and {data.Test} test rows; {data.Bins}");
        writer.WriteLine();
        ComparisonTable.Write(writer, outcomes);
        writer.WriteLine();
        foreach (string statement in outcomes.Select(method => method[0].Resampling).OfType<string>().Distinct())
        {
            writer.WriteLine(statement);
        }

        writer.WriteLine(ComparisonVerdict.Of(outcomes));
        writer.WriteLine($"{outcomes.Length * outcomes[0].Length} runs in {ShortNumber.Format(seconds)} s.");
    }
}
