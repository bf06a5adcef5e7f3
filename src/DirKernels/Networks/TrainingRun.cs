using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Features;

namespace DirKernels.Networks;

/// <summary>
/// Trains one network, epoch by epoch: shuffled mini-batches, weighted loss, optional feature distribution smoothing, best epoch by validation error,
/// and optionally a second stage that trains a new head on the frozen encoder.
/// </summary>
/// <remarks>
/// The order of the rows is a function of (seed, epoch) and dropout one of (seed, step): the same seed gives the same bits on one instruction-set
/// level, whatever the number of threads and however often the run was captured and restored. Feature statistics are accumulated from the uncalibrated
/// features of the batches while the epoch runs; the first calibrated epoch is the one after the first full epoch.
/// </remarks>
public sealed partial class TrainingRun : IDisposable
{
    private readonly IBackend _backend;
    private readonly bool _ownsBackend;
    private readonly TrainingOptions _options;
    private readonly LabelBins _bins;
    private readonly TrainingSet _validation;
    private readonly int[] _validationBins;
    private readonly TargetScaling _scaling;
    private readonly RegressionNetwork _network;
    private readonly RegressionModel _model;
    private readonly NetworkPass _pass;
    private readonly NetworkPlan? _plan;
    private readonly FeatureDistributionSmoothing? _smoothing;
    private readonly BatchSource _batches;
    private readonly DeviceBuffer<double> _lossSum;
    private readonly DeviceBuffer<float> _firstMoments;
    private readonly DeviceBuffer<float> _secondMoments;
    private readonly DeviceBuffer<float> _bestParameters;
    private readonly DeviceBuffer<float> _bestNormalization;
    private readonly double[] _validationPredictions;
    private readonly ObjectivePass? _objective;
    private readonly FeatureObjectivePass? _featureObjective;
    private readonly TransportPass? _transport;
    private int _bestEpoch = -1;
    private double _bestError = double.PositiveInfinity;
    private long _steps;

    /// <summary>Prepares a run: copies the rows to the backend, initialises the network.</summary>
    /// <param name="shape">The network; its inputs and targets must be those of the rows.</param>
    /// <param name="training">Training rows with their weights.</param>
    /// <param name="validation">Rows that choose the best epoch.</param>
    /// <param name="bins">Label bins of the first target, for feature smoothing and balanced errors.</param>
    /// <param name="options">How to train.</param>
    /// <param name="backend">Where to train; null for a CPU backend of the run's own.</param>
    /// <exception cref="ArgumentException">Shapes or options are not valid.</exception>
    public TrainingRun(
        NetworkShape shape, TrainingSet training, TrainingSet validation, LabelBins bins, TrainingOptions options, IBackend? backend = null)
    {
        options.Validate();
        CheckShapes(shape, training, validation);
        _ownsBackend = backend is null;
        _backend = backend ?? new CpuBackend();
        _options = options;
        _bins = bins;
        _validation = validation;
        _validationBins = validation.BinsOfFirstTarget(bins);
        _validationPredictions = new double[validation.Labels.Length];
        _scaling = TargetScaling.Fit(training);
        _network = new RegressionNetwork(shape, _backend, options.Seed);
        _model = new RegressionModel(_network, _scaling);
        int capacity = Math.Min(options.BatchSize, training.Rows);
        _featureObjective = ObjectiveChoice.CreateForFeatures(options, shape, capacity) is { } ranking
            ? new FeatureObjectivePass(ranking, _backend, capacity, shape.FeatureDimensions, options.Seed)
            : null;
        _pass = new NetworkPass(_network, capacity, forTraining: true) { FeatureObjective = _featureObjective };
        _batches = new BatchSource(_backend, WindowsOf(training), training, capacity);
        _smoothing = options.FeatureSmoothing is { } smoothing
            ? new FeatureDistributionSmoothing(shape.FeatureDimensions, bins.Count, smoothing, _backend)
            : null;
        _objective = ObjectiveChoice.Create(options, shape, training, _scaling, bins, capacity) is { } objective
            ? new ObjectivePass(objective, _backend, capacity, shape.Outputs)
            : null;
        _transport = TransportPass.Create(options, _network, training, _scaling, bins, capacity);

        // The one operation for a step knows losses of single errors and features as they are.
        bool isPlain = shape.Head.IsValue && _objective is null && _featureObjective is null && _transport is null;
        _plan = isPlain && _network.PlanFor(options.Loss) is { } plan && _backend.TakesNetwork(plan, capacity) ? plan : null;
        _lossSum = _backend.Allocate<double>(1);
        _firstMoments = _backend.Allocate<float>(_network.Layout.Length);
        _secondMoments = _backend.Allocate<float>(_network.Layout.Length);
        _bestParameters = _backend.Allocate<float>(_network.Layout.Length);
        _bestNormalization = _backend.Allocate<float>(_network.NormalizationStatistics.Length);
    }

