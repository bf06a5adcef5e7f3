using System.Collections.Concurrent;
using System.Globalization;
using DirKernels.Backends;
using DirKernels.Data;
using DirKernels.Monitoring;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>Predicts a stream of rows: one thread reads and parses the next rows while another predicts and writes those before.</summary>
internal sealed class StreamedPrediction : IDisposable
{
    // One part being read, one waiting, one being predicted: memory for three.
    private const int PartsWaiting = 1;

    private const int RowsOfASketch = 4096;

    // Shortest text of a double that reads back to the same bits: at most 24 characters.
    private const int LongestNumber = 32;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private readonly LabelBins _bins;
    private readonly FeatureEncoder _encoder;
    private readonly RegressionModel _model;
    private int[] _rows = [];
    private float[] _inputs = [];
    private double[] _values = [];
    private double[] _deviations = [];
    private char[] _text = [];

    /// <summary>Prepares the model on a backend.</summary>
    public StreamedPrediction(TrainedModel trained, IBackend backend)
    {
        _bins = trained.Snapshot.Bins;
        _encoder = trained.Encoder;
        _model = trained.Snapshot.ToModel(backend);
    }

    /// <summary>Predicts all rows and writes a CSV; each part is flushed, so that whoever waits for it has it.</summary>
    /// <param name="table">The rows; disposed of at the end.</param>
    /// <param name="rowsAtOnce">Rows of a part.</param>
    /// <param name="writer">Receives the CSV.</param>
    /// <param name="cancellation">Stops, also while the source keeps silent.</param>
    /// <exception cref="InvalidDataException">A row is malformed or no input, or its prediction is not finite; the message names it. Parts before it have been written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(TableStream table, int rowsAtOnce, TextWriter writer, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var parts = new BlockingCollection<Table>(PartsWaiting);

        // A thread of its own: a source may keep it waiting for as long as it likes.
        CancellationToken stopped = stop.Token;
        Task reading = Task.Factory.StartNew(() => Read(table, rowsAtOnce, parts, stopped), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            bool isFirst = true;
            foreach (Table part in parts.GetConsumingEnumerable(cancellation))
            {
                Predict(part);
                if (isFirst)
                {
                    writer.Write(_model.KnowsUncertainty ? "prediction,uncertainty\n" : "prediction\n");
                    isFirst = false;
                }

                Write(writer, part.RowCount);
                writer.Flush();
            }

            // The reader has ended: with the last row, or with an error, which is passed on here.
            reading.GetAwaiter().GetResult();
        }
        finally
        {
            stop.Cancel();
            if (Task.WaitAny([reading], _patience) == 0)
            {
                parts.Dispose();
                table.Dispose();
            }

            // Otherwise the source keeps the reader waiting, perhaps forever: what it uses is left to it.
        }
    }

    /// <summary>Adds all rows and their predictions to a sketch.</summary>
    /// <param name="table">The rows; disposed of at the end.</param>
    /// <param name="sketch">Of the model's inputs and bins.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="InvalidDataException">A row is malformed or no input; the message names it.</exception>
    public void Sketch(TableStream table, DriftSketch sketch, CancellationToken cancellation)
    {
        using (table)
        {
            while (table.Read(RowsOfASketch, cancellation) is { } part)
            {
                Predict(part);
                var bins = new int[part.RowCount];
                _bins.Assign(_values.AsSpan(0, part.RowCount), bins);
                sketch.Add(_inputs.AsSpan(0, part.RowCount * _encoder.Dimension), bins);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private static void Read(TableStream table, int rowsAtOnce, BlockingCollection<Table> parts, CancellationToken stop)
    {
        try
        {
            while (table.Read(rowsAtOnce, stop) is { } part)
            {
                parts.Add(part, stop);
            }
        }
        finally
        {
            parts.CompleteAdding();
        }
    }

    private void Predict(Table part)
    {
        int rows = part.RowCount;
        if (_rows.Length < rows)
        {
            _rows = [.. Enumerable.Range(0, rows)];
            _inputs = new float[checked(rows * _encoder.Dimension)];
            _values = new double[rows];
            _deviations = new double[_model.KnowsUncertainty ? rows : 0];
            _text = new char[checked(2 * LongestNumber * rows)];
        }

        Span<float> inputs = _inputs.AsSpan(0, rows * _encoder.Dimension);
        Span<double> values = _values.AsSpan(0, rows);
        _encoder.Encode(part, _rows.AsSpan(0, rows), inputs);
        if (_model.KnowsUncertainty)
        {
            _model.Predict(inputs, values, _deviations.AsSpan(0, rows));
        }
        else
        {
            _model.Predict(inputs, values);
        }

        for (int row = 0; row < rows; row++)
        {
            if (!double.IsFinite(values[row]))
            {
                throw new InvalidDataException($"{part.Name}: row {part.RowNumber(row)}: the model predicts {values[row]}, which is no finite number");
            }
        }
    }

    private void Write(TextWriter writer, int rows)
    {
        int at = 0;
        bool isUnsure = _model.KnowsUncertainty;
        for (int row = 0; row < rows; row++)
        {
            at += Append(_values[row], at);
            if (isUnsure)
            {
                _text[at++] = ',';
                at += Append(_deviations[row], at);
            }

            _text[at++] = '\n';
        }

        writer.Write(_text.AsSpan(0, at));
    }

    private int Append(double number, int at)
    {
        number.TryFormat(_text.AsSpan(at), out int length, default, CultureInfo.InvariantCulture);
        return length;
    }
}
