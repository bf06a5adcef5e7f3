namespace DirKernels.Data;

/// <summary>
/// Splits rows so that validation and test are flat over the label bins as far as the data allow, while training keeps the natural imbalance.
/// </summary>
/// <remarks>
/// Of the n_b rows of bin b, <c>k_b = min(n_b / 3, cap, eligible_b / 2)</c> (integer divisions) validate and as many test, drawn by a Fisher-Yates
/// shuffle of the bin's eligible rows in table order, bins ascending, one <c>SplitMix64</c> stream for all. Rows whose features occur
/// more than once are not eligible: no test row has a copy in training. Follows the test sets of Yang et al., ICML 2021.
/// </remarks>
public static class BalancedSplit
{
    /// <summary>Share of the rows that validation reaches with the default cap.</summary>
    public const double DefaultShare = 0.08;

    /// <summary>The balanced split of a table.</summary>
    /// <param name="table">The table; all columns but the target and <paramref name="ignored"/> count as features.</param>
    /// <param name="target">The label column.</param>
    /// <param name="bins">The label bins.</param>
    /// <param name="seed">Seed of the one random stream.</param>
    /// <param name="cap">Most rows of a bin for validation, or null for <see cref="DefaultCap"/>.</param>
    /// <param name="ignored">Columns that are not features.</param>
    /// <exception cref="InvalidDataException">No such target, or a label is missing.</exception>
    public static DataSplit Create(Table table, string target, LabelBins bins, ulong seed, int? cap = null, IReadOnlyCollection<string>? ignored = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(bins);
        int[] binOfRow = bins.Assign(table.Labels(target));
        bool[] eligible = DistinctRows.Find(table, [target, .. ignored ?? []]);
        return Create(binOfRow, bins.Count, eligible, cap ?? DefaultCap(binOfRow, bins.Count, eligible), seed);
    }

    /// <summary>The balanced split of rows whose bins are known.</summary>
    /// <param name="binOfRow">Bin of each of the N rows, 0..<paramref name="binCount"/>-1.</param>
    /// <param name="binCount">Number of bins B.</param>
    /// <param name="eligible">Whether each row may leave training.</param>
    /// <param name="cap">Most rows of a bin for validation, at least 1.</param>
    /// <param name="seed">Seed of the one random stream.</param>
    /// <returns>Training, validation and test rows, each ascending.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or the cap is below 1.</exception>
    public static DataSplit Create(ReadOnlySpan<int> binOfRow, int binCount, ReadOnlySpan<bool> eligible, int cap, ulong seed)
    {
        RowPart[] partOfRow = Assign(binOfRow, binCount, eligible, cap, seed);
        return new DataSplit(RowsOf(partOfRow, RowPart.Train), RowsOf(partOfRow, RowPart.Validation), RowsOf(partOfRow, RowPart.Test));
    }

    /// <summary>The part of each row. Parameters and errors as above.</summary>
    internal static RowPart[] Assign(ReadOnlySpan<int> binOfRow, int binCount, ReadOnlySpan<bool> eligible, int cap, ulong seed)
    {
        if (cap < 1)
        {
            throw new ArgumentException($"balanced split: the cap must be at least 1, but is {cap}", nameof(cap));
        }

        (int[] counts, List<int>[] candidates) = Tally(binOfRow, binCount, eligible);
        var partOfRow = new RowPart[binOfRow.Length];
        var random = new SplitMix64(seed);
        for (int b = 0; b < binCount; b++)
        {
            int taken = Math.Min(Limit(counts[b], candidates[b].Count), cap);
            int[] order = [.. candidates[b]];
            random.Shuffle(order.AsSpan());
            for (int i = 0; i < 2 * taken; i++)
            {
                partOfRow[order[i]] = i < taken ? RowPart.Validation : RowPart.Test;
            }
        }

        return partOfRow;
    }

    /// <summary>The smallest cap with which validation reaches a share of the rows, or the largest that makes a difference when none does.</summary>
    /// <param name="binOfRow">Bin of each row.</param>
    /// <param name="binCount">Number of bins B.</param>
    /// <param name="eligible">Whether each row may leave training.</param>
    /// <param name="share">Share of all rows, 0..1.</param>
    public static int DefaultCap(ReadOnlySpan<int> binOfRow, int binCount, ReadOnlySpan<bool> eligible, double share = DefaultShare)
    {
        (int[] counts, List<int>[] candidates) = Tally(binOfRow, binCount, eligible);
        var limits = new int[binCount];
        for (int b = 0; b < binCount; b++)
        {
            limits[b] = Limit(counts[b], candidates[b].Count);
        }

        // Raising the cap by one adds a row for every bin whose own limit is not reached yet.
        Array.Sort(limits);
        long rows = 0;
        int reached = 0, cap = 0;
        while (reached < binCount && (cap == 0 || rows < share * binOfRow.Length))
        {
            cap++;
            while (reached < binCount && limits[reached] < cap)
            {
                reached++;
            }

            rows += binCount - reached;
        }

        return Math.Clamp(cap, 1, Math.Max(1, limits[^1]));
    }

    private static int Limit(int count, int eligible) => Math.Min(count / 3, eligible / 2);

    private static (int[] Counts, List<int>[] Candidates) Tally(ReadOnlySpan<int> binOfRow, int binCount, ReadOnlySpan<bool> eligible)
    {
        if (binOfRow.Length != eligible.Length)
        {
            throw new ArgumentException($"balanced split: there are {binOfRow.Length} bins of rows but {eligible.Length} eligibilities");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(binCount, 1);
        var counts = new int[binCount];
        var candidates = new List<int>[binCount];
        for (int b = 0; b < binCount; b++)
        {
            candidates[b] = [];
        }

        for (int row = 0; row < binOfRow.Length; row++)
        {
            counts[binOfRow[row]]++;
            if (eligible[row])
            {
                candidates[binOfRow[row]].Add(row);
            }
        }

        return (counts, candidates);
    }

    private static int[] RowsOf(RowPart[] partOfRow, RowPart part)
    {
        var rows = new List<int>();
        for (int row = 0; row < partOfRow.Length; row++)
        {
            if (partOfRow[row] == part)
            {
                rows.Add(row);
            }
        }

        return [.. rows];
    }
}
