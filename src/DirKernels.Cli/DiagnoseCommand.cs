using System.CommandLine;
using System.Diagnostics;
using DirKernels.Data;
using DirKernels.Diagnostics;
using DirKernels.Methods;

namespace DirKernels.Cli;

/// <summary><c>dirkernels diagnose</c>: does error go with density, are neighbouring features alike, what does smoothing move, which bins suit.</summary>
internal static class DiagnoseCommand
{
    public static Command Create(CommandStreams streams, CancellationToken cancellation)
    {
        var table = new TableArguments();
        var training = new TrainingArguments();
        var device = new DeviceOption();
        var report = new ReportArguments();
        var anchor = new Option<double?>("--anchor") { Description = "Label of the bin whose features others are compared with; by default the fullest bin.", HelpName = "LABEL" };
        var noSearch = new Option<bool>("--no-search") { Description = "Suggest bins by the rule alone, without training trials, which take most of the time." };
        var json = new Option<bool>("--json") { Description = "Write all numbers as JSON." };
        var file = new Option<string?>("--out") { Description = "Write to this file instead of standard output.", HelpName = "FILE" };
        var command = new Command("diagnose", "Examines a table and the features of networks trained on it: density and error, similarity of bins, effect of feature smoothing, bins.");
        table.AddTo(command);
        command.Add(anchor);
        command.Add(noSearch);
        training.AddTo(command);
        command.Add(device.Option);
        command.Add(json);
        report.AddTo(command);
        command.Add(file);
        command.SetAction(parsed =>
        {
            TrainingSettings settings = training.Read(parsed, Method.Parse("fds"));
            DeviceName where = device.Read(parsed);
            double? label = parsed.GetValue(anchor);
            OptionRange.Require(label is null || double.IsFinite(label.Value), "--anchor", "must be a finite number", label ?? 0);
            report.ThrowIfNotWritable(parsed);
            TrainingData data = TrainingData.Read(parsed, table, settings, streams, cancellation);
            bool searches = !parsed.GetValue(noSearch);
            DateTimeOffset started = DateTimeOffset.UtcNow;
            var watch = Stopwatch.StartNew();
            Diagnosis diagnosis = Run(data, settings, label, searches, where, streams, cancellation);
            RegressionData rows = data.Regression;
            var names = new ComparedData(Path.GetFileName(rows.Name), rows.Target, rows.Train.Count, rows.Validation.Count, rows.Test.Count, data.Bins);
            if (report.IsGiven(parsed))
            {
                var provenance = RunProvenance.Of(parsed, rows, [settings.Seed], started, watch.Elapsed.TotalSeconds, settings.Description);
                report.Write(parsed, DiagnosisPage.Create(
                    diagnosis, names.Names(settings.For(data.Bins)), DiagnosisOutput.Lead(diagnosis, rows.Target), provenance));
            }

            ResultOutput.Write(parsed.GetValue(file), streams.Output, writer =>
            {
                if (parsed.GetValue(json))
                {
                    DiagnosisJson.Write(writer, names, diagnosis);
                }
                else
                {
                    DiagnosisOutput.WriteText(writer, names, diagnosis);
                }
            });
            return ExitCode.Success;
        });
        return command;
    }

    private static Diagnosis Run(
        TrainingData data, TrainingSettings settings, double? anchor, bool searches, DeviceName device, CommandStreams streams, CancellationToken cancellation)
    {
        RegressionData rows = data.Regression;
        MethodSettings common = settings.For(data.Bins, Method.Parse("fds"));
        var parts = new ComparisonData(data.RowsOf(rows.Train), data.RowsOf(rows.Validation), data.RowsOf(rows.Test));
        int trials = searches ? BinSuggestion.CountTrials(data.Bins, rows.Train.Labels) * BinSuggestion.Seeds : 0;
        using var line = new ProgressLine(streams);
        var progress = new ComparisonProgress(line, (2 + trials) * settings.Training.Epochs);
        int threads = settings.Threads == 0 ? Environment.ProcessorCount : settings.Threads;
        return Diagnosis.Run(common, parts, anchor, searches, threads, progress.Advance, cancellation: cancellation, createBackend: count => DeviceOption.Open(device, count));
    }
}
