using DirKernels.Metrics;
using DirKernels.Networks;
using DirKernels.Resampling;
using Xunit;

namespace DirKernels.Tests.Resampling;

/// <summary>What every resampler must keep to, whatever it draws.</summary>
public sealed class ResamplerTests
{
    public static TheoryData<ResamplingKind> Kinds { get; } = [.. Enum.GetValues<ResamplingKind>()];

    public static TheoryData<ResamplingKind> BumpKinds { get; } = [.. Enum.GetValues<ResamplingKind>().Where(kind => kind != ResamplingKind.Wercs)];

    [Theory]
    [MemberData(nameof(BumpKinds))]
    public void BumpsAreBalanced(ResamplingKind kind)
    {
        TrainingSet set = ResamplingSample.Rows();
        ResampledSet result = Resample(set, kind);
        int[] before = [.. result.Bumps.Select(bump => bump.Rows.Count)];
        Assert.Equal([true, false, true], result.Bumps.Select(bump => bump.IsRare));
        int rare = before[0] + before[2];
        int[] expected = kind switch
        {
            ResamplingKind.RandomOver => [Rounded(before[1], 2), before[1], Rounded(before[1], 2)],
            ResamplingKind.RandomUnder => [before[0], rare, before[2]],
            _ => [200, 200, 200],
        };
        Assert.True(before[0] < 200 && before[2] < 200 && before[1] > 200);
        Assert.Equal(expected, result.Bumps.Select(bump => result.Parents.Count(bump.Rows.Contains)));
        Assert.Equal(expected.Sum(), result.Set.Rows);
        Assert.Contains($"600 training rows became {result.Set.Rows} (rare ", result.Statement);
        Assert.False(result.IsUnchanged);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void RowsComeFromTheTrainingRowsAndStayThemselves(ResamplingKind kind)
    {
        TrainingSet set = ResamplingSample.Rows(targets: 2, weighted: true);
        float[] inputs = [.. set.Inputs];
        double[] labels = [.. set.Labels];
        ResampledSet result = Resample(set, kind);
        Assert.Equal(inputs, set.Inputs);
        Assert.Equal(labels, set.Labels);
        Assert.Equal((2, ResamplingSample.Width), (result.Set.Targets, result.Set.InputColumns));
        Assert.Equal(result.Set.Rows, result.Parents.Count);
        Assert.Equal(result.Set.Rows, result.OtherParents.Count);
        Assert.All(result.Parents, row => Assert.InRange(row, 0, set.Rows - 1));

        bool copiesOnly = kind is ResamplingKind.RandomOver or ResamplingKind.RandomUnder or ResamplingKind.Wercs;
        var seen = new HashSet<int>();
        int synthetic = 0;
        for (int row = 0; row < result.Set.Rows; row++)
        {
            int parent = result.Parents[row];
            bool first = seen.Add(parent);
            bool copy = ResamplingSample.AreEqual(result.Set, row, set, parent);
            synthetic += copy ? 0 : 1;
            Assert.True(copy || (!copiesOnly && !first), $"row {row} is neither a copy of row {parent} nor made from it after it");
            if (copy)
            {
                Assert.Equal(set.Weights![parent], result.Set.Weights![row]);
                Assert.Equal(set.HeadWeights![parent], result.Set.HeadWeights![row]);
            }
        }

        Assert.Equal(copiesOnly, synthetic == 0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void CategoriesStayOneHot(ResamplingKind kind)
    {
        TrainingSet set = ResamplingSample.Rows();
        ResampledSet result = Resample(set, kind);
        for (int row = 0; row < result.Set.Rows; row++)
        {
            float[] inputs = ResamplingSample.Inputs(result.Set, row), a = ResamplingSample.Inputs(set, result.Parents[row]);
            float[] b = result.OtherParents[row] < 0 ? a : ResamplingSample.Inputs(set, result.OtherParents[row]);
            foreach (ColumnGroup group in ResamplingSample.Groups)
            {
                Range columns = group.Start..(group.Start + group.Count);
                Assert.True(inputs[columns].SequenceEqual(a[columns]) || inputs[columns].SequenceEqual(b[columns]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TheSameSeedGivesTheSameBitsAndAnotherDoesNot(ResamplingKind kind)
    {
        TrainingSet set = ResamplingSample.Rows();
        for (ulong seed = 0; seed < 3; seed++)
        {
            Assert.Equal(-1, Bits(seed).FirstDifference(Bits(seed)));
            Assert.NotEqual(-1, Bits(seed).FirstDifference(Bits(seed + 1)));
        }

        Conformance.OutputBits Bits(ulong seed) => ResamplingSample.Bits(Resample(set, kind, seed));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void NegativeTargetsAreOrdinaryLabels(ResamplingKind kind)
    {
        // A power of two away: the shifted labels are other numbers, but the same rows are rare.
        ResampledSet here = Resample(ResamplingSample.Rows(), kind), there = Resample(ResamplingSample.Rows(shift: -16384), kind);
        Assert.All(there.Set.Labels, label => Assert.True(label < 0));
        Assert.Equal(here.Bumps.Select(bump => bump.Rows.Count), there.Bumps.Select(bump => bump.Rows.Count));
        Assert.Equal(here.Set.Rows, there.Set.Rows);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void NothingToBalanceLeavesTheRowsAndSaysSo(ResamplingKind kind)
    {
        var set = new TrainingSet([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]);
        ResampledSet result = Resampler.Resample(set, kind, 0);
        Assert.Same(set, result.Set);
        Assert.True(result.IsUnchanged);
        Assert.Equal([0, 1, 2, 3, 4], result.Parents);
        Assert.Contains("the 5 training rows were left as they are, because ", result.Statement);
        Assert.Contains(kind == ResamplingKind.Wercs ? "all labels are equally relevant (0)" : "no label has a relevance of 0.8 or more", result.Statement);

        var allRare = new ResamplingOptions { Relevance = RelevanceFunction.FromPoints([new(0, 1)]) };
        ResampledSet rare = Resampler.Resample(set, kind, 0, options: allRare);
        Assert.True(rare.IsUnchanged);
        Assert.Contains(kind == ResamplingKind.Wercs ? "equally relevant (1)" : "every label has a relevance", rare.Statement);
    }

    [Theory]
    [MemberData(nameof(BumpKinds))]
    public void ABumpOfOneRowIsCopied(ResamplingKind kind)
    {
        var set = new TrainingSet([1, 2, 3, 4, 5, 6, 7, 8, 9], [5, 5, 5, 5, 5, 5, 5, 5, 1000]);
        ResampledSet result = Resampler.Resample(set, kind, 0);
        Assert.Equal([8, 1], result.Bumps.Select(bump => bump.Rows.Count));
        double[] rare = [.. result.Set.Labels.Where(label => label > 8)];
        int expected = kind switch { ResamplingKind.RandomOver => 8, ResamplingKind.RandomUnder => 1, _ => 4 };
        Assert.Equal(Enumerable.Repeat(1000.0, expected), rare);
        Assert.All(result.Parents.Select((parent, row) => (parent, row)), pair => Assert.True(ResamplingSample.AreEqual(result.Set, pair.row, set, pair.parent)));
    }

    [Fact]
    public void WrongColumnsAndOptionsAreErrors()
    {
        TrainingSet set = ResamplingSample.Rows(50);
        string Message<T>(ResamplingOptions? options, params ColumnGroup[] groups)
            where T : Exception => Assert.Throws<T>(() => Resampler.Resample(set, ResamplingKind.Smogn, 0, groups, options)).Message;
        Assert.Contains("columns 8..9 cannot be one-hot: there are 9 columns", Message<ArgumentException>(null, new ColumnGroup(8, 2)));
        Assert.Contains("column 3 is in two", Message<ArgumentException>(null, new ColumnGroup(2, 3), new ColumnGroup(3, 1)));
        Assert.Contains("row 0 (counted from 0) has not one 1", Message<InvalidDataException>(null, new ColumnGroup(0, 2)));
        Assert.Contains("threshold must be above 0 and at most 1, but is 0", Message<ArgumentException>(new() { Threshold = 0 }));
        Assert.Contains("number of neighbours must be at least 1, but is 0", Message<ArgumentException>(new() { Neighbors = 0 }));
        Assert.Contains("but is NaN", Message<ArgumentException>(new() { Noise = double.NaN }));
        Assert.Contains("but is -1", Message<ArgumentException>(new() { SmognNoise = -1 }));
        Assert.Contains("fraction of added rows", Message<ArgumentException>(new() { Added = -1 }));
        Assert.Contains("fraction of rows left out", Message<ArgumentException>(new() { LeftOut = 1.5 }));
    }

    private static ResampledSet Resample(TrainingSet set, ResamplingKind kind, ulong seed = 0) => Resampler.Resample(set, kind, seed, ResamplingSample.Groups);

    private static int Rounded(int rows, int among) => (int)Math.Round((double)rows / among, MidpointRounding.ToEven);
}
