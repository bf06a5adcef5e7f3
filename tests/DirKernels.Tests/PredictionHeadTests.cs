using DirKernels.Conformance;
using DirKernels.Networks;
using DirKernels.Objectives;
using Xunit;

namespace DirKernels.Tests;

public sealed class PredictionHeadTests
{
    public static TheoryData<string> Heads => ["laplace", "gaussian", "vote of 2", "vote of 5"];

    public static PredictionHead Of(string name) => name switch
    {
        "laplace" => PredictionHead.Laplace,
        "gaussian" => PredictionHead.Gaussian,
        "vote of 2" => PredictionHead.Vote(2),
        _ => PredictionHead.Vote(5),
    };

    [Theory]
    [MemberData(nameof(Heads))]
    public void OutputsAmountToTheMixtureOfTheirMembers(string name)
    {
        PredictionHead head = Of(name);
        Assert.Equal(name, head.ToString());
        Assert.Equal(2 * head.Members, head.Outputs);
        for (int seed = 0; seed < 50; seed++)
        {
            float[] outputs = SampleNumbers.Normal(seed, head.Outputs, 0, 2);
            (double value, double deviation) = LikelihoodReference.Decode(head.Kind == PredictionHeadKind.Gaussian, [.. outputs]);
            Assert.Equal(value, head.Decode(outputs, out double uncertainty), 1e-12 * (1 + Math.Abs(value)));

            // The reference subtracts squares: of values below 8, 64 2^-53 over the square of a deviation above 0.01.
            Assert.Equal(deviation, uncertainty, 1e-9 * (1 + deviation));
        }
    }

    [Fact]
    public void ScalesBeyondTheBoundsAreKeptAndTheSurestMemberWins()
    {
        Assert.Equal(3, PredictionHead.Laplace.Decode([3, 80], out double uncertainty));
        Assert.Equal(Math.Sqrt(2) * Math.Exp(5), uncertainty, 1e-9);
        Assert.Equal(3, PredictionHead.Gaussian.Decode([3, -80], out uncertainty));
        Assert.Equal(Math.Exp(-5), uncertainty, 1e-12);
        Assert.Equal(7, PredictionHead.Vote(2).Decode([-7, 5, 7, -5], out _), 1e-6);
        Assert.Equal(0, PredictionHead.Vote(2).Decode([-7, 1, 7, 1], out uncertainty), 1e-12);
        Assert.Equal(Math.Sqrt(2 * Math.Exp(2) + 49), uncertainty, 1e-12);
        Assert.Equal(4, PredictionHead.Value.Decode([4], out uncertainty));
        Assert.True(double.IsNaN(uncertainty));
        Assert.True(double.IsNaN(PredictionHead.Laplace.Decode([float.NaN, 1], out _)));
    }

    [Fact]
    public void MembersGoWithTheKind()
    {
        foreach (PredictionHead head in new[] { PredictionHead.Vote(1), PredictionHead.Vote(65), new PredictionHead(PredictionHeadKind.Laplace, 2), new PredictionHead((PredictionHeadKind)9) })
        {
            Assert.Contains("2..64 members", Assert.Throws<ArgumentException>(() => new NetworkShape { Inputs = 2, Hidden = [], Head = head }.Validate()).Message);
        }

        Assert.Contains("predicts one target, but there are 2", Assert.Throws<ArgumentException>(
            () => new NetworkShape { Inputs = 2, Hidden = [], Targets = 2, Head = PredictionHead.Laplace }.Validate()).Message);
        var shape = new NetworkShape { Inputs = 2, Hidden = [3], Head = PredictionHead.Vote(3) };
        Assert.Equal("[2, 3, 6] relu, vote of 3 head", shape.ToString());
        Assert.NotEqual(shape, shape with { Head = PredictionHead.Vote(2) });
        Assert.Equal(new NetworkShape { Inputs = 2, Hidden = [3] }, new NetworkShape { Inputs = 2, Hidden = [3], Head = PredictionHead.Value });
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void TheLikelihoodHasTheValueAndTheSlopesOfItsDensities(string name)
    {
        const int Rows = 12, Bins = 4;
        PredictionHead head = Of(name);
        bool gaussian = head.Kind == PredictionHeadKind.Gaussian;
        float[] outputs = SampleNumbers.Normal(1, Rows * head.Outputs, 0, 1.5), targets = SampleNumbers.Normal(2, Rows), weights = SampleNumbers.Uniform(3, Rows, 0.2, 2);
        outputs[1] = 7;
        outputs[head.Outputs + 1] = -6;
        outputs[head.Outputs] = targets[1] + 0.002f;
        double[]? members = head.Members > 1 ? [.. SampleNumbers.Uniform(4, head.Members * Bins, 0.1, 3).Select(w => (double)w)] : null;
        int[] bins = [.. Enumerable.Range(0, Rows).Select(i => i % Bins)];
        var gradient = new float[outputs.Length];
        double sum = new LikelihoodLoss(head, members).Evaluate(new ObjectiveBatch(outputs, targets, weights, bins), gradient);
        double Reference(double[] at) => LikelihoodReference.Loss(gaussian, at, [.. targets], (i, k) => weights[i] * (members?[k * Bins + bins[i]] ?? 1));
        double[] exact = [.. outputs];
        Assert.Equal(Reference(exact), sum / Rows, 1e-11 * (1 + Math.Abs(Reference(exact))));
        const double Step = 1e-6;
        for (int k = 0; k < exact.Length; k++)
        {
            double at = exact[k];
            exact[k] = at + Step;
            double above = Reference(exact);
            exact[k] = at - Step;
            double slope = (above - Reference(exact)) / (2 * Step);
            exact[k] = at;

            // Third derivatives below 1e5 of scales above e^-5 give 2e-8; values below 1e3 round to 1e-13/h = 1e-7; one rounding to single precision.
            Assert.Equal(slope, gradient[k], 1e-6 * (1 + Math.Abs(slope)));
        }

        Assert.Equal(0f, gradient[1]);
        Assert.Equal(0f, gradient[head.Outputs + 1]);
    }

    [Fact]
    public void AHeadOfValuesHasNoLikelihood() => Assert.Throws<ArgumentException>(() => new LikelihoodLoss(PredictionHead.Value));
}
