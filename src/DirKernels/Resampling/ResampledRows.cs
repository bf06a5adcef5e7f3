using DirKernels.Networks;

namespace DirKernels.Resampling;

/// <summary>Collects the rows of a resampled set.</summary>
internal sealed class ResampledRows(TrainingSet source)
{
    private readonly List<float> _inputs = new(source.Inputs.Length);
    private readonly List<double> _labels = new(source.Labels.Length);
    private readonly List<float> _weights = [];
    private readonly List<float> _headWeights = [];

    public List<int> Parents { get; } = [];

    public List<int> OtherParents { get; } = [];

    /// <summary>Inputs of a given row.</summary>
    public ReadOnlySpan<float> InputsOf(int row) => source.Inputs.AsSpan(row * source.InputColumns, source.InputColumns);

    /// <summary>Labels of a given row.</summary>
    public ReadOnlySpan<double> LabelsOf(int row) => source.Labels.AsSpan(row * source.Targets, source.Targets);

    /// <summary>A given row as it is.</summary>
    public void Copy(int row) => Add(InputsOf(row), LabelsOf(row), row, -1, 0);

    /// <summary>A new row.</summary>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="parent">The row it was made from.</param>
    /// <param name="other">The row it was interpolated with, or -1.</param>
    /// <param name="share">Part of the other row in what is carried, 0..1.</param>
    public void Add(ReadOnlySpan<float> inputs, ReadOnlySpan<double> labels, int parent, int other, double share)
    {
        _inputs.AddRange(inputs);
        _labels.AddRange(labels);
        Parents.Add(parent);
        OtherParents.Add(other);
        Carry(source.Weights, _weights, parent, other, share);
        Carry(source.HeadWeights, _headWeights, parent, other, share);
    }

    /// <summary>The set of all rows added.</summary>
    public TrainingSet ToSet() => new([.. _inputs], [.. _labels], source.Targets)
    {
        Weights = source.Weights is null ? null : [.. _weights],
        HeadWeights = source.HeadWeights is null ? null : [.. _headWeights],
    };

    private static void Carry(float[]? weights, List<float> carried, int parent, int other, double share)
    {
        if (weights is not null)
        {
            carried.Add(other < 0 ? weights[parent] : (float)(weights[parent] * (1 - share) + weights[other] * share));
        }
    }
}