    /// <summary>Epochs that have ended, of both stages.</summary>
    public int CompletedEpochs { get; private set; }

    /// <summary>Epochs of both stages.</summary>
    public int TotalEpochs => _options.Epochs + _options.HeadEpochs;

    /// <summary>Best epoch so far, from 0; -1 before the first.</summary>
    public int BestEpoch => _bestEpoch;

    /// <summary>Validation error of the best epoch.</summary>
    public double BestError => _bestError;

    /// <summary>Whether nothing is left to train: all epochs have ended, or patience has.</summary>
    // A best epoch of the first stage says nothing about the patience of the second.
    public bool IsFinished => CompletedEpochs >= TotalEpochs || (IsOutOfPatience && (_options.HeadEpochs == 0 || _bestEpoch >= _options.Epochs));

    /// <summary>Feature statistics of the run; null without feature smoothing.</summary>
    public FeatureDistributionSmoothing? FeatureSmoothing => _smoothing;

    private bool InHeadStage => CompletedEpochs >= _options.Epochs;

    private bool IsOutOfPatience => _options.Patience > 0 && _bestEpoch >= 0 && CompletedEpochs - 1 - _bestEpoch >= _options.Patience;

    /// <summary>Trains one epoch and validates.</summary>
    /// <param name="cancellation">Looked at every few batches; a cancelled epoch leaves the run unusable but for <see cref="Restore"/>.</param>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public EpochResult RunEpoch(CancellationToken cancellation = default)
    {
        if (!InHeadStage && IsOutOfPatience)
        {
            // Patience ended the first stage early: the second one starts at its own first epoch.
            CompletedEpochs = _options.Epochs;
        }

        int epoch = CompletedEpochs;
        bool headStage = InHeadStage;
        if (headStage && epoch == _options.Epochs)
        {
            StartHeadStage();
        }

        double rate = headStage
            ? _options.Schedule.RateOf(_options.LearningRate, epoch - _options.Epochs, _options.HeadEpochs)
            : _options.Schedule.RateOf(_options.LearningRate, epoch, _options.Epochs);
        _backend.Clear<double>(_lossSum);

        // Maps by blocks are read once for all rows of a bin that follow each other.
        bool groupsBins = !headStage && _smoothing is { IsCalibrating: true, BlockSize: > 1 };
        _batches.StartEpoch(epoch, groupsBins ? _bins.Count : 0);
        _transport?.StartEpoch(epoch);
        while (_batches.Next(headStage ? 1 : BatchesAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            if (headStage)
            {
                StepHead((float)rate);
            }
            else if (_plan is not null)
            {
                StepFused(_plan, (float)rate);
            }
            else
            {
                Step((float)rate);
            }
        }

        double loss = 0;
        _backend.CopyOut(_lossSum, new Span<double>(ref loss));
        loss = (loss + (_objective?.TakeLossSum() ?? 0) + (_featureObjective?.TakeLossSum() ?? 0)) / _batches.Rows;
        if (!double.IsFinite(loss))
        {
            throw new TrainingDivergedException(epoch, loss);
        }

        FeatureStatisticsReport? features = headStage ? null : _smoothing?.EndEpoch();
        if (!headStage)
        {
            _transport?.EndEpoch();
        }

        double error = ValidationError();
        if (!double.IsFinite(error))
        {
            throw new TrainingDivergedException(epoch, error);
        }

        bool isBest = error < _bestError;
        if (isBest)
        {
            _bestError = error;
            _bestEpoch = epoch;
            _backend.Copy<float>(_network.Parameters, _bestParameters);
            _backend.Copy<float>(_network.NormalizationStatistics, _bestNormalization);
        }

        CompletedEpochs = epoch + 1;
        return new EpochResult(epoch, loss, error, isBest, features);
    }

    /// <summary>The network of the best epoch as a model of its own; the run can be disposed of or go on.</summary>
    /// <param name="backend">Where the model predicts; null for the backend of the run, which must then outlive it.</param>
    /// <exception cref="InvalidOperationException">No epoch has ended.</exception>
    public RegressionModel BestModel(IBackend? backend = null)
    {
        if (_bestEpoch < 0)
        {
            throw new InvalidOperationException("no epoch has ended: there is no model yet");
        }

        IBackend target = backend ?? _backend;
        var network = new RegressionNetwork(_network.Shape, target, _backend.Download(_bestParameters), _backend.Download(_bestNormalization));
        return new RegressionModel(network, _scaling);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Dispose();
        _pass.Dispose();
        _batches.Dispose();
        _smoothing?.Dispose();
        _transport?.Dispose();
        _lossSum.Dispose();
        _firstMoments.Dispose();
        _secondMoments.Dispose();
        _bestParameters.Dispose();
        _bestNormalization.Dispose();
        if (_ownsBackend)
        {
            _backend.Dispose();
        }
    }

    private static void CheckShapes(NetworkShape shape, TrainingSet training, TrainingSet validation)
    {
        shape.Validate();
        foreach (TrainingSet set in new[] { training, validation })
        {
            if (set.InputColumns != shape.Inputs || set.Targets != shape.Targets)
            {
                throw new ArgumentException(
                    $"the network takes {shape.Inputs} inputs and {shape.Targets} targets, but the rows have {set.InputColumns} and {set.Targets}");
            }

            foreach (float[]? weights in new[] { set.Weights, set.HeadWeights })
            {
                if (weights is not null && weights.Length != set.Rows)
                {
                    throw new ArgumentException($"there are {set.Rows} rows but {weights.Length} weights");
                }
            }
        }
    }

    private IRowWindows WindowsOf(TrainingSet training)
    {
        bool isStratified = _options.Batches == BatchOrder.Stratified;
        if (training.Blocks is not null)
        {
            return isStratified
                ? throw new ArgumentException("stratified batches are dealt from all rows at once, but these rows are read in blocks")
                : new StreamedRows(_backend, training, _scaling, _bins, _options.BlocksPerWindow, _options.Seed, TotalEpochs);
        }

        int[] bins = training.BinsOfFirstTarget(_bins);
        return new ResidentRows(_backend, training, _scaling, bins, _options.Seed, isStratified ? new StratifiedOrder(bins, _bins.Count) : null);
    }

    private void StartHeadStage()
    {
        // The encoder of the best epoch stays; the head, its optimiser state and the choice of the best epoch start anew.
        _backend.Copy<float>(_bestParameters, _network.Parameters);
        _backend.Copy<float>(_bestNormalization, _network.NormalizationStatistics);
        _network.InitializeHead(_options.Seed);
        _backend.Clear<float>(_firstMoments);
        _backend.Clear<float>(_secondMoments);
        _steps = 0;
        _bestError = double.PositiveInfinity;
        _bestEpoch = -1;
    }

    private double ValidationError()
    {
        _model.Predict(_validation, _validationPredictions);
        return SelectionError.Of(_options.Selection, _validationPredictions, _validation, _validationBins, _bins.Count);
    }
}
