using DirKernels.Metrics;

namespace DirKernels.Resampling;

/// <summary>Cuts rows into rare and normal bumps: in label order, a new bump begins wherever the relevance crosses the threshold.</summary>
/// <remarks>Source: Torgo, Ribeiro, Pfahringer and Branco, "SMOTE for regression", EPIA 2013.</remarks>
public static class RelevancePartition
{
    /// <summary>The bumps in increasing order of label; rare and normal ones alternate, and every row is in one of them.</summary>
    /// <param name="labels">[N] finite labels.</param>
    /// <param name="relevance">Relevance of a label.</param>
    /// <param name="threshold">A row is rare when its relevance is at least this.</param>
    /// <exception cref="InvalidDataException">A label is NaN or infinite; its row is named.</exception>
    public static IReadOnlyList<RelevanceBump> Create(ReadOnlySpan<double> labels, RelevanceFunction relevance, double threshold)
    {
        ArgumentNullException.ThrowIfNull(relevance);
        FiniteLabel.ThrowIfAnyNot(labels);
        double[] sorted = labels.ToArray();
        int[] order = [.. Enumerable.Range(0, sorted.Length)];
        Array.Sort(order, (a, b) => sorted[a].CompareTo(sorted[b]) is var c && c != 0 ? c : a.CompareTo(b));
        var bumps = new List<RelevanceBump>();
        for (int start = 0, end; start < order.Length; start = end)
        {
            bool rare = relevance.Of(sorted[order[start]]) >= threshold;
            end = start + 1;
            while (end < order.Length && relevance.Of(sorted[order[end]]) >= threshold == rare)
            {
                end++;
            }

            bumps.Add(new RelevanceBump(rare, order[start..end], sorted[order[start]], sorted[order[end - 1]]));
        }

        return bumps;
    }
}
