using System.CommandLine;
using System.Globalization;
using DirKernels.Backends;
using DirKernels.Data;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary><c>dirkernels predict</c>: what a model says about rows without labels.</summary>
internal static class PredictCommand
{
    private const int RowsBetweenCancellationChecks = 4096;

    public static Command Create(CommandStreams streams, CancellationToken cancellation)
    {
        var model = new Argument<string>("MODEL") { Description = "A model file written by train." };
        var file = new Argument<string>("FILE") { Description = "A table with the columns of the training; the label column is not needed. - for standard input." };
        var missing = new MissingValuesOption();
        var device = new DeviceOption();
        var output = new Option<string?>("--out") { Description = "Write to this file instead of standard output.", HelpName = "FILE" };
        var command = new Command("predict", "Predicts every row of a table: a CSV with the column 'prediction', and with 'uncertainty', a standard deviation, when the model knows it.") { model, file, missing.Option, device.Option, output };
        command.SetAction(parsed =>
        {
            MissingValues? missingValues = missing.Read(parsed);
            DeviceName where = device.Read(parsed);
            TrainedModel trained = TrainedModel.Read(parsed.GetValue(model)!);
            Table table = TableFile.Read(parsed.GetValue(file)!, trained.TableOptions(missingValues), streams.Input, cancellation);
            (double[] predictions, double[]? uncertainties) = Predict(trained, table, where);
            ResultOutput.Write(parsed.GetValue(output), streams.Output, writer => Write(writer, predictions, uncertainties, cancellation));
            return ExitCode.Success;
        });
        return command;
    }

    private static (double[] Predictions, double[]? Uncertainties) Predict(TrainedModel trained, Table table, DeviceName device)
    {
        float[] inputs = trained.Encode(table, [.. Enumerable.Range(0, table.RowCount)]);
        using IBackend backend = DeviceOption.Open(device);
        using RegressionModel model = trained.Snapshot.ToModel(backend);
        (double[] predictions, double[]? uncertainties) = model.PredictAll(inputs);
        int broken = Array.FindIndex(predictions, value => !double.IsFinite(value));
        return broken < 0
            ? (predictions, uncertainties)
            : throw new InvalidDataException($"{table.Name}: row {table.RowNumber(broken)}: the model predicts {predictions[broken]}, which is no finite number");
    }

    /// <summary>The shortest text that reads back to the same bits.</summary>
    private static void Write(TextWriter writer, double[] predictions, double[]? uncertainties, CancellationToken cancellation)
    {
        Span<char> text = stackalloc char[32];
        writer.Write(uncertainties is null ? "prediction\n" : "prediction,uncertainty\n");
        for (int row = 0; row < predictions.Length; row++)
        {
            if (row % RowsBetweenCancellationChecks == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            predictions[row].TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
            writer.Write(text[..length]);
            if (uncertainties is not null)
            {
                uncertainties[row].TryFormat(text, out length, default, CultureInfo.InvariantCulture);
                writer.Write(',');
                writer.Write(text[..length]);
            }

            writer.Write('\n');
        }
    }
}
