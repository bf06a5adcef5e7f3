using System.CommandLine;
using System.Globalization;
using DirKernels.Data;
using DirKernels.Methods;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>Where <c>train</c> has its rows from: a table in memory, or a data file that stays where it is.</summary>
internal sealed class TrainingSource : IDisposable
{
    private readonly DataFile? _file;
    private readonly StreamedData? _streamed;

    private TrainingSource(TrainingParts parts, DataFile? file = null, StreamedData? streamed = null)
    {
        Parts = parts;
        _file = file;
        _streamed = streamed;
    }

    /// <summary>The rows.</summary>
    public TrainingParts Parts { get; }

    /// <summary>Reads the table, or opens the data file when memory is limited.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="table">The table.</param>
    /// <param name="settings">Bins, seed and missing values.</param>
    /// <param name="memory">Most bytes of memory; null for a table in memory.</param>
    /// <param name="folder">Where a temporary file may go.</param>
    /// <param name="streams">Standard input.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="ArgumentException">Memory is limited, but the table is no data file, or the limit is too low; the message says what is needed.</exception>
    /// <exception cref="InvalidDataException">The table, its target or its split cannot be used.</exception>
    public static TrainingSource Open(
        ParseResult parsed, TableArguments table, TrainingSettings settings, long? memory, string folder, CommandStreams streams, CancellationToken cancellation)
    {
        if (memory is not { } limit)
        {
            return new TrainingSource(Resident(TrainingData.Read(parsed, table, settings, streams, cancellation)));
        }

        string path = table.File(parsed);
        DataFile file = OpenFile(path);
        StreamedData? streamed = null;
        try
        {
            MemoryPlan.ThrowIfTooSmall(limit, file);
            string? split = table.SplitColumn(parsed, name => file.Columns.Any(column => column.Name == name));
            streamed = StreamedData.Create(file, table.Target(parsed), split, labels => settings.Labels.BinsFor(labels), settings.Seed, settings.Missing, cancellation);

            // Whole columns have come and gone: what they took is given back, for rows lie outside the memory of the collector.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            var plan = MemoryPlan.Create(limit, file, streamed);
            return new TrainingSource(Streamed(streamed, plan, folder, cancellation), file, streamed);
        }
        catch
        {
            streamed?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _streamed?.Dispose();
        _file?.Dispose();
    }

    private static DataFile OpenFile(string path)
    {
        if (path == TableFile.StandardInput || (File.Exists(path) && !DataFile.IsDataFile(path)))
        {
            throw new ArgumentException($"--memory: {path} is no data file; make one with: convert {path} --out NAME{DataFile.Extension}");
        }

        return DataFile.Open(path);
    }

    private static TrainingParts Resident(TrainingData data)
    {
        RegressionData rows = data.Regression;
        var fingerprint = new DataFingerprint();
        fingerprint.Add(rows.Train.Inputs);
        fingerprint.Add(rows.Train.Labels);
        fingerprint.Add(rows.Validation.Inputs);
        fingerprint.Add(rows.Validation.Labels);
        return new TrainingParts
        {
            Target = rows.Target,
            SplitColumn = data.Split.Column,
            Encoder = rows.Encoder,
            Bins = data.Bins,
            Train = data.RowsOf(rows.Train),
            Validation = data.RowsOf(rows.Validation),
            Test = rows.Test.Count == 0 ? null : data.RowsOf(rows.Test),
            Fingerprint = fingerprint.ToString(),
        };
    }

    private static TrainingParts Streamed(StreamedData data, MemoryPlan plan, string folder, CancellationToken cancellation)
    {
        if (!plan.HoldsValidation)
        {
            data.GatherValidation(folder, cancellation);
        }

        return new TrainingParts
        {
            Target = data.Target,
            SplitColumn = data.SplitColumn,
            Encoder = data.Encoder,
            Bins = data.Bins,
            Train = new ComparisonRows(data.Train, data.TrainLabels) { OneHotGroups = data.Encoder.OneHotGroups },
            Validation = plan.HoldsValidation
                ? new ComparisonRows(ReadAll(data.Validation), data.ValidationLabels)
                : new ComparisonRows(data.Validation, data.ValidationLabels),
            Test = data.TestLabels.Length == 0 ? null : new ComparisonRows(data.Test, data.TestLabels),
            Fingerprint = data.Fingerprint.ToString("x16", CultureInfo.InvariantCulture),
            BlocksPerWindow = plan.BlocksPerWindow,
        };
    }

    private static float[] ReadAll(IRowBlocks blocks)
    {
        int columns = blocks.Columns;
        var inputs = new float[checked(blocks.RowCount() * columns)];
        for (int block = 0; block < blocks.BlockCount; block++)
        {
            blocks.Read(block, inputs.AsSpan((blocks.FirstRow(block) * columns)..(blocks.FirstRow(block + 1) * columns)));
        }

        return inputs;
    }
}
