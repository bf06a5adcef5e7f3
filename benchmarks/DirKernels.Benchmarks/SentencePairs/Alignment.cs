namespace DirKernels.Benchmarks.SentencePairs;

/// <summary>Each word of a sentence beside the word of another that is most like it, and what stays without one.</summary>
/// <param name="Mean">Mean similarity of words to their partners, weighted by how much words tell.</param>
/// <param name="Unmatched">Share of the weight whose partner is no more alike than 0.5.</param>
/// <param name="Far">The same for 0.3.</param>
/// <param name="Largest">Largest weight times distance to its partner: the one word that is missing most.</param>
/// <param name="Missing">Sum of weights times distances to partners: all that is missing.</param>
/// <param name="InContext">Mean similarity with that of the neighbours, weighted.</param>
/// <param name="Displacement">Mean distance of relative positions, over the words with a partner.</param>
internal sealed record Alignment(double Mean, double Unmatched, double Far, double Largest, double Missing, double InContext, double Displacement)
{
    private const double NeighbourShare = 0.3;

    /// <summary>Aligns one sentence with another.</summary>
    public static Alignment Of(string[] words, string[] others, WordSimilarity similarity, WordWeights weights)
    {
        double total = 0, mean = 0, unmatched = 0, far = 0, largest = 0, missing = 0, inContext = 0, displacement = 0, matched = 0;
        for (int i = 0; i < words.Length; i++)
        {
            double weight = weights.Of(words[i]), best = -1, bestInContext = -1;
            int partner = 0;
            for (int j = 0; j < others.Length; j++)
            {
                double alike = similarity.Of(words[i], others[j]);
                double context = (1 - NeighbourShare) * alike + NeighbourShare * Neighbours(words, others, i, j, similarity);
                bestInContext = Math.Max(bestInContext, context);
                if (alike > best)
                {
                    (best, partner) = (alike, j);
                }
            }

            total += weight;
            mean += weight * best;
            inContext += weight * bestInContext;
            unmatched += best <= 0.5 ? weight : 0;
            far += best <= 0.3 ? weight : 0;
            largest = Math.Max(largest, weight * (1 - best));
            missing += weight * (1 - best);
            if (best > 0.5)
            {
                displacement += Math.Abs((i + 0.5) / words.Length - (partner + 0.5) / others.Length);
                matched++;
            }
        }

        total = Math.Max(total, 1e-9);
        return new Alignment(mean / total, unmatched / total, far / total, largest, missing, inContext / total, matched == 0 ? 0.5 : displacement / matched);
    }

    private static double Neighbours(string[] words, string[] others, int i, int j, WordSimilarity similarity)
    {
        double sum = 0;
        int count = 0;
        foreach (int side in (ReadOnlySpan<int>)[-1, 1])
        {
            bool has = i + side >= 0 && i + side < words.Length, hasOther = j + side >= 0 && j + side < others.Length;
            if (has && hasOther)
            {
                sum += similarity.Of(words[i + side], others[j + side]);
            }
            else if (!has && !hasOther)
            {
                // Both begin or end here.
                sum += 1;
            }

            count++;
        }

        return sum / count;
    }
}
