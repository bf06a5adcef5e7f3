using DirKernels.Evaluation;
using DirKernels.Methods;
using DirKernels.Metrics;
using Xunit;

namespace DirKernels.Tests.Evaluation;

public sealed class StandingsTests
{
    private static readonly LabelBins _bins = LabelBins.Uniform(0, 1, 3);

    [Fact]
    public void DecisionsFollowTheCorrectedProbabilities()
    {
        var random = new Random(11);
        double[] shifts = [0, -0.5, -0.05, 0, 0.6];
        MethodOutcome[][] outcomes = [.. shifts.Select((shift, method) => Enumerable.Range(0, 6)
            .Select(seed => Outcome("vanilla", seed, 2 + shift + 0.1 * random.NextDouble(), 1, 3)).ToArray())];
        MethodStanding[] standings = Standings.Of(outcomes);
        Assert.Equal(4, standings.Length);

        // The correction written out: for each of four p, the largest (number of p at least as large) p' over p' not above it.
        double[] p = [.. Enumerable.Range(1, 4).Select(m => TwoSided(Enumerable.Range(0, 6).Select(s => Few(outcomes[m][s]) - Few(outcomes[0][s])).ToArray()))];
        for (int m = 0; m < 4; m++)
        {
            MeasureStanding few = standings[m].By(ErrorMeasure.Few)!;
            double adjusted = p.Where(q => q <= p[m]).Max(q => Math.Min(1, p.Count(r => r >= q) * q));
            Assert.Equal(adjusted, few.AdjustedP!.Value, 9);
            Decision expected = adjusted >= 0.05 ? Decision.Tie : shifts[m + 1] < 0 ? Decision.Win : Decision.Loss;
            Assert.Equal(expected, few.Decision);
            Assert.True(few.Simultaneous.Lower <= few.Difference.Lower && few.Simultaneous.Upper >= few.Difference.Upper);
            Assert.Equal(standings[m].Measures.Count(measure => measure is not null), standings[m].Wins + standings[m].Ties + standings[m].Losses);
        }

        Assert.Equal(Decision.Win, standings[0].By(ErrorMeasure.Few)!.Decision);
        Assert.Equal(Decision.Loss, standings[3].By(ErrorMeasure.Few)!.Decision);
        Assert.Equal(6, standings[0].By(ErrorMeasure.Few)!.SeedWins);
    }

    [Fact]
    public void OneSeedDecidesNothing()
    {
        MeasureStanding few = Standings.Of([[Outcome("vanilla", 0, 3, 1, 2)], [Outcome("lds", 0, 2, 1, 2)]])[0].By(ErrorMeasure.Few)!;
        Assert.Equal((null, Decision.Tie, 1), (few.AdjustedP, few.Decision, few.SeedWins));
    }

    [Fact]
    public void ARegionWithoutRowsHasNoStanding() =>
        Assert.Null(Standings.Of([[Outcome("vanilla", 0, 3, 1, 2)], [Outcome("lds", 0, 2, 1, 2)]])[0].Measures[4]);

    [Fact]
    public void TheFrontHasWhatNothingBeats()
    {
        Assert.Equal([true, true, false, true], TradeOff.Front([(1, 9), (2, 5), (3, 6), (4, 1)]));
        Assert.Equal([true, true], TradeOff.Front([(1, 1), (1, 1)]));
        Assert.Equal([true, false], TradeOff.Front([(1, 1), (1, 2)]));
    }

    [Fact]
    public void TheTradeOffIsChosenOnValidationRowsOnly()
    {
        MethodOutcome[][] outcomes = [[Outcome("vanilla", 0, 4, 1, 2)], [Outcome("sqinv", 0, 2, 1.5, 2)], [Outcome("inv", 0, 1, 3, 2)]];
        // Validation says otherwise than test: the second method halves nothing there.
        outcomes[1][0] = outcomes[1][0] with { Validation = Outcome("vanilla", 0, 3, 1, 2).Test };
        outcomes[2][0] = outcomes[2][0] with { Validation = Outcome("vanilla", 0, 1, 2, 2).Test };
        Assert.Equal([1, 0.5 * 3 / 4 + 0.5, 0.5 / 4 + 0.5 * 2], TradeOff.Costs(outcomes, 0.5), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(1, TradeOffChoice.Of(outcomes, 0.5).Pick);
        Assert.Equal(2, TradeOffChoice.Of(outcomes, 0.9).Pick);
        Assert.Equal(0, TradeOffChoice.Of(outcomes, 0).Pick);
        Assert.Contains("few-shot MAE is 2 (-50.0 %)", TradeOffChoice.Of(outcomes, 0.5).Sentence);
        Assert.Throws<ArgumentException>(() => TradeOff.Costs(outcomes, 1.5));
        outcomes[0][0] = outcomes[0][0] with { Validation = null };
        Assert.Throws<InvalidDataException>(() => TradeOff.Costs(outcomes, 0.5));
    }

    /// <summary>One test row in each of a few-, a many- and a medium-shot bin, with these errors.</summary>
    private static MethodOutcome Outcome(string method, int seed, double few, double many, double medium)
    {
        ShotReport report = ShotReport.Compute([0.5 + few, 1.5 + many, 2.5 + medium], [0.5, 1.5, 2.5], _bins, [5, 500, 50]);
        return new MethodOutcome(Method.Parse(method), (ulong)seed, report, 0, 1, 1) { Validation = report };
    }

    private static double Few(MethodOutcome outcome) => outcome.Test.Few!.MeanAbsoluteError;

    /// <summary>Two-sided p of Student's t with five degrees of freedom, by its closed formula in theta = atan(t / sqrt 5).</summary>
    private static double TwoSided(double[] differences)
    {
        double mean = differences.Average(), deviation = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / 5);
        double theta = Math.Atan(Math.Abs(mean) / deviation * Math.Sqrt(6) / Math.Sqrt(5)), c = Math.Cos(theta);
        return 1 - 2 / Math.PI * (theta + Math.Sin(theta) * (c + 2.0 / 3 * c * c * c));
    }
}
