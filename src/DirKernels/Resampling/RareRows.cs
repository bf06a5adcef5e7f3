using DirKernels.Networks;

namespace DirKernels.Resampling;

/// <summary>Makes the new rows of a rare bump.</summary>
/// <remarks>
/// Every row of the bump is the parent of equally many new rows; what does not divide goes to rows drawn without replacement. A row's numbers come from
/// a stream of its own. The neighbours of interpolated rows are sought in the bump, with n^2 D arithmetic for n rows and D columns.
/// </remarks>
internal sealed class RareRows(TrainingSet set, InputColumns columns, ResampledRows rows, ResamplingKind kind, ResamplingOptions options)
{
    // Ranges of columns are those of all training rows, not of the bump.
    private readonly MixedDistance _distance = new(set, columns);

    /// <summary>Adds new rows made from a bump.</summary>
    /// <param name="bump">The rows of the bump.</param>
    /// <param name="count">Rows to add.</param>
    /// <param name="stream">Key of the random numbers.</param>
    public void Add(IReadOnlyList<int> bump, int count, ulong stream)
    {
        var draws = new DrawSequence(stream);
        if (kind == ResamplingKind.RandomOver)
        {
            for (int i = 0; i < count; i++)
            {
                rows.Copy(bump[draws.Index(bump.Count)]);
            }

            return;
        }

        var children = new int[bump.Count];
        Array.Fill(children, count / bump.Count);
        foreach (int place in draws.Choose([.. Enumerable.Range(0, bump.Count)], count % bump.Count))
        {
            children[place]++;
        }

        var noise = new RowNoise(rows, set, columns, bump);
        BumpDistances? distances = kind == ResamplingKind.GaussianNoise || bump.Count == 1 ? null : new BumpDistances(set, _distance, bump);
        for (int place = 0; place < bump.Count; place++)
        {
            var own = new DrawSequence(CounterRandom.Stream(stream, (ulong)place));
            if (children[place] > 0 && distances is not null)
            {
                AddBesideNeighbors(bump, place, children[place], distances, noise, own);
            }
            else
            {
                AddNoisy(bump[place], children[place], noise, own);
            }
        }
    }

    private void AddNoisy(int row, int count, RowNoise noise, DrawSequence draws)
    {
        for (int i = 0; i < count; i++)
        {
            noise.Add(row, options.Noise, draws);
        }
    }

    private void AddBesideNeighbors(IReadOnlyList<int> bump, int place, int count, BumpDistances distances, RowNoise noise, DrawSequence draws)
    {
        var interpolation = new RowInterpolation(rows, columns, _distance);
        distances.MeasureFrom(place);
        int[] nearest = distances.Nearest(place, options.Neighbors);
        double safe = kind == ResamplingKind.Smogn ? 0.5 * distances.Median(place) : double.PositiveInfinity;
        for (int i = 0; i < count; i++)
        {
            int neighbor = nearest[draws.Index(nearest.Length)];
            if (Math.Sqrt(distances.Squared[neighbor]) < safe)
            {
                interpolation.Add(bump[place], bump[neighbor], draws);
            }
            else
            {
                noise.Add(bump[place], Math.Min(safe, options.SmognNoise), draws);
            }
        }
    }
}
