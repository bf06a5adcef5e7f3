using DirKernels.Networks;

namespace DirKernels.Data;

/// <summary>
/// A regression problem whose rows stay in a data file: split, label bins and encoding as of a table in memory, inputs read block by block while they are needed.
/// </summary>
/// <remarks>
/// <para>In memory are the labels (8 bytes a row), what each row is for (1 byte), and whatever the caller reads of the inputs. While it is made, one column (8 bytes
/// a training row) is in memory besides, or about 20 bytes a row where the file has no split column.</para>
/// <para>The bits of split, bins, encoding and inputs are those that <see cref="RegressionData"/> has of the same table.</para>
/// </remarks>
public sealed class StreamedData : IDisposable
{
    private readonly DataFile _file;
    private readonly RowPart[] _partOfRow;
    private SpilledBlocks? _spilled;

    private StreamedData(DataFile file, string target, string? splitColumn, double[] labels, RowPart[] partOfRow, LabelBins bins, FeatureEncoder encoder)
    {
        _file = file;
        _partOfRow = partOfRow;
        Target = target;
        SplitColumn = splitColumn;
        Bins = bins;
        Encoder = encoder;
        TrainLabels = Of(labels, partOfRow, RowPart.Train);
        ValidationLabels = Of(labels, partOfRow, RowPart.Validation);
        TestLabels = Of(labels, partOfRow, RowPart.Test);
        Train = new EncodedBlocks(file, encoder, partOfRow, RowPart.Train);
        Validation = new EncodedBlocks(file, encoder, partOfRow, RowPart.Validation);
        Test = new EncodedBlocks(file, encoder, partOfRow, RowPart.Test);
    }

    /// <summary>Path of the file.</summary>
    public string Name => _file.Name;

    /// <summary>Name of the label column.</summary>
    public string Target { get; }

    /// <summary>Name of the split column, or null.</summary>
    public string? SplitColumn { get; }

    /// <summary>Label bins.</summary>
    public LabelBins Bins { get; }

    /// <summary>How columns become inputs; to be stored with a model.</summary>
    public FeatureEncoder Encoder { get; }

    /// <summary>Labels of the training rows, in the order of the file.</summary>
    public double[] TrainLabels { get; }

    /// <summary>Labels of the validation rows.</summary>
    public double[] ValidationLabels { get; }

    /// <summary>Labels of the test rows; may be empty.</summary>
    public double[] TestLabels { get; }

    /// <summary>Inputs of the training rows.</summary>
    public IRowBlocks Train { get; }

    /// <summary>Inputs of the validation rows.</summary>
    public IRowBlocks Validation { get; private set; }

    /// <summary>Inputs of the test rows.</summary>
    public IRowBlocks Test { get; }

    /// <summary>A 64-bit number that differs when rows, their order, their parts, target or split column do, but for accidents.</summary>
    public ulong Fingerprint
    {
        get
        {
            ulong hash = RowHash.Append(0, _file.Checksum);
            foreach (char letter in $"{Target}\n{SplitColumn}")
            {
                hash = RowHash.Append(hash, letter);
            }

            foreach (RowPart part in _partOfRow)
            {
                hash = RowHash.Append(hash, (ulong)part);
            }

            return hash;
        }
    }

    /// <summary>Makes a data file ready.</summary>
    /// <param name="file">The file; it must stay open.</param>
    /// <param name="target">The label column.</param>
    /// <param name="splitColumn">The column that says train, val or test; null for a balanced split.</param>
    /// <param name="binsOf">Label bins of the training labels; without a split column, of all labels, over whose bins the split is balanced.</param>
    /// <param name="seed">Seed of the balanced split.</param>
    /// <param name="missing">What a missing value means.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or cannot be trained on, or has missing values that are an error; the message names file, column and row.</exception>
    public static StreamedData Create(
        DataFile file, string target, string? splitColumn, Func<double[], LabelBins> binsOf, ulong seed, MissingValues missing = MissingValues.Error,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(binsOf);
        if (missing == MissingValues.Error)
        {
            DataFileTable.ThrowIfMissing(file, cancellation);
        }

        double[] labels = ReadLabels(file, target, cancellation);
        RowPart[]? partOfRow = splitColumn is null ? null : DataFileSplit.FromColumn(file, splitColumn);
        double[] fitLabels = partOfRow is null ? labels : Of(labels, partOfRow, RowPart.Train);
        TrainingConditions.ThrowIfNothingToLearn(file.Name, target, fitLabels);
        LabelBins bins = binsOf(fitLabels);
        partOfRow ??= DataFileSplit.Balanced(file, target, labels, bins, seed);
        if (!partOfRow.AsSpan().Contains(RowPart.Validation))
        {
            throw TrainingConditions.NothingValidates(file.Name, file.Rows, splitColumn);
        }

        string[] noInputs = splitColumn is null ? [target] : [.. new[] { target, splitColumn }.Distinct(StringComparer.Ordinal)];
        FeatureEncoder encoder = DataFileEncoder.Fit(file, partOfRow, noInputs, cancellation);
        return new StreamedData(file, target, splitColumn, labels, partOfRow, bins, encoder);
    }

    /// <summary>
    /// Copies the validation rows to a temporary file, where they lie together: they are read every epoch, and are scattered over the whole data file.
    /// </summary>
    /// <param name="folder">Where the file goes; it is gone when the process ends.</param>
    /// <param name="cancellation">Stops copying.</param>
    /// <exception cref="InvalidDataException">The data file is damaged.</exception>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public void GatherValidation(string folder, CancellationToken cancellation = default)
    {
        _spilled ??= new SpilledBlocks(Validation, folder, cancellation);
        Validation = _spilled;
    }

    /// <inheritdoc/>
    public void Dispose() => _spilled?.Dispose();

    private static double[] ReadLabels(DataFile file, string target, CancellationToken cancellation)
    {
        int column = file.IndexOfNumbers(target);
        var labels = new double[file.Rows];
        foreach (DataFileBlock block in DataFileBlock.OfColumn(file, column, cancellation))
        {
            block.Numbers(column, 0, labels.AsSpan(block.FirstRow, block.Rows));
        }

        int missing = labels.AsSpan().IndexOf(double.NaN);
        return missing < 0 ? labels : throw new InvalidDataException($"{file.Name}: row {missing + 1}, column '{target}': the label is missing");
    }

    private static double[] Of(double[] labels, RowPart[] partOfRow, RowPart part)
    {
        var chosen = new double[partOfRow.AsSpan().Count(part)];
        int at = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            if (partOfRow[row] == part)
            {
                chosen[at++] = labels[row];
            }
        }

        return chosen;
    }
}
