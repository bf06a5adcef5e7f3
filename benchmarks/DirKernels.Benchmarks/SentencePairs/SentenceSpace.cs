using System.Numerics.Tensors;

namespace DirKernels.Benchmarks.SentencePairs;

/// <summary>
/// Vectors of sentences: means of word vectors weighted by <see cref="WordWeights.Smooth"/>, less the direction that the training sentences share most. Source:
/// Arora, Liang and Ma, "A simple but tough-to-beat baseline for sentence embeddings", ICLR 2017.
/// </summary>
internal sealed class SentenceSpace
{
    private const int PowerSteps = 50;

    private readonly WordVectors _words;
    private readonly Func<string, double> _weight;
    private readonly double[] _common;

    /// <summary>Finds the common direction.</summary>
    public SentenceSpace(WordVectors words, WordWeights weights, IReadOnlyCollection<Sentence> training)
    {
        _words = words;
        _weight = weights.Smooth;
        _common = new double[words.Dimensions];
        double[][] rows = [.. training.Select(sentence => Mean(sentence, _weight))];
        double[] direction = [.. Enumerable.Range(0, words.Dimensions).Select(d => rows.Sum(row => row[d]))];
        for (int step = 0; step < PowerSteps; step++)
        {
            var next = new double[direction.Length];
            foreach (double[] row in rows)
            {
                TensorPrimitives.MultiplyAdd<double>(row, TensorPrimitives.Dot<double>(row, direction), next, next);
            }

            TensorPrimitives.Divide(next, TensorPrimitives.Norm<double>(next), direction);
        }

        _common = direction;
    }

    /// <summary>The vector of a sentence; 0 when no word is known.</summary>
    public double[] Of(Sentence sentence)
    {
        double[] mean = Mean(sentence, _weight);
        TensorPrimitives.MultiplyAdd<double>(_common, -TensorPrimitives.Dot<double>(mean, _common), mean, mean);
        return mean;
    }

    /// <summary>Cosine; 0 when one of them is 0.</summary>
    public static double Cosine(double[] first, double[] second)
    {
        double norms = TensorPrimitives.Norm<double>(first) * TensorPrimitives.Norm<double>(second);
        return norms > 0 ? TensorPrimitives.Dot<double>(first, second) / norms : 0;
    }

    /// <summary>The mean of word vectors with any weights, with nothing taken away.</summary>
    public double[] Mean(Sentence sentence, Func<string, double> weight)
    {
        var sum = new double[_words.Dimensions];
        double total = 1e-9;
        foreach (string word in sentence.Words)
        {
            if (_words.Find(word) is { } vector)
            {
                double share = weight(word);
                for (int d = 0; d < sum.Length; d++)
                {
                    sum[d] += share * vector[d];
                }

                total += share;
            }
        }

        TensorPrimitives.Divide(sum, total, sum);
        return sum;
    }
}
