using DirKernels.Backends;
using DirKernels.Networks;

namespace DirKernels.Methods;

/// <summary>Trains what a method names, epoch by epoch: one network, or those of an ensemble one after another.</summary>
/// <remarks>
/// Each network is a <see cref="TrainingRun"/> of its own: with its seed, rows resampled by that seed, and the best epoch on the validation rows. The
/// first has the seed of the run, so that it is what the method without its ensemble would have trained; those of the others are hashed from it, and so shared
/// with no run of another seed. The same seed gives the same bits, however often the run was captured and restored.
/// </remarks>
public sealed class MethodRun : IDisposable
{
    private readonly Method _method;
    private readonly MethodSettings _settings;
    private readonly ComparisonRows _train;
    private readonly TrainingSet _validation;
    private readonly IBackend _backend;
    private readonly List<FinishedNetwork> _finished = [];
    private TrainingRun _run;

    /// <summary>Prepares a run.</summary>
    /// <param name="method">What to train.</param>
    /// <param name="settings">Settings; the seed is that of <see cref="MethodSettings.Training"/>.</param>
    /// <param name="train">Training rows; left as they are.</param>
    /// <param name="validation">Rows that choose the best epoch of each network.</param>
    /// <param name="backend">Where to train; not disposed of with the run.</param>
    /// <exception cref="ArgumentException">Shapes or options are not valid.</exception>
    /// <exception cref="InvalidDataException">A label or an input is not finite, or columns that should be one-hot are not.</exception>
    public MethodRun(Method method, MethodSettings settings, ComparisonRows train, TrainingSet validation, IBackend backend)
    {
        _method = method;
        _settings = settings;
        _train = train;
        _validation = validation;
        _backend = backend;
        Shape = MethodPlan.ShapeOf(method, settings, train.Columns);
        (MethodTraining training, _run) = Start(0);
        (Plan, Resampling) = (training.Plan, training.Resampling);
    }

    /// <summary>The network, of which an ensemble has several.</summary>
    public NetworkShape Shape { get; }

    /// <summary>Weights and options of the first network.</summary>
    public MethodPlan Plan { get; }

    /// <summary>What resampling did to the training rows of the first network, in words; null when the method does not resample.</summary>
    public string? Resampling { get; }

    /// <summary>Networks of the method.</summary>
    public int Networks => _method.Networks;

    /// <summary>Networks that were trained before the current one.</summary>
    public int FinishedNetworks => _finished.Count;

    /// <summary>Epochs of each network, of both stages.</summary>
    public int EpochsPerNetwork => _run.TotalEpochs;

    /// <summary>Epochs of all networks.</summary>
    public int TotalEpochs => Networks * EpochsPerNetwork;

    /// <summary>How far the run is of <see cref="TotalEpochs"/>; epochs that patience left out of finished networks count as well.</summary>
    public int Position => _finished.Count * EpochsPerNetwork + _run.CompletedEpochs;

    /// <summary>Epochs that have ended, of all networks.</summary>
    public int CompletedEpochs => _finished.Sum(network => network.CompletedEpochs) + _run.CompletedEpochs;

    /// <summary>Best epoch of each network so far, from 0; the last is -1 before the first has ended.</summary>
    public IReadOnlyList<int> BestEpochs => [.. _finished.Select(network => network.BestEpoch), _run.BestEpoch];

    /// <summary>Validation error of the best epoch of the current network.</summary>
    public double BestError => _run.BestError;

    /// <summary>Whether nothing is left to train.</summary>
    public bool IsFinished => _run.IsFinished && _finished.Count == Networks - 1;

