using System.Numerics.Tensors;

namespace DirKernels.Objectives;

/// <summary>RankSim: for each row of a batch, the other rows shall be ranked by the similarity of their features as by the closeness of their labels.</summary>
/// <remarks>
/// <para>
/// Of rows with the same label one is drawn, m remain. With unit vectors u of the features, similarities <c>s_ij = u_i . u_j</c> and ranks
/// <c>r(x)_j = (1 + number of larger x)/m</c>, equal numbers ranked in order of label: <c>L = gamma sum_i (1/m) sum_j (r(s_i)_j - r(-|y_i - y|)_j)^2</c>. Ranks
/// are piecewise constant; the gradient is the published estimator, <c>dL/ds_i = -(r(s_i) - r(s_i + lambda g_i))/lambda</c> with
/// <c>g_i = 2 gamma (r(s_i) - r(-|y_i - y|))/m</c>, carried on exactly through similarities and unit vectors. Hence gamma decides how far one looks, and
/// no entry of dL/ds_i exceeds 1/lambda whatever gamma is. A row whose features are all 0 has no direction and takes no gradient.
/// </para>
/// <para>Time: m^2 D multiplications and 2 m sorts of m numbers; no memory beyond a few rows of m and m x D.</para>
/// <para>
/// Sources: Gong, Mori and Tung, "RankSim: ranking similarity regularization for deep imbalanced regression", ICML 2022; Vlastelica et al., "Differentiation of
/// blackbox combinatorial solvers", ICLR 2020.
/// </para>
/// </remarks>
public sealed class RankSim : IFeatureObjective
{
    private readonly double _gamma;
    private readonly float _lambda;
    private readonly int _dimensions;
    private readonly int[] _chosen;
    private readonly float[] _sortedTargets;
    private readonly float[] _units;
    private readonly float[] _unitGradients;
    private readonly float[] _norms;
    private readonly float[] _similarities;
    private readonly int[] _labelRanks;
    private readonly int[] _ranks;
    private readonly int[] _movedRanks;
    private readonly long[] _keys;

    /// <summary>Prepares the term.</summary>
    /// <param name="gamma">Weight, positive.</param>
    /// <param name="lambda">Length of the step that stands for a derivative, positive.</param>
    /// <param name="capacity">Rows of the largest batch.</param>
    /// <param name="dimensions">D.</param>
    public RankSim(double gamma, double lambda, int capacity, int dimensions)
    {
        new RankSimOptions { Gamma = gamma, Lambda = lambda }.Validate();
        _gamma = gamma;
        _lambda = (float)lambda;
        _dimensions = dimensions;
        _chosen = new int[capacity];
        _sortedTargets = new float[capacity];
        _units = new float[checked(capacity * dimensions)];
        _unitGradients = new float[_units.Length];
        _norms = new float[capacity];
        _similarities = new float[capacity];
        _labelRanks = new int[capacity];
        _ranks = new int[capacity];
        _movedRanks = new int[capacity];
        _keys = new long[capacity];
    }

    /// <inheritdoc/>
    public double Evaluate(in FeatureBatch batch, Span<float> gradient)
    {
        gradient.Clear();
        int m = Choose(batch);
        if (m < 2)
        {
            return 0;
        }

        for (int i = 0; i < m; i++)
        {
            Span<float> unit = Row(_units, i);
            ReadOnlySpan<float> features = batch.Row(_chosen[i]);
            _norms[i] = TensorPrimitives.Norm(features);
            if (_norms[i] > 0)
            {
                TensorPrimitives.Divide(features, _norms[i], unit);
            }
            else
            {
                unit.Clear();
            }
        }

        _unitGradients.AsSpan(0, m * _dimensions).Clear();
        double sum = 0;
        for (int i = 0; i < m; i++)
        {
            sum += RankRow(i, m);
        }

        for (int i = 0; i < m; i++)
        {
            // Through u = z/|z|: the part of the gradient along u vanishes.
            if (_norms[i] > 0)
            {
                Span<float> unitGradient = Row(_unitGradients, i);
                float along = TensorPrimitives.Dot(unitGradient, Row(_units, i));
                TensorPrimitives.MultiplyAdd(Row(_units, i), -along, unitGradient, unitGradient);
                TensorPrimitives.Divide(unitGradient, _norms[i], gradient.Slice(_chosen[i] * _dimensions, _dimensions));
            }
        }

        return batch.Rows * _gamma * sum;
    }

