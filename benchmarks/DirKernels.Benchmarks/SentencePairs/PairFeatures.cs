namespace DirKernels.Benchmarks.SentencePairs;

/// <summary>Features of a pair of sentences, none of which depends on which comes first; whatever is fitted is fitted on training sentences.</summary>
internal sealed class PairFeatures
{
    private readonly (string Name, SentenceSpace Space, WordSimilarity Similarity)[] _spaces;
    private readonly WordWeights _weights;
    private readonly WordSimilarity _similarity;

    /// <summary>Fits weights of words and common directions.</summary>
    /// <param name="spaces">Named spaces of word vectors.</param>
    /// <param name="training">Training sentences.</param>
    public PairFeatures(IReadOnlyList<(string Name, WordVectors Words)> spaces, IReadOnlyCollection<Sentence> training)
    {
        _weights = new WordWeights(training);
        _spaces = [.. spaces.Select(space => (space.Name, new SentenceSpace(space.Words, _weights, training), new WordSimilarity([space.Words])))];
        _similarity = new WordSimilarity([.. spaces.Select(space => space.Words)]);
    }

    /// <summary>Named features of a pair.</summary>
    public IReadOnlyList<(string Name, double Value)> Of(Sentence first, Sentence second)
    {
        var features = new List<(string Name, double Value)>();
        AddWritten(features, first, second);
        AddAligned(features, first, second);
        foreach ((string name, SentenceSpace space, WordSimilarity similarity) in _spaces)
        {
            double[] a = space.Of(first), b = space.Of(second);
            features.Add(("cosine_" + name, SentenceSpace.Cosine(a, b)));
            features.Add(("distance_" + name, Distance(a, b)));
            features.Add(("plain_cosine_" + name, SentenceSpace.Cosine(space.Mean(first, _ => 1), space.Mean(second, _ => 1))));
            double[] weightedA = space.Mean(first, _weights.Of), weightedB = space.Mean(second, _weights.Of);
            features.Add(("weighted_cosine_" + name, SentenceSpace.Cosine(weightedA, weightedB)));
            features.Add(("weighted_distance_" + name, Distance(weightedA, weightedB)));
            Alignment there = Alignment.Of(first.Words, second.Words, similarity, _weights), back = Alignment.Of(second.Words, first.Words, similarity, _weights);
            features.Add(("aligned_least_" + name, Math.Min(there.Mean, back.Mean)));
            features.Add(("aligned_most_" + name, Math.Max(there.Mean, back.Mean)));
            features.Add(("in_context_least_" + name, Math.Min(there.InContext, back.InContext)));
        }

        return features;
    }

    private static double Distance(double[] first, double[] second) => Math.Sqrt(first.Zip(second, (x, y) => (x - y) * (x - y)).Sum());

    /// <summary>How many of the two are so.</summary>
    private static double Count(Sentence first, Sentence second, Func<Sentence, bool> isSo) => (isSo(first) ? 1 : 0) + (isSo(second) ? 1 : 0);