    /// <summary>Trains one epoch of the current network, or of the next one when that is finished, and validates.</summary>
    /// <param name="cancellation">Looked at before each batch; a cancelled epoch leaves the run unusable but for <see cref="Restore"/>.</param>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public EpochResult RunEpoch(CancellationToken cancellation = default)
    {
        if (_run.IsFinished && !IsFinished)
        {
            using (RegressionModel model = _run.BestModel())
            {
                _finished.Add(new FinishedNetwork(model.Networks[0].Download(), _run.CompletedEpochs, _run.BestEpoch));
            }

            Restart();
        }

        return _run.RunEpoch(cancellation);
    }

    /// <summary>The networks of the best epochs as a model of its own, the mean of those that there are so far; the run can be disposed of or go on.</summary>
    /// <exception cref="InvalidOperationException">No epoch of the current network has ended.</exception>
    public RegressionModel BestModel()
    {
        if (_finished.Count == 0)
        {
            return _run.BestModel();
        }

        using RegressionModel last = _run.BestModel();
        return new RegressionModel([.. _finished.Select(finished => finished.Network).Append(last.Networks[0].Download()).Select(network => network.Upload(Shape, _backend))]);
    }

    /// <summary>Validation error of <see cref="BestModel"/>, by the selection of the options.</summary>
    /// <exception cref="InvalidOperationException">No epoch of the current network has ended.</exception>
    public double ValidationError()
    {
        if (_finished.Count == 0)
        {
            return _run.BestError;
        }

        using RegressionModel model = BestModel();
        var predictions = new double[_validation.Labels.Length];
        model.Predict(_validation, predictions);
        return SelectionError.Of(Plan.Options.Selection, predictions, _validation, _validation.BinsOfFirstTarget(_settings.Bins), _settings.Bins.Count);
    }

    /// <summary>Copies the state at the end of the last epoch to the host.</summary>
    /// <param name="reused">A state that is not needed any more: the new one takes over its arrays.</param>
    public TrainingState Capture(TrainingState? reused = null) => _run.Capture(reused) with { Finished = [.. _finished] };

    /// <summary>The best model so far.</summary>
    /// <param name="trainCounts">[B] number of training rows in each bin.</param>
    /// <param name="withCheckpoint">Keep the state to go on from.</param>
    /// <exception cref="InvalidOperationException">No epoch of the current network has ended.</exception>
    public ModelSnapshot Snapshot(double[] trainCounts, bool withCheckpoint = false)
    {
        using RegressionModel model = BestModel();
        return ModelSnapshot.Capture(model, _run.FeatureSmoothing, _settings.Bins, trainCounts, withCheckpoint ? Capture() : null);
    }

    /// <summary>Continues from a captured state of a run with the same rows, method and settings.</summary>
    /// <exception cref="InvalidDataException">The state is that of another network or of other bins, or has more networks than the method.</exception>
    public void Restore(TrainingState state)
    {
        if (state.Finished.Count >= Networks)
        {
            throw new InvalidDataException($"the checkpoint has {state.Finished.Count} finished networks, but the method has {Networks} in all");
        }

        bool isOther = state.Finished.Count != _finished.Count;
        _finished.Clear();
        _finished.AddRange(state.Finished);
        if (isOther)
        {
            Restart();
        }

        _run.Restore(state with { Finished = [] });
    }

    /// <inheritdoc/>
    public void Dispose() => _run.Dispose();

    /// <summary>Seed of a network of an ensemble.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="network">Number of the network, from 0.</param>
    public static ulong SeedOf(ulong seed, int network) => network == 0 ? seed : CounterRandom.Stream(CounterRandom.Stream(seed, 0x7), (ulong)network);

    private void Restart()
    {
        _run.Dispose();
        (_, _run) = Start(_finished.Count);
    }

    private (MethodTraining Training, TrainingRun Run) Start(int network)
    {
        MethodSettings seeded = _settings with { Training = _settings.Training with { Seed = SeedOf(_settings.Training.Seed, network) } };
        MethodTraining training = MethodTraining.Prepare(_method, seeded, _train);
        return (training, new TrainingRun(Shape, training.Rows, _validation, seeded.Bins, training.Plan.Options, _backend));
    }
}
