using System.CommandLine;
using DirKernels.Backends;
using DirKernels.Data;

namespace DirKernels.Cli;

/// <summary><c>dirkernels predict</c>: what a model says about rows without labels, in one pass with bounded memory.</summary>
internal static class PredictCommand
{
    private const int RowsAtOnce = 4096;
    private const int MostRowsAtOnce = 1 << 20;

    public static Command Create(CommandStreams streams, CancellationToken cancellation)
    {
        var model = new Argument<string>("MODEL") { Description = "A model file written by train." };
        var file = new Argument<string>("FILE") { Description = "A table with the columns of the training; the label column is not needed. - for standard input." };
        var missing = new MissingValuesOption();
        var device = new DeviceOption();
        var rows = new Option<int>("--rows-at-once")
        {
            Description = $"Most rows read, predicted and written together, 1..{MostRowsAtOnce}. Rows of a slow source are answered when they come.",
            HelpName = "N",
            DefaultValueFactory = _ => RowsAtOnce,
        };
        var output = new Option<string?>("--out") { Description = "Write to this file instead of standard output.", HelpName = "FILE" };
        var command = new Command("predict", "Predicts every row of a table: a CSV with the column 'prediction', and with 'uncertainty', a standard deviation, when the model knows it. Rows are written while others are read; an error in a late row follows the predictions of the rows before it, unless they go to a file.")
        {
            model, file, missing.Option, device.Option, rows, output,
        };
        command.SetAction(parsed =>
        {
            MissingValues? missingValues = missing.Read(parsed);
            DeviceName where = device.Read(parsed);
            int rowsAtOnce = parsed.GetValue(rows);
            OptionRange.Require(rowsAtOnce is >= 1 and <= MostRowsAtOnce, "--rows-at-once", $"must be 1..{MostRowsAtOnce}", rowsAtOnce);
            TrainedModel trained = TrainedModel.Read(parsed.GetValue(model)!);
            using IBackend? other = where.Kind == DeviceName.Kinds.Cpu ? null : DeviceOption.Open(where);
            using var prediction = new StreamedPrediction(trained, other);
            TableStream table = TableStream.Open(parsed.GetValue(file)!, trained.TableOptions(missingValues), streams.Input, cancellation);
            ResultOutput.Write(parsed.GetValue(output), streams.Output, writer => prediction.Run(table, rowsAtOnce, writer, cancellation));
            return ExitCode.Success;
        });
        return command;
    }
}
