using DirKernels.Data;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>A model file with all that the command needs to use it.</summary>
/// <param name="Snapshot">Network, scaling, bins and training counts.</param>
/// <param name="Metadata">Columns, options and result.</param>
internal sealed record TrainedModel(ModelSnapshot Snapshot, ModelMetadata Metadata)
{
    /// <summary>Reads a model file.</summary>
    /// <exception cref="InvalidDataException">It is no model of this command, damaged or newer; the message names the file.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static TrainedModel Read(string path)
    {
        if (Directory.Exists(path))
        {
            throw new InvalidDataException($"{path}: this is a folder, not a model file");
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: there is no such file");
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
            ModelSnapshot snapshot = ModelFile.Read(stream);
            ModelMetadata metadata = ModelMetadata.Of(snapshot.Metadata);
            return snapshot.Shape.Inputs == metadata.Encoder.Dimension && snapshot.Shape.Targets == 1
                ? new TrainedModel(snapshot, metadata)
                : throw new InvalidDataException($"the network {snapshot.Shape} does not fit the {metadata.Encoder.Dimension} inputs of its columns and one target");
        }
        catch (InvalidDataException problem)
        {
            throw new InvalidDataException($"{path}: {problem.Message}", problem);
        }
    }

    /// <summary>How tables are read for the model: its own columns and those named, numbers and text where the model knows them.</summary>
    /// <param name="missing">What missing values mean; null for what they meant in training.</param>
    /// <param name="others">Further columns that are needed.</param>
    public TableOptions TableOptions(MissingValues? missing, params IEnumerable<string> others) => new()
    {
        Missing = missing ?? Metadata.Missing,
        Columns = [.. Metadata.Encoder.Columns.Select(column => column.Name).Concat(others).Distinct(StringComparer.Ordinal)],
        TextColumns = ColumnsOf(EncodedColumnKind.Categorical),
        NumericColumns = ColumnsOf(EncodedColumnKind.Numeric),
    };

    /// <summary>The column of a table that says train, val or test; null when the table has none that is no input of the model.</summary>
    public string? SplitColumnOf(Table table)
    {
        string column = Metadata.SplitColumn ?? DataSplit.DefaultColumn;
        return table.TryGetColumn(column, out _) && column != Metadata.Target && IsNoInput(column) ? column : null;
    }

    /// <summary>Turns tables into inputs; a column called split is no unknown one.</summary>
    public FeatureEncoder Encoder => IsNoInput(DataSplit.DefaultColumn)
        ? new FeatureEncoder(Metadata.Encoder.Columns, Metadata.Encoder.IgnoredColumns.Append(DataSplit.DefaultColumn))
        : Metadata.Encoder;

    private string[] ColumnsOf(EncodedColumnKind kind) => [.. Metadata.Encoder.Columns.Where(column => column.Kind == kind).Select(column => column.Name)];

    private bool IsNoInput(string column) => !Metadata.Encoder.Columns.Any(input => input.Name == column);
}
