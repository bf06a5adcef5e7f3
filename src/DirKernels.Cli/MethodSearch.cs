using System.Diagnostics;
using DirKernels.Evaluation;
using DirKernels.Methods;

namespace DirKernels.Cli;

/// <summary>What <c>--budget</c> does before the comparison: turns minutes into epochs, searches, and tells the winner.</summary>
internal sealed record MethodSearch(IReadOnlyList<SearchRung> Rungs, long BudgetEpochs, long UsedEpochs)
{
    // A run that is measured may have the machine to itself, and methods cost more than the baseline.
    private const double Safety = 0.7;

    /// <summary>The winner.</summary>
    public SearchCandidate Winner => Rungs[^1].Results[0].Candidate;

    /// <summary>Searches all methods but the first, which is the baseline.</summary>
    public static MethodSearch Run(
        IReadOnlyList<Method> methods, MethodSettings settings, ComparisonData data, ComparisonOptions options, int threads, CommandStreams streams, CancellationToken cancellation)
    {
        if (methods.Count < 2)
        {
            throw new ArgumentException("--budget: name a baseline and at least one other method with --methods");
        }

        SearchCandidate[] candidates = SearchCandidate.Grid([.. methods.Skip(1)], settings, settings.Training.Seed);
        long budget = options.BudgetEpochs ?? EpochsIn(options.BudgetMinutes!.Value, methods[0], settings, data, options, threads, cancellation);
        SearchPlan plan = OptionRange.Make("--budget", () => SearchPlan.Fit(
            budget, candidates.Length, settings.Training.Epochs, options.Seeds, methods.Max(method => method.Networks)));
        using var line = new ProgressLine(streams);
        int epochs = plan.Networks * plan.Counts.Select((count, rung) => count * plan.Epochs[rung]).Sum();
        SearchRung[] rungs = SuccessiveHalving.Run(
            plan, candidates, settings, data, threads, new ComparisonProgress(line, epochs).Advance, cancellation, count => DeviceOption.Open(options.Device, count));
        long used = rungs.Sum(rung => (long)rung.Epochs * rung.Results.Sum(result => result.Candidate.Method.Networks))
            + (long)options.Seeds * settings.Training.Epochs * (methods[0].Networks + rungs[^1].Results[0].Candidate.Method.Networks);
        return new MethodSearch(rungs, budget, used);
    }

    /// <summary>The three forms of the result.</summary>
    public ComparisonExtra ToExtra()
    {
        string sentence = $"Searched {Rungs[0].Results.Count} candidates by successive halving on validation rows: the best is {Winner}. "
            + FormattableString.Invariant($"--budget-epochs {BudgetEpochs} repeats this search exactly; it took {UsedEpochs} epochs with the comparison.");
        string[] header = ["candidate", .. Rungs.Select(rung => FormattableString.Invariant($"{rung.Epochs} epochs"))];
        IReadOnlyList<string>[] rows = [.. Rungs[0].Results.Select(first => first.Candidate)
            .OrderByDescending(candidate => Rungs.Count(rung => rung.Results.Any(result => result.Candidate == candidate)))
            .ThenBy(candidate => Rungs.Last(rung => rung.Results.Any(result => result.Candidate == candidate)).Results.First(result => result.Candidate == candidate).ValidationError)
            .Select(candidate => (IReadOnlyList<string>)
            [
                candidate.ToString(),
                .. Rungs.Select(rung => rung.Results.Where(result => result.Candidate == candidate).Select(result => ShortNumber.Format(result.ValidationError)).FirstOrDefault("")),
            ])];
        const string Title = "Validation error of the candidates after so many epochs, those that went furthest first";
        return new ComparisonExtra(
            writer =>
            {
                var table = new TextTable(Title, header);
                foreach (IReadOnlyList<string> row in rows)
                {
                    table.Add(row);
                }

                table.Write(writer);
                writer.WriteLine();
                writer.WriteLine(sentence);
            },
            json =>
            {
                json.WriteStartObject("search");
                json.WriteNumber("budgetEpochs", BudgetEpochs);
                json.WriteNumber("usedEpochs", UsedEpochs);
                json.WriteString("winner", Winner.ToString());
                json.WriteStartArray("rungs");
                foreach (SearchRung rung in Rungs)
                {
                    json.WriteStartObject();
                    json.WriteNumber("epochs", rung.Epochs);
                    json.WriteStartArray("candidates");
                    foreach ((SearchCandidate candidate, double error) in rung.Results)
                    {
                        json.WriteStartObject();
                        json.WriteString("method", candidate.Method.Name);
                        json.WriteNumber("size", candidate.Kernel.Size);
                        json.WriteNumber("sigma", candidate.Kernel.Sigma);
                        json.WriteNumber("validationError", error);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            },
            new ReportSection("The search", [sentence, new ReportTable(Title + ".", header, rows) { IsFolded = rows.Length > 12 }]));
    }

    /// <summary>How many epochs fit into some minutes, from a short run of the baseline on every processor.</summary>
    private static long EpochsIn(
        double minutes, Method baseline, MethodSettings settings, ComparisonData data, ComparisonOptions options, int threads, CancellationToken cancellation)
    {
        const int Measured = 3;
        MethodSettings brief = settings with { Training = settings.Training with { Epochs = Measured } };

        // The first round is compiled while it runs and does not count.
        double seconds = 0;
        for (int round = 0; round < 2; round++)
        {
            var watch = Stopwatch.StartNew();
            MethodComparison.Run([baseline], threads, brief, data, threads, cancellation: cancellation, createBackend: count => DeviceOption.Open(options.Device, count));
            seconds = watch.Elapsed.TotalSeconds;
        }

        return (long)(Safety * minutes * 60 / seconds * Measured * threads);
    }
}
