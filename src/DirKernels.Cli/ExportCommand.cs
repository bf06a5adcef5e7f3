using System.CommandLine;
using DirKernels.Data;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary><c>dirkernels export</c>: a model for other runtimes.</summary>
internal static class ExportCommand
{
    public static Command Create(CommandStreams streams)
    {
        var model = new Argument<string>("MODEL") { Description = "A model file written by train." };
        var onnx = new Option<string>("--onnx")
        {
            Description = "Write ONNX to this file: float32 'inputs' [n, inputs] (numbers as they stand in the table, text columns one-hot) to float32 'values' [n, 1], and 'uncertainty' [n, 1] when the model knows it.",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("export", "Writes a model for other runtimes, its scaling of inputs and labels included.") { model, onnx };
        command.SetAction(parsed =>
        {
            string source = parsed.GetValue(model)!, path = parsed.GetValue(onnx)!;
            if (path.Length == 0)
            {
                throw new ArgumentException("--onnx: the name of the file is empty");
            }

            if (Path.GetFullPath(path) == Path.GetFullPath(source))
            {
                throw new ArgumentException($"--onnx: {path} is the model that is read");
            }

            TrainedModel trained = TrainedModel.Read(source);
            try
            {
                AtomicFile.Write(path, stream => OnnxExport.Write(stream, trained.Snapshot, InputScaling.Of(trained.Metadata.Encoder.Columns, trained.Metadata.Missing == MissingValues.Median), PropertiesOf(trained.Metadata)));
            }
            catch (InvalidDataException problem)
            {
                throw new InvalidDataException($"{source}: {problem.Message}", problem);
            }

            streams.Output.WriteLine($"wrote {path}: {(trained.Snapshot.Networks.Count == 1 ? "" : $"{trained.Snapshot.Networks.Count} of ")}{trained.Snapshot.Shape}");
            return ExitCode.Success;
        });
        return command;
    }

    private static Dictionary<string, string> PropertiesOf(ModelMetadata metadata) => new()
    {
        ["target"] = metadata.Target,
        [ModelColumns.Key] = metadata.Encoder.Description.ToJson(),
    };
}
