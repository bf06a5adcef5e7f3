namespace DirKernels.Evaluation;

/// <summary>How successive halving spends a budget of epochs: rungs of ever fewer candidates trained ever longer.</summary>
/// <param name="Counts">Candidates of each rung.</param>
/// <param name="Epochs">Epochs of each candidate of each rung; the last are the full ones.</param>
/// <param name="FinalEpochs">Epochs of the comparison of the winner with the baseline that follows.</param>
public sealed record SearchPlan(IReadOnlyList<int> Counts, IReadOnlyList<int> Epochs, int FinalEpochs)
{
    /// <summary>One in so many goes on to the next rung.</summary>
    public const int Factor = 3;

    private const int MostRungs = 3;

    /// <summary>Networks that the costliest candidate trains: each is reckoned to cost as much.</summary>
    public int Networks { get; init; } = 1;

    /// <summary>Epochs of the search and of the comparison that follows, at the most.</summary>
    public long TotalEpochs => Networks * (Counts.Select((count, rung) => (long)count * Epochs[rung]).Sum() + FinalEpochs);

    /// <summary>The plan with the most candidates that fits a budget.</summary>
    /// <param name="budget">Epochs in all.</param>
    /// <param name="candidates">Candidates there are, at least 1.</param>
    /// <param name="fullEpochs">Epochs of a full run.</param>
    /// <param name="seeds">Seeds of the comparison that follows, of two methods.</param>
    /// <param name="networks">Networks that the costliest candidate trains.</param>
    /// <exception cref="ArgumentException">Not even a search over one candidate fits; the message says what would.</exception>
    public static SearchPlan Fit(long budget, int candidates, int fullEpochs, int seeds, int networks = 1)
    {
        for (int count = candidates; count >= 1; count--)
        {
            SearchPlan plan = Of(count, fullEpochs, seeds) with { Networks = networks };
            if (plan.TotalEpochs <= budget)
            {
                return plan;
            }
        }

        throw new ArgumentException($"budget: {budget} epochs are too few, the least is {(Of(1, fullEpochs, seeds) with { Networks = networks }).TotalEpochs} for runs of {fullEpochs} epochs and {seeds} seeds");
    }

    private static SearchPlan Of(int candidates, int fullEpochs, int seeds)
    {
        // As many rungs as leave one candidate to the last, and three epochs to the first.
        int rungs = 1;
        while (rungs < MostRungs && Math.Pow(Factor, rungs) <= candidates && fullEpochs / Math.Pow(Factor, rungs) >= 3)
        {
            rungs++;
        }

        int[] counts = [.. Enumerable.Range(0, rungs).Select(rung => (int)Math.Ceiling(candidates / Math.Pow(Factor, rung)))];
        int[] epochs = [.. Enumerable.Range(0, rungs).Select(rung => (int)Math.Ceiling(fullEpochs / Math.Pow(Factor, rungs - 1 - rung)))];
        return new SearchPlan(counts, epochs, 2 * seeds * fullEpochs);
    }
}