    private void AddWritten(List<(string Name, double Value)> features, Sentence first, Sentence second)
    {
        string[] a = first.Words, b = second.Words;
        HashSet<string> setA = [.. a], setB = [.. b];
        double Weight(IEnumerable<string> words) => words.Sum(_weights.Of);
        double common = Weight(setA.Where(setB.Contains)), weightA = Weight(setA), weightB = Weight(setB);
        features.Add(("shorter", Math.Min(a.Length, b.Length)));
        features.Add(("longer", Math.Max(a.Length, b.Length)));
        features.Add(("length_ratio", (double)Math.Min(a.Length, b.Length) / Math.Max(1, Math.Max(a.Length, b.Length))));
        features.Add(("words", Overlap.Jaccard(setA, setB)));
        features.Add(("weighted_words", common / Math.Max(1e-9, weightA + weightB - common)));
        features.Add(("contained", common / Math.Max(1e-9, Math.Min(weightA, weightB))));
        features.Add(("containing", common / Math.Max(1e-9, Math.Max(weightA, weightB))));
        features.Add(("least_left", Math.Min(weightA, weightB) - common));
        features.Add(("most_left", Math.Max(weightA, weightB) - common));
        features.Add(("pairs", Overlap.Jaccard(Overlap.Runs(a, 2), Overlap.Runs(b, 2))));
        features.Add(("triples", Overlap.Jaccard(Overlap.Runs(a, 3), Overlap.Runs(b, 3))));
        features.Add(("subsequence", Overlap.Subsequence(a, b)));
        features.Add(("word_cosine", Overlap.WeightedCosine(a, b, _weights.Of)));
        string textA = string.Join(' ', a), textB = string.Join(' ', b);
        foreach (int n in (ReadOnlySpan<int>)[3, 4, 5])
        {
            features.Add(($"letters_{n}", Overlap.Jaccard(Overlap.Letters(textA, n), Overlap.Letters(textB, n))));
        }

        features.Add(("letter_cosine", Overlap.WeightedCosine(
            a.SelectMany(word => Overlap.Letters(word, 3)), b.SelectMany(word => Overlap.Letters(word, 3)), _ => 1)));
        features.Add(("numbers", Overlap.Jaccard(first.Numbers, second.Numbers)));
        features.Add(("numbers_differ", first.Numbers.SetEquals(second.Numbers) ? 0 : 1));
        features.Add(("names", Overlap.Jaccard(first.Names, second.Names)));
        features.Add(("names_differ", first.Names.Count + second.Names.Count - 2 * first.Names.Count(second.Names.Contains)));
        features.Add(("one_denies", first.IsNegated == second.IsNegated ? 0 : 1));
        features.Add(("questions", Count(first, second, sentence => sentence.Text.Contains('?'))));
        features.Add(("full_stops", Count(first, second, sentence => sentence.Text.TrimEnd().EndsWith('.'))));
        features.Add(("articles_first", Count(first, second, sentence => sentence.Words is ["a" or "an" or "the" or "two" or "three", ..])));
        features.Add(("most_names", Math.Max(first.Names.Count, second.Names.Count)));
        features.Add(("first_word", a.Length > 0 && b.Length > 0 ? _similarity.Of(a[0], b[0]) : 0));
        string[] tellingA = Telling(a), tellingB = Telling(b);
        foreach (int place in (ReadOnlySpan<int>)[0, 1, 2])
        {
            features.Add(($"telling_{place}", place < tellingA.Length && place < tellingB.Length ? _similarity.Of(tellingA[place], tellingB[place]) : 0));
        }

        features.Add(("last_telling", tellingA.Length > 0 && tellingB.Length > 0 ? _similarity.Of(tellingA[^1], tellingB[^1]) : 0));
        features.Add(("telling_words", Overlap.Jaccard([.. tellingA], [.. tellingB])));
        features.Add(("last_word", a.Length > 0 && b.Length > 0 ? _similarity.Of(a[^1], b[^1]) : 0));
    }

    /// <summary>The words that less than one in fifty training sentences has.</summary>
    private string[] Telling(string[] words) => Array.FindAll(words, word => _weights.Of(word) > Math.Log(50));

    private void AddAligned(List<(string Name, double Value)> features, Sentence first, Sentence second)
    {
        var there = Alignment.Of(first.Words, second.Words, _similarity, _weights);
        var back = Alignment.Of(second.Words, first.Words, _similarity, _weights);
        foreach ((string name, Func<Alignment, double> of) in new (string, Func<Alignment, double>)[]
        {
            ("aligned", alignment => alignment.Mean), ("unmatched", alignment => alignment.Unmatched), ("far", alignment => alignment.Far),
            ("most_missing", alignment => alignment.Largest), ("missing", alignment => alignment.Missing), ("in_context", alignment => alignment.InContext), ("displaced", alignment => alignment.Displacement),
        })
        {
            features.Add((name + "_least", Math.Min(of(there), of(back))));
            features.Add((name + "_most", Math.Max(of(there), of(back))));
        }
    }
}
