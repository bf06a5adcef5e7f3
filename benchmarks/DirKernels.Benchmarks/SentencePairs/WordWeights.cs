namespace DirKernels.Benchmarks.SentencePairs;

/// <summary>How much words tell: the logarithm of the inverse share of training sentences that have them.</summary>
internal sealed class WordWeights
{
    private readonly Dictionary<string, int> _sentences = [];
    private readonly int _count;

    /// <summary>Counts.</summary>
    /// <param name="training">Training sentences.</param>
    public WordWeights(IReadOnlyCollection<Sentence> training)
    {
        _count = training.Count;
        foreach (string word in training.SelectMany(sentence => sentence.Words.Distinct()))
        {
            _sentences[word] = _sentences.GetValueOrDefault(word) + 1;
        }
    }

    /// <summary><c>log((1 + sentences) / (1 + sentences with the word))</c>; the largest for a word that no training sentence has.</summary>
    public double Of(string word) => Math.Log((1.0 + _count) / (1 + _sentences.GetValueOrDefault(word)));

    /// <summary>Weight in the mean of vectors, <c>a / (a + share)</c>. Source: Arora, Liang and Ma, ICLR 2017, with their a.</summary>
    public double Smooth(string word) => 1e-3 / (1e-3 + (double)_sentences.GetValueOrDefault(word) / _count);
}
