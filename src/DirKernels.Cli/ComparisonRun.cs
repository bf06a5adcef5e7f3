using System.Diagnostics;
using DirKernels.Data;
using DirKernels.Evaluation;
using DirKernels.Methods;

namespace DirKernels.Cli;

/// <summary>Trains, evaluates and tells a comparison.</summary>
internal static class ComparisonRun
{
    public static int Run(
        TrainingData data, TrainingSettings settings, Method[] methods, ComparisonOptions options, CommandStreams streams, CancellationToken cancellation)
    {
        RegressionData rows = data.Regression;
        if (rows.Test.Count == 0)
        {
            throw new InvalidDataException($"{rows.Name}: there are no test rows to judge methods by");
        }

        DateTimeOffset started = DateTimeOffset.UtcNow;
        var watch = Stopwatch.StartNew();
        MethodSettings common = settings.For(data.Bins, methods);
        if (options.Regions is { } prescribed)
        {
            common = common with { Regions = PrescribedRegions.Parse(prescribed, data.Bins.Count) };
        }

        var parts = new ComparisonData(data.RowsOf(rows.Train), data.RowsOf(rows.Validation), data.RowsOf(rows.Test));
        int threads = options.Threads(settings);
        MethodSearch? search = options.IsSearch ? MethodSearch.Run(methods, common, parts, options, threads, streams, cancellation) : null;
        MethodOutcome[][] outcomes = search is null
            ? Train(methods, common)
            : [.. Train(methods[..1], common), .. Train([search.Winner.Method], common with { LabelKernel = search.Winner.Kernel })];

        // With a search the runs of its candidates count as well.
        double seconds = watch.Elapsed.TotalSeconds;
        var summary = ComparisonSummary.Create(outcomes, parts, search is null ? common : common with { LabelKernel = search.Winner.Kernel });
        var compared = new ComparedData(Path.GetFileName(rows.Name), rows.Target, rows.Train.Count, rows.Validation.Count, rows.Test.Count, data.Bins);
        var extras = new List<ComparisonExtra>();
        if (search is not null)
        {
            extras.Add(search.ToExtra());
        }

        if (options.TradeOff is { } weight)
        {
            extras.Add(TradeOffOutput.Of(summary, rows.Target, weight));
        }

        if (options.Drops.Count > 0)
        {
            extras.Add(DroppedRangesOutput.Of(summary, rows.Train.Labels, options.Drops, data.DroppedRows));
        }

        if (options.Report.IsGiven(options.Parsed))
        {
            var provenance = RunProvenance.Of(options.Parsed, rows, [.. outcomes[0].Select(outcome => outcome.Seed)], started, seconds, settings.Description);
            options.Report.Write(options.Parsed, ComparisonPage.Create(
                summary, compared.Names(common), CorrectedVerdict.Of(outcomes, summary.Standings), provenance, [.. extras.Select(extra => extra.Section)]));
        }

        ResultOutput.Write(options.File, streams.Output, writer =>
        {
            if (options.Json)
            {
                ComparisonJson.Write(writer, compared, outcomes, summary, extras);
            }
            else
            {
                ComparisonOutput.WriteText(writer, compared, outcomes, options.Measures, summary, options.Details, extras, seconds);
            }
        });
        return ExitCode.Success;

        MethodOutcome[][] Train(IReadOnlyList<Method> chosen, MethodSettings with)
        {
            int epochs = chosen.Sum(method => MethodPlan.Create(method, with, rows.Train.Labels).Options is var o ? method.Networks * (o.Epochs + o.HeadEpochs) : 0) * options.Seeds;
            using var line = new ProgressLine(streams);
            return MethodComparison.Run(
                chosen, options.Seeds, with, parts, threads, new ComparisonProgress(line, epochs).Advance, cancellation: cancellation,
                createBackend: count => DeviceOption.Open(options.Device, count));
        }
    }
}