    private Span<float> Row(float[] matrix, int row) => matrix.AsSpan(row * _dimensions, _dimensions);

    /// <summary>One row of each label, in order of label.</summary>
    private int Choose(in FeatureBatch batch)
    {
        int rows = batch.Rows, m = 0;
        Span<float> targets = _sortedTargets.AsSpan(0, rows);
        Span<int> order = _ranks.AsSpan(0, rows);
        batch.Target.CopyTo(targets);
        for (int i = 0; i < rows; i++)
        {
            order[i] = i;
        }

        targets.Sort(order);
        for (int start = 0, end; start < rows; start = end)
        {
            for (end = start + 1; end < rows && targets[end] == targets[start];)
            {
                end++;
            }

            _chosen[m] = order[start + (int)Math.BigMul(CounterRandom.Bits(batch.Stream, (ulong)m), (ulong)(end - start), out _)];
            targets[m++] = targets[start];
        }

        return m;
    }

    /// <summary>Adds the gradient of one row of similarities to the unit vectors; returns its mean squared difference of ranks.</summary>
    private double RankRow(int i, int m)
    {
        Span<float> similarities = _similarities.AsSpan(0, m);
        ReadOnlySpan<float> unit = Row(_units, i);
        for (int j = 0; j < m; j++)
        {
            similarities[j] = TensorPrimitives.Dot(unit, Row(_units, j));
        }

        RankByCloseness(i, m);
        Rank(similarities, _ranks);
        double sum = 0;
        float step = _lambda * (float)(2 * _gamma / ((double)m * m));
        for (int j = 0; j < m; j++)
        {
            int difference = _ranks[j] - _labelRanks[j];
            sum += (double)difference * difference;
            similarities[j] += step * difference;
        }

        Rank(similarities, _movedRanks);
        Span<float> own = Row(_unitGradients, i);
        for (int j = 0; j < m; j++)
        {
            if (_ranks[j] != _movedRanks[j])
            {
                float slope = (_movedRanks[j] - _ranks[j]) / (_lambda * m);
                FeatureRows.AddCrosswise(slope, unit, Row(_units, j), own, Row(_unitGradients, j));
            }
        }

        return sum / ((double)m * m * m);
    }

    /// <summary>Ranks from 1, the largest first, equal numbers in order of place.</summary>
    private void Rank(ReadOnlySpan<float> numbers, int[] ranks)
    {
        Span<long> keys = _keys.AsSpan(0, numbers.Length);
        for (int j = 0; j < numbers.Length; j++)
        {
            // Floats ordered as integers, turned round; the place below. Adding 0 makes -0 the 0 that it equals.
            int bits = BitConverter.SingleToInt32Bits(numbers[j] + 0f);
            keys[j] = ((long)~(bits ^ ((bits >> 31) & int.MaxValue)) << 32) | (uint)j;
        }

        keys.Sort();
        for (int rank = 0; rank < keys.Length; rank++)
        {
            ranks[(int)keys[rank]] = rank + 1;
        }
    }

    /// <summary>Ranks from 1 of all labels by their distance to label i, equal distances the lower label first: outwards from i, since labels are sorted.</summary>
    private void RankByCloseness(int i, int m)
    {
        _labelRanks[i] = 1;
        for (int left = i - 1, right = i + 1, rank = 2; rank <= m; rank++)
        {
            bool takesLeft = right >= m || (left >= 0 && _sortedTargets[i] - _sortedTargets[left] <= _sortedTargets[right] - _sortedTargets[i]);
            _labelRanks[takesLeft ? left-- : right++] = rank;
        }
    }
}
