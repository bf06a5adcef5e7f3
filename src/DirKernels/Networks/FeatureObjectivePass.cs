using System.Numerics.Tensors;
using DirKernels.Backends;
using DirKernels.Objectives;

namespace DirKernels.Networks;

/// <summary>A term of the loss on features in a training run: brings features to the host, evaluates, and adds the gradient in the backward pass.</summary>
internal sealed class FeatureObjectivePass
{
    private readonly IFeatureObjective _objective;
    private readonly ulong _seed;
    private readonly HostMirror<float> _features;
    private readonly HostMirror<float> _targets;
    private readonly HostMirror<float> _flow;
    private readonly float[] _gradient;
    private double _lossSum;

    /// <summary>Prepares transfers.</summary>
    /// <param name="objective">The term.</param>
    /// <param name="backend">Where features lie.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    /// <param name="dimensions">D.</param>
    /// <param name="seed">Seed of the run.</param>
    public FeatureObjectivePass(IFeatureObjective objective, IBackend backend, int capacity, int dimensions, ulong seed)
    {
        _objective = objective;
        _seed = CounterRandom.Stream(seed, 0x5);
        _features = new HostMirror<float>(backend, (long)capacity * dimensions);
        _flow = new HostMirror<float>(backend, (long)capacity * dimensions);
        _targets = new HostMirror<float>(backend, capacity);
        _gradient = new float[checked(capacity * dimensions)];
    }

    /// <summary>Evaluates the features of a batch; the gradient is kept for <see cref="AddGradient"/>.</summary>
    /// <param name="features">[n x D].</param>
    /// <param name="targets">[n].</param>
    /// <param name="step">Number of the batch since the run began.</param>
    public void Evaluate(DeviceView<float> features, DeviceView<float> targets, long step)
    {
        var batch = new FeatureBatch(_features.Read(features), _targets.Read(targets), CounterRandom.Stream(_seed, (ulong)step));
        _lossSum += _objective.Evaluate(batch, _gradient.AsSpan(0, (int)features.Length));
    }

    /// <summary>Adds the gradient of the last batch to that which comes from the head.</summary>
    /// <param name="flow">[n x D].</param>
    public void AddGradient(DeviceView<float> flow)
    {
        Span<float> sum = _flow.Read(flow);
        TensorPrimitives.Add(sum, _gradient.AsSpan(0, sum.Length), sum);
        _flow.Write(flow);
    }

    /// <summary>The sum of the terms of all rows since the last call.</summary>
    public double TakeLossSum()
    {
        double sum = _lossSum;
        _lossSum = 0;
        return sum;
    }
}
