using DirKernels.Evaluation;
using DirKernels.Methods;
using Xunit;

namespace DirKernels.Tests.Evaluation;

public sealed class SearchPlanTests
{
    [Theory]
    [InlineData(100_000, 34, 60, 5)]
    [InlineData(1_500, 34, 60, 5)]
    [InlineData(700, 34, 60, 5)]
    [InlineData(90, 3, 8, 2)]
    [InlineData(10, 1, 1, 1)]
    public void APlanFitsItsBudgetAndNoLargerOneDoes(long budget, int candidates, int epochs, int seeds)
    {
        SearchPlan plan = SearchPlan.Fit(budget, candidates, epochs, seeds);
        long cost = plan.Counts.Zip(plan.Epochs).Sum(rung => (long)rung.First * rung.Second) + 2L * seeds * epochs;
        Assert.Equal(cost, plan.TotalEpochs);
        Assert.InRange(cost, 1, budget);
        Assert.Equal(epochs, plan.Epochs[^1]);
        Assert.True(plan.Counts.Zip(plan.Counts.Skip(1)).All(pair => pair.Second == (pair.First + 2) / 3 || pair.Second == (int)Math.Ceiling(plan.Counts[0] / 9.0)));
        if (plan.Counts[0] < candidates)
        {
            Assert.True(SearchPlan.Fit(long.MaxValue, plan.Counts[0] + 1, epochs, seeds).TotalEpochs > budget);
        }
        else
        {
            Assert.Equal(candidates, plan.Counts[0]);
        }
    }

    [Fact]
    public void TooSmallABudgetSaysTheLeast() =>
        Assert.Contains("the least is 660", Assert.Throws<ArgumentException>(() => SearchPlan.Fit(100, 9, 60, 5)).Message);

    [Fact]
    public void TheGridStartsWithTheMethodsAsTheyAre()
    {
        var settings = new MethodSettings { Bins = LabelBins.Uniform(0, 1, 20) };
        Method[] methods = [Method.Parse("sqinv"), Method.Parse("lds"), Method.Parse("inv+lds")];
        SearchCandidate[] grid = SearchCandidate.Grid(methods, settings, 3);
        Assert.Equal(["sqinv", "lds", "inv+lds"], grid.Take(3).Select(candidate => candidate.Method.Name));
        Assert.All(grid.Take(3), candidate => Assert.Same(settings.LabelKernel, candidate.Kernel));

        // 1 without a window, 4 windows x 4 weightings, 4 windows.
        Assert.Equal(1 + 16 + 4, grid.Length);
        Assert.Equal(grid.Length, grid.Select(candidate => candidate.ToString()).Distinct().Count());
        Assert.Equal(grid.Select(candidate => candidate.ToString()), SearchCandidate.Grid(methods, settings, 3).Select(candidate => candidate.ToString()));
        Assert.NotEqual(grid.Select(candidate => candidate.ToString()), SearchCandidate.Grid(methods, settings, 4).Select(candidate => candidate.ToString()));
        Assert.DoesNotContain(SearchCandidate.Grid(methods, settings with { Bins = LabelBins.Uniform(0, 1, 7) }, 3), candidate => candidate.Kernel.Size > 7);
    }
}
