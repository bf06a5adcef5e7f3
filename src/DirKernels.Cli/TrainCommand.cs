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
        var json = new Option<bool>("--json") { Description = "Write the summary as JSON." };
        var command = new Command("train", "Trains a regression network on a table and writes a model file.");
        table.AddTo(command);
        command.Add(method);
        training.AddTo(command);
        command.Add(device.Option);
        checkpoints.AddTo(command);
        command.Add(file);
        command.Add(json);
        command.SetAction(parsed =>
        {
            Method chosen = OptionRange.Make("--method", () => Method.Parse(parsed.GetValue(method)!));
            TrainingSettings settings = training.Read(parsed, chosen);
            var destination = new ModelDestination(parsed.GetValue(file)!, table.File(parsed));
            DeviceName where = device.Read(parsed);
            CheckpointPlan plan = checkpoints.Read(parsed, parsed.GetValue(file)!);
            TrainingData data = TrainingData.Read(parsed, table, settings, streams, cancellation);
            TrainingSummary summary = Run(chosen, settings, data, destination, plan, where, streams, cancellation);
            TrainOutput.Write(streams.Output, summary, parsed.GetValue(file)!, parsed.GetValue(json));
            return ExitCode.Success;
        });
        return command;
    }

    private static TrainingSummary Run(
        Method method, TrainingSettings settings, TrainingData data, ModelDestination destination, CheckpointPlan checkpoints, DeviceName device, CommandStreams streams, CancellationToken cancellation)
    {
        MethodSettings methodSettings = settings.For(data.Bins, method);
        destination.ThrowIfFull(MethodPlan.ShapeOf(method, methodSettings, data.Regression.Dimension), method.Networks);
        using IBackend backend = DeviceOption.Open(device, settings.Threads);
        using var run = new MethodRun(method, methodSettings, data.RowsOf(data.Regression.Train), data.ValidationRows(), backend);
        var session = new TrainingSession(run, data, Metadata(method, settings, data), destination, checkpoints, streams);
        if (checkpoints.Resume)
        {
            session.Resume();
        }

        TrainingResult result = session.Train(cancellation);
        return new TrainingSummary(run.Plan, run.Shape, data, result, settings.Seed, TestReport(run, data)) { Resampling = run.Resampling };
    }

    private static ModelMetadata Metadata(Method method, TrainingSettings settings, TrainingData data)
    {
        var fingerprint = new DataFingerprint();
        fingerprint.Add(data.Regression.Train.Inputs);
        fingerprint.Add(data.Regression.Train.Labels);
        fingerprint.Add(data.Regression.Validation.Inputs);
        fingerprint.Add(data.Regression.Validation.Labels);
        return new ModelMetadata
        {
            Target = data.Regression.Target,
            SplitColumn = data.Split.Column,
            Encoder = data.Regression.Encoder,
            Method = method.Name,
            Options = settings.Description,
            Data = new RunDescription
            {
                { "training rows", data.Regression.Train.Count.ToString(CultureInfo.InvariantCulture) },
                { "validation rows", data.Regression.Validation.Count.ToString(CultureInfo.InvariantCulture) },
                { "inputs", data.Regression.Dimension.ToString(CultureInfo.InvariantCulture) },
                { "data fingerprint", fingerprint.ToString() },
            },
            Result = new TrainingResult(0, [0], 0, null),
        };
    }

    private static ShotReport? TestReport(MethodRun run, TrainingData data)
    {
        if (data.Regression.Test.Count == 0)
        {
            return null;
        }

        using RegressionModel model = run.BestModel();
        var predictions = new double[data.Regression.Test.Count];
        model.Predict(data.Regression.Test.Inputs, predictions);
        return ShotReport.Compute(predictions, data.Regression.Test.Labels, data.Bins, data.TrainCounts);
    }
}
