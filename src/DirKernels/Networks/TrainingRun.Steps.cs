using DirKernels.Backends;
using DirKernels.Features;

namespace DirKernels.Networks;

/// <content>The steps of an epoch: one mini-batch forwards and backwards, and the optimiser.</content>
public sealed partial class TrainingRun
{
    /// <summary>Batches that one operation goes through, some milliseconds: whoever cancels waits for them.</summary>
    private const int MostBatches = 32;

    private ulong DropoutKey => CounterRandom.Stream(_options.Seed, 0x3);

    private ulong DropoutStream => CounterRandom.Stream(DropoutKey, (ulong)_steps);

    // As many as features can be kept of before statistics take them in.
    private int BatchesAtOnce => _plan is null ? 1 : _smoothing is null ? MostBatches : Math.Clamp(_smoothing.RoomFor(_batches.Capacity) / _batches.Capacity, 1, MostBatches);

    // Batches that go through a network in one operation, which leaves features where their statistics are gathered.
    private void StepFused(NetworkPlan plan, float rate)
    {
        int rows = _batches.BatchRows;
        DeviceView<float> features = default;
        DeviceView<int> bins = default;
        FeatureCalibration calibration = default;
        bool reserved = false;
        if (_smoothing is not null)
        {
            reserved = _smoothing.TryReserve(rows, out features, out bins);
            if (!reserved)
            {
                (features, bins) = (_pass.Features(rows), _batches.Bins);
            }

            _batches.GatherBins(bins);
            calibration = _smoothing.CalibrationOf(bins);
        }

        NetworkBatch batches = _batches.Numbered(DropoutKey);
        var update = new ParameterUpdate(NextStep(rate), _firstMoments, _secondMoments);
        _backend.NetworkSteps(plan, batches, _batches.Capacity, calibration, update, _network.Parameters, features, _pass.Gradients, _lossSum);
        _steps += (rows - 1) / _batches.Capacity;
        if (reserved)
        {
            _smoothing!.KeepReserved(rows);
        }
        else
        {
            _smoothing?.Accumulate(features, bins);
        }
    }

    private void Step(float rate)
    {
        _batches.Gather(headStage: false);
        int rows = _batches.BatchRows;
        ulong dropout = DropoutStream;
        DeviceView<float> features = _pass.Encode(_batches.Inputs, rows, dropout);
        _featureObjective?.Evaluate(features, _batches.Targets, _steps);
        DeviceView<float> headInputs = _transport?.Apply(_pass, features, _batches) ?? features;
        FeatureDistributionSmoothing? calibrating = null;
        if (_smoothing is not null)
        {
            _smoothing.Accumulate(features, _batches.Bins);
            if (_smoothing.IsCalibrating)
            {
                calibrating = _smoothing;
                headInputs = _pass.Calibrate(_smoothing, features, _batches.Bins);
            }
        }

        _pass.Head(headInputs, rows);
        Loss(rows);
        _pass.Backward(_batches.Inputs, headInputs, rows, dropout, calibrating, _batches.Bins);
        Update(rate, 0);
    }

    private void StepHead(float rate)
    {
        _batches.Gather(headStage: true);
        int rows = _batches.BatchRows;
        DeviceView<float> features = _pass.EncodeFixed(_batches.Inputs, rows);
        _pass.Head(features, rows);
        Loss(rows);
        _pass.HeadBackward(features, rows);
        Update(rate, _network.Layout.HeadStart);
    }

    private void Loss(int rows)
    {
        if (_objective is null)
        {
            _pass.Loss(_options.Loss, _batches.Targets, _batches.Weights, rows, _lossSum);
        }
        else
        {
            _objective.Loss(_pass, _batches);
        }
    }

    private void Update(float rate, long start)
    {
        _objective?.Step();
        OptimizerStep step = NextStep(rate);
        long length = _network.Layout.Length - start;
        _backend.UpdateParameters(
            step, _network.Parameters.Slice(start, length), _pass.Gradients.Slice(start, length), _firstMoments.Slice(start, length), _secondMoments.Slice(start, length));
    }

    private OptimizerStep NextStep(float rate) =>
        new(_options.Optimizer, rate, _options.Beta1, _options.Beta2, _options.Epsilon, _options.WeightDecay, ++_steps);
}
