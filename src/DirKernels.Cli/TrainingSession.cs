using DirKernels.Methods;
using DirKernels.Monitoring;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>One training run of the command: goes on from a checkpoint, shows progress, and leaves checkpoints while it runs or when it is stopped.</summary>
internal sealed class TrainingSession
{
    private readonly MethodRun _run;
    private readonly TrainingParts _parts;
    private readonly ModelMetadata _metadata;
    private readonly ModelDestination _destination;
    private readonly CheckpointPlan _checkpoints;
    private readonly CommandStreams _streams;
    private TrainingState? _state;
    private FeatureMapCounts? _maps;
    private float[] _block = [];

    /// <summary>Prepares a session.</summary>
    /// <param name="run">A new run.</param>
    /// <param name="parts">The rows of the run.</param>
    /// <param name="metadata">What model file and checkpoint say; the result in it is replaced.</param>
    /// <param name="destination">Where the model goes.</param>
    /// <param name="checkpoints">Where and when the state goes.</param>
    /// <param name="streams">Receives messages and progress.</param>
    public TrainingSession(MethodRun run, TrainingParts parts, ModelMetadata metadata, ModelDestination destination, CheckpointPlan checkpoints, CommandStreams streams)
    {
        _run = run;
        _parts = parts;
        _metadata = metadata;
        _destination = destination;
        _checkpoints = checkpoints;
        _streams = streams;
    }

    /// <summary>Goes on from the newest checkpoint that can be read; a folder without any means the beginning.</summary>
    /// <exception cref="FileNotFoundException">There is none beside the model.</exception>
    /// <exception cref="InvalidDataException">All are damaged, or the newest was made with other options or data.</exception>
    public void Resume()
    {
        IReadOnlyList<string> found = _checkpoints.Store.Find();
        if (found.Count == 0 && !_checkpoints.Store.IsFolder)
        {
            throw new FileNotFoundException($"{_checkpoints.Store.Name}: there is no checkpoint to resume from");
        }

        for (int i = 0; i < found.Count; i++)
        {
            TrainedModel checkpoint;
            try
            {
                checkpoint = TrainedModel.Read(found[i]);
            }
            catch (InvalidDataException damaged) when (i + 1 < found.Count)
            {
                _streams.Error.WriteLine($"{damaged.Message}; going on from the one before");
                continue;
            }

            Restore(found[i], checkpoint);
            return;
        }
    }

    /// <summary>Trains to the end and writes the model.</summary>
    /// <returns>What training came to.</returns>
    /// <exception cref="TrainingStoppedException">Cancelled; the message says what was kept.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    public TrainingResult Train(CancellationToken cancellation)
    {
        using (var progress = new ProgressLine(_streams))
        {
            int first = _run.Position;
            while (!_run.IsFinished)
            {
                EpochResult epoch = RunEpoch(cancellation);
                _state = _run.Capture(_state);
                _maps = epoch.Features is { } report ? FeatureMapCounts.Of(report) : _maps;
                if (_checkpoints.IsDue(_run.Position) && !_run.IsFinished)
                {
                    WriteCheckpoint();
                }

                progress.Show(Describe(epoch), _run.Position - first, _run.TotalEpochs - _run.Position);
            }
        }

        ModelSnapshot snapshot = Snapshot(withCheckpoint: false) with { Reference = TrainingRows() };
        _destination.Write(snapshot);
        _checkpoints.Store.Clear();
        return Result;
    }

    private TrainingResult Result => new(_run.CompletedEpochs, _run.BestEpochs, _run.ValidationError(), _maps);

    private EpochResult RunEpoch(CancellationToken cancellation)
    {
        try
        {
            return _run.RunEpoch(cancellation);
        }
        catch (OperationCanceledException)
        {
            if (_state is null)
            {
                throw new TrainingStoppedException("stopped before the first epoch had ended; there is nothing to resume from");
            }

            // The epoch that was cut off has changed the network: back to the end of the last whole one.
            _run.Restore(_state);
            WriteCheckpoint();
            throw new TrainingStoppedException($"stopped after epoch {_run.Position} of {_run.TotalEpochs}; {_checkpoints.Store.Name} keeps the state for --resume");
        }
    }

    private void Restore(string path, TrainedModel checkpoint)
    {
        if (_metadata.Determining.FirstDifference(checkpoint.Metadata.Determining) is { } difference)
        {
            throw new InvalidDataException(
                $"{path}: the checkpoint was made with {difference.Name} '{difference.There}', but now it is '{difference.Here}'");
        }

        TrainingState state = checkpoint.Snapshot.Checkpoint ?? throw new InvalidDataException($"{path}: this is a finished model, not a checkpoint");
        foreach ((int completed, int best) in state.Finished.Select(network => (network.CompletedEpochs, network.BestEpoch)).Append((state.CompletedEpochs, state.BestEpoch)))
        {
            if (completed < 1 || completed > _run.EpochsPerNetwork || best < 0 || best >= completed)
            {
                throw new InvalidDataException($"{path}: the checkpoint claims {completed} epochs, the best of them {best}, of {_run.EpochsPerNetwork}");
            }
        }

        try
        {
            _run.Restore(state);
        }
        catch (InvalidDataException problem)
        {
            throw new InvalidDataException($"{path}: {problem.Message}", problem);
        }

        _state = state;
        _maps = checkpoint.Metadata.Result.FeatureMaps;
    }

    private void WriteCheckpoint() => _checkpoints.Store.Write(_run.Position, Snapshot(withCheckpoint: true));

    private ModelSnapshot Snapshot(bool withCheckpoint) => _run.Snapshot(_parts.TrainCounts, withCheckpoint) with
    {
        Metadata = (_metadata with { Result = Result }).ToEntries(),
    };

    /// <summary>What the training rows look like and what the model says about them, to see later whether others look alike.</summary>
    private DriftSketch TrainingRows()
    {
        ComparisonRows train = _parts.Train;
        using RegressionModel model = _run.BestModel();
        var sketch = new DriftSketch(_parts.Encoder.Dimension, _parts.Bins.Count);
        if (train.Blocks is not { } blocks)
        {
            Add(train.Inputs, train.Labels.Length);
            return sketch;
        }

        for (int block = 0; block < blocks.BlockCount; block++)
        {
            int rows = blocks.RowsOf(block), length = rows * blocks.Columns;
            if (_block.Length < length)
            {
                _block = new float[length];
            }

            blocks.Read(block, _block.AsSpan(0, length));
            Add(_block.AsSpan(0, length), rows);
        }

        return sketch;

        void Add(ReadOnlySpan<float> inputs, int rows)
        {
            var predictions = new double[rows];
            model.Predict(inputs, predictions);
            var bins = new int[rows];
            _parts.Bins.Assign(predictions, bins);
            sketch.Add(inputs, bins);
        }
    }

    private string Describe(EpochResult epoch)
    {
        string error = SelectionName.Of(_run.Plan.Options.Selection), network = _run.Networks > 1 ? $"network {_run.FinishedNetworks + 1}/{_run.Networks}, " : "";
        return FormattableString.Invariant(
            $"epoch {_run.Position}/{_run.TotalEpochs}, {network}loss {epoch.Loss:G4}, validation {error} {epoch.ValidationError:G5}, best {_run.BestError:G5}");
    }
}
