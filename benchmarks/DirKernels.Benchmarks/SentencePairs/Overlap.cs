namespace DirKernels.Benchmarks.SentencePairs;

/// <summary>What two sequences have in common.</summary>
internal static class Overlap
{
    /// <summary>Size of the intersection over that of the union; 0 for two empty sets.</summary>
    public static double Jaccard(HashSet<string> first, HashSet<string> second)
    {
        int common = first.Count(second.Contains), all = first.Count + second.Count - common;
        return all == 0 ? 0 : (double)common / all;
    }

    /// <summary>The runs of n words.</summary>
    public static HashSet<string> Runs(string[] words, int n) => [.. Enumerable.Range(0, Math.Max(0, words.Length - n + 1)).Select(i => string.Join(' ', words[i..(i + n)]))];

    /// <summary>The runs of n letters of a word with its ends marked.</summary>
    public static HashSet<string> Letters(string text, int n)
    {
        string marked = $"<{text}>";
        return [.. Enumerable.Range(0, Math.Max(0, marked.Length - n + 1)).Select(i => marked.Substring(i, n))];
    }

    /// <summary>Longest common subsequence over the mean length.</summary>
    public static double Subsequence(string[] first, string[] second)
    {
        var lengths = new int[second.Length + 1];
        foreach (string word in first)
        {
            int diagonal = 0;
            for (int j = 1; j <= second.Length; j++)
            {
                int above = lengths[j];
                lengths[j] = word == second[j - 1] ? diagonal + 1 : Math.Max(lengths[j], lengths[j - 1]);
                diagonal = above;
            }
        }

        return first.Length + second.Length == 0 ? 0 : 2.0 * lengths[^1] / (first.Length + second.Length);
    }

    /// <summary>Cosine of two bags of pieces, each weighted by how much it tells.</summary>
    public static double WeightedCosine(IEnumerable<string> first, IEnumerable<string> second, Func<string, double> weight)
    {
        Dictionary<string, double> a = Bag(first, weight), b = Bag(second, weight);
        double dot = a.Sum(piece => piece.Value * b.GetValueOrDefault(piece.Key)), squares = a.Values.Sum(v => v * v) * b.Values.Sum(v => v * v);
        return squares > 0 ? dot / Math.Sqrt(squares) : 0;
    }

    private static Dictionary<string, double> Bag(IEnumerable<string> pieces, Func<string, double> weight) =>
        pieces.GroupBy(piece => piece).ToDictionary(group => group.Key, group => Math.Log(1 + group.Count()) * weight(group.Key));
}
