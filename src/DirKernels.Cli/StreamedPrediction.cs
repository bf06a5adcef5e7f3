using DirKernels.Backends;
using DirKernels.Data;
using DirKernels.Monitoring;

namespace DirKernels.Cli;

/// <summary>Predicts a stream of rows: while one thread waits for the source, others parse, predict and write the rows before, in the order of the source.</summary>
internal sealed class StreamedPrediction : IDisposable
{
    // Reading goes on while others are busy; with many threads, dividing the text among them would be most of the work.
    private const int FewestThreads = 2, MostThreads = 8;

    private const int RowsOfASketch = 4096;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private readonly LabelBins _bins;
    private readonly FeatureEncoder _encoder;
    private readonly SharedModel _model;

    /// <summary>Prepares the model.</summary>
    /// <param name="trained">The model.</param>
    /// <param name="device">Where it predicts; null for the processor.</param>
    public StreamedPrediction(TrainedModel trained, IBackend? device = null)
    {
        _bins = trained.Snapshot.Bins;
        _encoder = trained.Encoder;
        _model = new SharedModel(trained.Snapshot, device);
    }

    /// <summary>Predicts all rows and writes a CSV; each part is flushed, so that whoever waits for it has it.</summary>
    /// <param name="table">The rows; disposed of at the end.</param>
    /// <param name="rowsAtOnce">At most so many rows in a part.</param>
    /// <param name="writer">Receives the CSV.</param>
    /// <param name="cancellation">Stops, also while the source keeps silent.</param>
    /// <exception cref="InvalidDataException">A row is malformed or no input, or its prediction is not finite; the message names it. The rows before it have been written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(TableStream table, int rowsAtOnce, TextWriter writer, CancellationToken cancellation)
    {
        var parts = new PartsInTurn(table, rowsAtOnce);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        CancellationToken stopped = stop.Token;
        var threads = new Task[Math.Clamp(Environment.ProcessorCount, FewestThreads, MostThreads)];
        for (int i = 0; i < threads.Length; i++)
        {
            // Threads of their own: a source may keep one waiting for as long as it likes.
            threads[i] = Task.Factory.StartNew(() => PredictParts(parts, writer, stopped), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        try
        {
            // Not for all threads: one may wait for the source when another has met an error.
            Task.WaitAny([Task.WhenAll(threads), parts.Stopped], cancellation);
            parts.ThrowIfFailed();
        }
        finally
        {
            parts.Stop();
            stop.Cancel();
            if (Task.WaitAll(threads, _patience))
            {
                table.Dispose();
            }

            // Otherwise the source keeps a thread waiting, perhaps forever: what it uses is left to it.
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
            var prediction = new PartPrediction(_encoder, _model);
            while (table.Read(RowsOfASketch, cancellation) is { } part)
            {
                (ReadOnlyMemory<float> inputs, ReadOnlyMemory<double> values) = prediction.Predict(part);
                var bins = new int[part.RowCount];
                _bins.Assign(values.Span, bins);
                sketch.Add(inputs.Span, bins);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private void PredictParts(PartsInTurn parts, TextWriter writer, CancellationToken cancellation)
    {
        try
        {
            var prediction = new PartPrediction(_encoder, _model);
            while (parts.Take(out long turn, cancellation) is { } part)
            {
                using (part)
                {
                    prediction.Predict(part);
                }

                if (!parts.Await(turn))
                {
                    return;
                }

                Write(writer, prediction.Text, isFirst: turn == 0);
                if (prediction.Problem is { } problem)
                {
                    parts.Stop(problem);
                    return;
                }

                parts.Pass();
            }
        }
        catch (Exception failure)
        {
            parts.Stop(failure);
        }
    }

    private void Write(TextWriter writer, ReadOnlySpan<char> rows, bool isFirst)
    {
        if (rows.IsEmpty)
        {
            return;
        }

        if (isFirst)
        {
            writer.Write(_model.KnowsUncertainty ? "prediction,uncertainty\n" : "prediction\n");
        }

        writer.Write(rows);
        writer.Flush();
    }
}
