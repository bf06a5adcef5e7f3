using System.CommandLine;
using System.Globalization;
using DirKernels.Backends;
using DirKernels.Methods;
using DirKernels.Metrics;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary><c>dirkernels train</c>: from a table to a model file.</summary>
internal static class TrainCommand
{
    public static Command Create(CommandStreams streams, CancellationToken cancellation)
    {
        var table = new TableArguments();
        var training = new TrainingArguments();
        var device = new DeviceOption();
        var method = new Option<string>("--method")
        {
            Description = $"Parts joined by +: {string.Join(", ", Method.PartNames)}; see the command methods.",
            HelpName = "METHOD",
            DefaultValueFactory = _ => "vanilla",
        };
        var file = new Option<string>("--out") { Description = "Write the model to this file.", HelpName = "MODEL", Required = true };
        var checkpoints = new CheckpointArguments();
        var memory = new MemoryOption();
        var json = new Option<bool>("--json") { Description = "Write the summary as JSON." };
        var command = new Command("train", "Trains a regression network on a table and writes a model file.");
        table.AddTo(command);
        command.Add(method);
        training.AddTo(command);
        command.Add(device.Option);
        command.Add(memory.Option);
        checkpoints.AddTo(command);
        command.Add(file);
        command.Add(json);
        command.SetAction(parsed =>
        {
            Method chosen = OptionRange.Make("--method", () => Method.Parse(parsed.GetValue(method)!));
            TrainingSettings settings = training.Read(parsed, chosen);
            long? limit = memory.Read(parsed);
            string path = parsed.GetValue(file)!;
            var destination = new ModelDestination(path, table.File(parsed));
            DeviceName where = device.Read(parsed);
            CheckpointPlan plan = checkpoints.Read(parsed, path);
            using var source = TrainingSource.Open(parsed, table, settings, limit, Path.GetDirectoryName(Path.GetFullPath(path))!, streams, cancellation);
            TrainingSummary summary = Run(chosen, settings, source.Parts, destination, plan, where, streams, cancellation);
            TrainOutput.Write(streams.Output, summary, path, parsed.GetValue(json));
            return ExitCode.Success;
        });
        return command;
    }

    private static TrainingSummary Run(
        Method method, TrainingSettings settings, TrainingParts parts, ModelDestination destination, CheckpointPlan checkpoints, DeviceName device, CommandStreams streams, CancellationToken cancellation)
    {
        MethodSettings methodSettings = parts.Apply(settings.For(parts.Bins, method));
        destination.ThrowIfFull(MethodPlan.ShapeOf(method, methodSettings, parts.Encoder.Dimension), method.Networks);
        using IBackend backend = DeviceOption.Open(device, settings.Threads);
        using var run = new MethodRun(method, methodSettings, parts.Train, parts.Validation.ToSet(), backend);
        var session = new TrainingSession(run, parts, Metadata(method, settings, parts), destination, checkpoints, streams);
        if (checkpoints.Resume)
        {
            session.Resume();
        }

        TrainingResult result = session.Train(cancellation);
        return new TrainingSummary(run.Plan, run.Shape, parts, result, settings.Seed, TestReport(run, parts)) { Resampling = run.Resampling };
    }

    private static ModelMetadata Metadata(Method method, TrainingSettings settings, TrainingParts parts)
    {
        var data = new RunDescription
        {
            { "training rows", parts.Train.Labels.Length.ToString(CultureInfo.InvariantCulture) },
            { "validation rows", parts.Validation.Labels.Length.ToString(CultureInfo.InvariantCulture) },
            { "inputs", parts.Encoder.Dimension.ToString(CultureInfo.InvariantCulture) },
            { "data fingerprint", parts.Fingerprint },
        };
        if (parts.BlocksPerWindow is { } blocks)
        {
            data.Add("blocks in memory", blocks.ToString(CultureInfo.InvariantCulture));
        }

        return new ModelMetadata
        {
            Target = parts.Target,
            SplitColumn = parts.SplitColumn,
            Encoder = parts.Encoder,
            Method = method.Name,
            Options = settings.Description,
            Data = data,
            Result = new TrainingResult(0, [0], 0, null),
        };
    }

    private static ShotReport? TestReport(MethodRun run, TrainingParts parts)
    {
        if (parts.Test is not { } test)
        {
            return null;
        }

        using RegressionModel model = run.BestModel();
        var predictions = new double[test.Labels.Length];
        model.Predict(test.ToSet(), predictions);
        return ShotReport.Compute(predictions, test.Labels, parts.Bins, parts.TrainCounts);
    }
}
