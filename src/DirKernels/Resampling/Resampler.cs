using DirKernels.Metrics;
using DirKernels.Networks;

namespace DirKernels.Resampling;

/// <summary>Makes a new training set in which rare labels are less rare.</summary>
/// <remarks>
/// Rows are cut into rare and normal bumps by the relevance of their first label (<see cref="RelevancePartition"/>), and the bumps are balanced: over-
/// sampling (ro) brings each of r rare bumps to S/r rows, S being the number of normal rows; under-sampling (ru) each of s normal bumps to R/s, R being
/// the number of rare rows; gn, smoter and smogn all bumps to (R + S)/(r + s). A rare bump never loses rows, a normal one never gains any.
/// Rows that stay come first, in their order; new ones follow. Weights are carried along: copies have their row's, interpolated rows the mean of both.
/// Columns that are 0 or 1 without being said to be one-hot count as numeric: they are interpolated and perturbed like any other.
/// Time: the neighbour search of smoter and smogn costs n^2 D in a rare bump of n rows, smogn's median distance n^2 log n. On 13,201 rows of 16 columns,
/// 866 of them rare, one thread: smoter 20 ms, smogn 60 ms, the others 4 to 21 ms.
/// Where published code differs from the papers, the papers are followed. Of the R package UBL (Branco, Ribeiro and Torgo) and its ports to Python: they take
/// 0.5 for the threshold where the papers' experiments take 0.8; cut counts down to whole numbers per row where we bring a bump to its rounded size; move all
/// inputs of an interpolated row by the same random share, and weigh its label by the last numeric column alone; draw new categories of noisy rows
/// from the bump, where ours keep their row's; balance may also thin out a rare bump, ours never does; and the rows that WERCS leaves out are drawn
/// with replacement, so that fewer leave. The defaults k = 5, noise 0.1 (gn) and 0.02 (smogn), half the median distance, and WERCS' 0.5 are theirs.
/// Only training rows belong in here: the result is for training, not for judging.
/// </remarks>
public static class Resampler
{
    private const ulong StreamNumber = 0x7265_7361_6D70_6C65; // apart from the streams of training, which have the same seed

    /// <summary>Resamples training rows.</summary>
    /// <param name="set">[N] training rows; left as they are.</param>
    /// <param name="kind">How.</param>
    /// <param name="seed">The same seed gives the same bits.</param>
    /// <param name="oneHot">Input columns that together hold a category; null for none.</param>
    /// <param name="options">Threshold, neighbours, noise; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or groups of columns are outside the inputs or overlap.</exception>
    /// <exception cref="InvalidDataException">Columns said to be one-hot are not (the row is named), or noise makes a value infinite.</exception>
    public static ResampledSet Resample(
        TrainingSet set, ResamplingKind kind, ulong seed, IReadOnlyList<ColumnGroup>? oneHot = null, ResamplingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        options ??= new ResamplingOptions();
        options.Check();
        var columns = new InputColumns(set, oneHot ?? []);
        double[] labels = [.. Enumerable.Range(0, set.Rows).Select(row => set.Labels[row * set.Targets])];
        RelevanceFunction relevance = options.Relevance ?? RelevanceFunction.FromBoxPlot(labels);
        ulong stream = CounterRandom.Stream(seed, StreamNumber);
        return kind == ResamplingKind.Wercs
            ? ByRelevance(set, Array.ConvertAll(labels, relevance.Of), options, stream)
            : ByBumps(set, kind, columns, RelevancePartition.Create(labels, relevance, options.Threshold), options, stream);
    }

    private static ResampledSet ByRelevance(TrainingSet set, double[] relevance, ResamplingOptions options, ulong stream)
    {
        string name = ResamplingMethod.Of(ResamplingKind.Wercs).Name;
        if (Array.TrueForAll(relevance, phi => phi == 0) || Array.TrueForAll(relevance, phi => phi == 1))
        {
            return Unchanged(set, [], $"{name}: the {set.Rows} training rows were left as they are, because all labels are equally relevant ({relevance[0]})");
        }

        var rows = new ResampledRows(set);
        RelevanceDraws.Add(relevance, rows, options, stream);
        int copies = (int)Math.Round(options.Added * set.Rows, MidpointRounding.ToEven);
        return Result(rows, [], $"{name}: {set.Rows} training rows became {rows.Parents.Count}, {copies} of them copies drawn by relevance");
    }

    private static ResampledSet ByBumps(
        TrainingSet set, ResamplingKind kind, InputColumns columns, IReadOnlyList<RelevanceBump> bumps, ResamplingOptions options, ulong stream)
    {
        string name = ResamplingMethod.Of(kind).Name;
        if (bumps.Count == 1)
        {
            string reason = FormattableString.Invariant($"{(bumps[0].IsRare ? "every" : "no")} label has a relevance of {options.Threshold} or more");
            return Unchanged(set, bumps, $"{name}: the {set.Rows} training rows were left as they are, because {reason}");
        }

        int[] wanted = BalancedCounts.Of(kind, bumps);
        var stays = new bool[set.Rows];
        for (int b = 0; b < bumps.Count; b++)
        {
            IReadOnlyList<int> rows = bumps[b].Rows;
            var draws = new DrawSequence(CounterRandom.Stream(stream, (ulong)b));
            foreach (int row in wanted[b] < rows.Count ? draws.Choose(rows, wanted[b]) : rows)
            {
                stays[row] = true;
            }
        }

        var result = new ResampledRows(set);
        for (int row = 0; row < stays.Length; row++)
        {
            if (stays[row])
            {
                result.Copy(row);
            }
        }

        var rare = new RareRows(set, columns, result, kind, options);
        for (int b = 0; b < bumps.Count; b++)
        {
            if (wanted[b] > bumps[b].Rows.Count)
            {
                rare.Add(bumps[b].Rows, wanted[b] - bumps[b].Rows.Count, CounterRandom.Stream(stream, (ulong)b));
            }
        }

        string changes = string.Join(", ", bumps.Select((bump, b) =>
            FormattableString.Invariant($"{(bump.IsRare ? "rare" : "normal")} {bump.Lowest:G6}..{bump.Highest:G6} from {bump.Rows.Count} to {wanted[b]}")));
        return Result(result, bumps, $"{name}: {set.Rows} training rows became {result.Parents.Count} ({changes})");
    }

    private static ResampledSet Result(ResampledRows rows, IReadOnlyList<RelevanceBump> bumps, string statement) =>
        new(rows.ToSet(), rows.Parents, rows.OtherParents, bumps, false, statement);

    private static ResampledSet Unchanged(TrainingSet set, IReadOnlyList<RelevanceBump> bumps, string reason) =>
        new(set, [.. Enumerable.Range(0, set.Rows)], [.. Enumerable.Repeat(-1, set.Rows)], bumps, true, reason);
}
