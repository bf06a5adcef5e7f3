using System.CommandLine;
using DirKernels.Data;
using DirKernels.Labels;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary><c>dirkernels import</c>: a network that was trained elsewhere as a model file.</summary>
internal static class ImportCommand
{
    public static Command Create(CommandStreams streams, CancellationToken cancellation)
    {
        var weights = new Argument<string>("WEIGHTS")
        {
            Description = "Arrays of linear layers in PyTorch's layout (0.weight [outputs x inputs], 0.bias, ...) and of batch normalisation: .npz, .safetensors, or a folder of .npy files.",
        };
        var arguments = new ImportArguments();
        var file = new Option<string>("--out") { Description = "Write the model to this file.", HelpName = "MODEL", Required = true };
        var command = new Command("import", "Makes a model file of a network that was trained elsewhere, for predict, evaluate and export.") { weights };
        arguments.AddTo(command);
        command.Add(file);
        command.SetAction(parsed =>
        {
            string source = parsed.GetValue(weights)!, path = parsed.GetValue(file)!;
            ImportSettings settings = arguments.Read(parsed);
            var destination = new ModelDestination(path, source);
            ModelSnapshot snapshot = Import(source, settings, streams, cancellation);
            destination.Write(snapshot);
            streams.Output.WriteLine($"wrote {path}: {snapshot.Shape}");
            return ExitCode.Success;
        });
        return command;
    }

    private static ModelSnapshot Import(string source, ImportSettings settings, CommandStreams streams, CancellationToken cancellation)
    {
        IReadOnlyList<NamedTensor> tensors = WeightsFile.Read(source);
        (NetworkShape shape, float[] parameters) = Network(source, tensors, settings.Network);
        if (shape.Targets != 1)
        {
            throw new InvalidDataException($"{source}: the network {shape} predicts {shape.Targets} values for each row; a model of this command predicts one");
        }

        FeatureEncoder encoder = ImportedColumns.Create(settings, shape.Inputs);
        (LabelBins bins, double[] counts) = Labels(settings, streams, cancellation);
        var fingerprint = new DataFingerprint();
        fingerprint.Add(parameters);
        var metadata = new ModelMetadata
        {
            Target = settings.Target,
            SplitColumn = null,
            Encoder = encoder,
            Method = ModelMetadata.Imported,
            Options = settings.Description,
            Data = new RunDescription { { "weights", Path.GetFileName(Path.TrimEndingDirectorySeparator(source)) }, { "weights fingerprint", fingerprint.ToString() } },
            Result = new TrainingResult(0, [0], double.NaN, null),
        };
        return new ModelSnapshot
        {
            Shape = shape,
            Networks = [new NetworkSnapshot(parameters, [], new TargetScaling([settings.TargetMean], [settings.TargetScale]))],
            Bins = bins,
            TrainCounts = counts,
            Metadata = metadata.ToEntries(),
        };
    }

    private static (NetworkShape Shape, float[] Parameters) Network(string source, IReadOnlyList<NamedTensor> tensors, NetworkImportOptions options)
    {
        try
        {
            return NetworkImport.Create(tensors, options);
        }
        catch (InvalidDataException problem)
        {
            throw new InvalidDataException($"{source}: {problem.Message}", problem);
        }
    }

    /// <summary>Bins and counts of the training labels; one empty bin when nobody names a table of them.</summary>
    private static (LabelBins Bins, double[] Counts) Labels(ImportSettings settings, CommandStreams streams, CancellationToken cancellation)
    {
        if (settings.TrainTable is not { } path)
        {
            LabelBins empty = settings.Bins ?? LabelBins.Uniform(settings.TargetMean, settings.TargetScale, 1);
            return (empty, new double[empty.Count]);
        }

        var options = new TableOptions { Columns = [settings.Target, DataSplit.DefaultColumn] };
        Table table = TableFile.Read(path, options, streams.Input, cancellation);
        double[] labels = table.Labels(settings.Target);
        if (table.TryGetColumn(DataSplit.DefaultColumn, out _) && settings.Target != DataSplit.DefaultColumn)
        {
            labels = Array.ConvertAll(DataSplit.FromColumn(table).Train, row => labels[row]);
        }

        LabelBins bins = settings.Bins ?? LabelBins.Automatic(labels);
        var counts = new double[bins.Count];
        LabelDistributionSmoothing.Count(labels, bins, counts);
        return (bins, counts);
    }
}
