using DirKernels.Backends;
using DirKernels.Objectives;

namespace DirKernels.Networks;

/// <summary>Losses of whole batches in a training run: brings predictions to the host, evaluates, and brings the gradient to the backward pass.</summary>
internal sealed class ObjectivePass
{
    private readonly IPredictionObjective _objective;
    private readonly HostMirror<float> _predictions;
    private readonly HostMirror<float> _targets;
    private readonly HostMirror<float> _weights;
    private readonly HostMirror<float> _gradient;
    private readonly HostMirror<int> _bins;
    private double _lossSum;

    /// <summary>Prepares transfers.</summary>
    /// <param name="objective">The loss.</param>
    /// <param name="backend">Where predictions lie.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    /// <param name="outputs">Outputs of the head.</param>
    public ObjectivePass(IPredictionObjective objective, IBackend backend, int capacity, int outputs)
    {
        _objective = objective;
        _predictions = new HostMirror<float>(backend, (long)capacity * outputs);
        _gradient = new HostMirror<float>(backend, (long)capacity * outputs);
        _targets = new HostMirror<float>(backend, capacity);
        _weights = new HostMirror<float>(backend, capacity);
        _bins = new HostMirror<int>(backend, capacity);
    }

    /// <summary>Loss of the last predictions; the gradient is kept for the backward pass.</summary>
    public void Loss(NetworkPass pass, BatchSource batches)
    {
        int rows = batches.BatchRows;
        DeviceView<float> gradient = pass.PredictionGradient(rows);
        var batch = new ObjectiveBatch(
            _predictions.Read(pass.Prediction(rows)), _targets.Read(batches.Targets), _weights.Read(batches.Weights), _bins.Read(batches.Bins));
        _lossSum += _objective.Evaluate(batch, _gradient.Open(gradient));
        _gradient.Write(gradient);
    }

    /// <summary>Moves what the loss learns itself.</summary>
    public void Step() => _objective.Step();

    /// <summary>The sum of the losses of all rows since the last call.</summary>
    public double TakeLossSum()
    {
        double sum = _lossSum;
        _lossSum = 0;
        return sum;
    }

    /// <summary>What the loss has learnt; null when it learns nothing.</summary>
    public double[]? Capture() => _objective.State.IsEmpty ? null : _objective.State.ToArray();

    /// <summary>Continues from captured numbers.</summary>
    /// <param name="pass">The loss of a run; null when it has none of whole batches.</param>
    /// <param name="state">What was captured.</param>
    /// <exception cref="InvalidDataException">The numbers are those of another loss.</exception>
    public static void Restore(ObjectivePass? pass, double[]? state)
    {
        Span<double> learnt = pass is null ? [] : pass._objective.State;
        if ((state?.Length ?? 0) != learnt.Length)
        {
            throw new InvalidDataException($"the checkpoint has {state?.Length ?? 0} numbers that the loss has learnt, but this loss has {learnt.Length}");
        }

        state.CopyTo(learnt);
        pass?.TakeLossSum();
    }
}
