using System.Numerics.Tensors;

namespace DirKernels.Benchmarks.SentencePairs;

/// <summary>How alike two words are: 1 for the same, otherwise the mean cosine in the spaces that know both, or the share of common letter triples.</summary>
internal sealed class WordSimilarity(IReadOnlyList<WordVectors> spaces)
{
    private readonly Dictionary<(string, string), double> _known = [];

    /// <summary>-1..1.</summary>
    public double Of(string first, string second)
    {
        if (first == second)
        {
            return 1;
        }

        (string, string) key = string.CompareOrdinal(first, second) < 0 ? (first, second) : (second, first);
        if (!_known.TryGetValue(key, out double similarity))
        {
            _known[key] = similarity = Compute(first, second);
        }

        return similarity;
    }

    private double Compute(string first, string second)
    {
        double sum = 0;
        int known = 0;
        foreach (WordVectors space in spaces)
        {
            if (space.Find(first) is { } a && space.Find(second) is { } b)
            {
                sum += TensorPrimitives.Dot<float>(a, b);
                known++;
            }
        }

        double written = Overlap.Jaccard(Overlap.Letters(first, 3), Overlap.Letters(second, 3));
        return known == 0 ? written : Math.Max(sum / known, written);
    }
}
