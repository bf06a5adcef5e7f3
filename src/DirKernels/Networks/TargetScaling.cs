using System.Numerics;

namespace DirKernels.Networks;

/// <summary>The affine map between labels in original units and the standardised targets that the network is trained on.</summary>
/// <param name="Mean">[targets] mean of the training labels.</param>
/// <param name="Scale">[targets] population standard deviation of the training labels, 1 where it is 0.</param>
public sealed record TargetScaling(double[] Mean, double[] Scale)
{
    /// <summary>Mean and standard deviation of each target over the rows, two passes in double precision.</summary>
    public static TargetScaling Fit(TrainingSet set)
    {
        var mean = new double[set.Targets];
        var scale = new double[set.Targets];
        for (int i = 0; i < set.Labels.Length; i++)
        {
            mean[i % set.Targets] += set.Labels[i] / set.Rows;
        }

        // Squares of the differences over the largest one: labels of 1e200 or of 1e-200 neither overflow nor vanish.
        var largest = new double[set.Targets];
        for (int i = 0; i < set.Labels.Length; i++)
        {
            int t = i % set.Targets;
            largest[t] = Math.Max(largest[t], Math.Abs(set.Labels[i] - mean[t]));
        }

        for (int i = 0; i < set.Labels.Length; i++)
        {
            int t = i % set.Targets;
            double difference = largest[t] > 0 ? (set.Labels[i] - mean[t]) / largest[t] : 0;
            scale[t] += difference * difference / set.Rows;
        }

        for (int t = 0; t < scale.Length; t++)
        {
            scale[t] = largest[t] > 0 ? largest[t] * Math.Sqrt(scale[t]) : 1;
        }

        return new TargetScaling(mean, scale);
    }

    /// <summary><c>(label - mean) / scale</c> of all labels.</summary>
    public float[] Standardize(double[] labels)
    {
        var result = new float[labels.Length];
        Standardize(labels, result);
        return result;
    }

    /// <summary>The same of the labels of some rows.</summary>
    internal void Standardize(ReadOnlySpan<double> labels, Span<float> targets)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            int t = i % Mean.Length;
            targets[i] = (float)((labels[i] - Mean[t]) / Scale[t]);
        }
    }

    /// <summary><c>mean + scale prediction</c>, from standardised targets back to original units.</summary>
    public void Restore(ReadOnlySpan<float> standardized, Span<double> values) => Restore<double>(standardized, values);

    /// <summary>The same in any precision, rounded at the end.</summary>
    internal void Restore<T>(ReadOnlySpan<float> standardized, Span<T> values)
        where T : struct, IFloatingPoint<T>
    {
        for (int t = 0; t < Mean.Length; t++)
        {
            double mean = Mean[t], scale = Scale[t];
            for (int i = t; i < standardized.Length; i += Mean.Length)
            {
                values[i] = T.CreateTruncating(mean + scale * standardized[i]);
            }
        }
    }

    /// <summary>Throws when a network has another number of targets.</summary>
    /// <exception cref="ArgumentException">Both numbers are named.</exception>
    internal void ThrowIfNotOf(NetworkShape shape)
    {
        if (Mean.Length != shape.Targets || Scale.Length != shape.Targets)
        {
            throw new ArgumentException($"the network has {shape.Targets} targets but the scaling has {Mean.Length}");
        }
    }
}
