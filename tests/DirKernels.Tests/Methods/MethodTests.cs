using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using DirKernels.Features;
using DirKernels.Labels;
using DirKernels.Methods;
using DirKernels.Objectives;
using DirKernels.Resampling;
using Xunit;

namespace DirKernels.Tests.Methods;

public sealed class MethodTests
{
    private static readonly LabelBins _bins = LabelBins.Uniform(0, 1, 10);
    private static readonly double[] _labels = [.. Enumerable.Range(0, 200).Select(i => 10 * Math.Pow(i / 200.0, 3))];

    [Fact]
    public void EveryPartSaysWhatItIs()
    {
        Assert.Equal("vanilla", MethodPart.All[0].Name);
        Assert.Equal(MethodPart.All.Count, MethodPart.All.Select(part => part.Name).Distinct().Count());
        foreach (MethodPart part in MethodPart.All)
        {
            Assert.Matches("^[a-z0-9-]+$", part.Name);
            Assert.EndsWith(".", part.Summary);
            Assert.DoesNotContain(". ", part.Summary);
            Assert.NotEmpty(part.Source);
            Assert.Same(part, MethodPart.Find(part.Name));
            Assert.All(part.Options, option => Assert.StartsWith("--", option.Name));
            Assert.Equal(part.Parameter is null ? part.Name : $"{part.Name}:{part.Parameter}", part.Usage);
            Assert.Equal(part.Example, Method.Parse(part.Example.ToUpperInvariant()).Name);
        }

        Assert.Null(MethodPart.Find("power:P"));
    }

    [Fact]
    public void EveryPartButVanillaChangesTheMethod()
    {
        Assert.Equal(MethodPart.All.Select(part => part.Example), Method.EveryPart.Select(method => method.Name));

        // Methods are equal when all that they say is, so that a part without effect equals vanilla but for its name.
        string vanilla = Settings(Method.Parse("vanilla"));
        Assert.All(Method.EveryPart.Skip(1), method => Assert.NotEqual(vanilla, Settings(method)));
        Assert.Equal(Method.EveryPart.Count, Method.EveryPart.Select(Settings).Distinct().Count());
    }

    [Theory]
    [InlineData("magic", "unknown part 'magic'; known are vanilla, ")]
    [InlineData("lds:3", "unknown part 'lds:3'")]
    [InlineData("", "unknown part ''")]
    [InlineData("lds+", "unknown part ''")]
    [InlineData("lds+fds+lds", "the part 'lds' is named twice")]
    [InlineData("power:1+power:2", "the part 'power' is named twice")]
    [InlineData("power", "power:P needs a number P in 0..4")]
    [InlineData("power:x", "power:P needs a number P in 0..4")]
    [InlineData("power:5", "power:P needs a number P in 0..4")]
    [InlineData("ensemble", "ensemble:K needs a whole number K in 2..32")]
    [InlineData("ensemble:1", "ensemble:K needs a whole number K in 2..32")]
    [InlineData("ensemble:33+lds", "ensemble:K needs a whole number K in 2..32")]
    [InlineData("ensemble:2.5", "ensemble:K needs a whole number K in 2..32")]
    [InlineData("ensemble:2+ensemble:3", "the part 'ensemble' is named twice")]
    [InlineData("inv+sqinv", "more than one weighting is named: inv and sqinv")]
    [InlineData("denseweight+power:1", "more than one weighting is named")]
    [InlineData("focal+huber", "more than one loss is named: focal and huber")]
    [InlineData("bmc+focal", "more than one loss is named: bmc and focal")]
    [InlineData("bni+distloss", "distloss goes beside a loss of single errors")]
    [InlineData("rnc+ranksim", "more than one ranking of features is named")]
    [InlineData("laplace+huber", "trained by the likelihood of their own distribution")]
    [InlineData("uvote+bmc", "trained by the likelihood of their own distribution")]
    [InlineData("uvote+sqinv", "uvote weighs each of its members")]
    [InlineData("rrt+uvote", "uvote weighs each of its members")]
    [InlineData("gaussian+laplace", "more than one head is named")]
    [InlineData("transport+fds", "both move features")]
    [InlineData("transport+lds", "count rare ones twice")]
    [InlineData("denseweight+transport", "count rare ones twice")]
    [InlineData("ro+smogn", "more than one resampling is named")]
    [InlineData("fds+vanilla", "vanilla cannot be joined")]
    [InlineData("lds+denseweight", "denseweight estimates its own density and cannot be joined with lds")]
    public void ContradictionsAreToldWithTheMethod(string text, string message)
    {
        string told = Assert.Throws<ArgumentException>(() => Method.Parse(text)).Message;
        Assert.StartsWith($"method '{text}': ", told);
        Assert.Contains(message, told);
    }

    [Fact]
    public void ListsTakeAllForEveryPart()
    {
        Assert.Equal(["vanilla", "lds+fds"], Method.ParseList("vanilla,LDS+fds").Select(method => method.Name));
        Assert.Equal([.. Method.EveryPart.Select(method => method.Name), "lds+fds"], Method.ParseList("all,lds+fds").Select(method => method.Name));
        Assert.Contains("'lds' is named twice", Assert.Throws<ArgumentException>(() => Method.ParseList("lds,lds")).Message);
        Assert.Contains("'huber' is named twice", Assert.Throws<ArgumentException>(() => Method.ParseList("all,huber")).Message);
    }

    [Theory]
    [InlineData("focal", RegressionLossKind.Mse, RegressionLossKind.FocalMse)]
    [InlineData("focal", RegressionLossKind.Huber, RegressionLossKind.FocalL1)]
    [InlineData("focal-l1", RegressionLossKind.Mse, RegressionLossKind.FocalL1)]
    [InlineData("focal-mse", RegressionLossKind.L1, RegressionLossKind.FocalMse)]
    [InlineData("huber", RegressionLossKind.L1, RegressionLossKind.Huber)]
    [InlineData("lds", RegressionLossKind.L1, RegressionLossKind.L1)]
    public void LossesFollowTheirNames(string method, RegressionLossKind given, RegressionLossKind expected)
    {
        var settings = new MethodSettings { Bins = _bins, Training = new() { Loss = new RegressionLoss(given, HuberBeta: 0.3f) } };
        RegressionLoss loss = MethodPlan.Create(Method.Parse(method), settings, _labels).Options.Loss;
        Assert.Equal(new RegressionLoss(expected, HuberBeta: 0.3f), loss);
    }

    [Theory]
    [InlineData("inv")]
    [InlineData("lds")]
    [InlineData("power:1.5+lds")]
    [InlineData("denseweight")]
    public void WeightsOfEveryKindStayInTheirRange(string method)
    {
        var settings = new MethodSettings { Bins = _bins };
        float[] free = MethodPlan.Create(Method.Parse(method), settings, _labels).Weights!;
        float[] kept = MethodPlan.Create(Method.Parse(method), settings with { WeightRange = new WeightRange(0.8, 1.2) }, _labels).Weights!;
        Assert.True(free.Max() > 1.2f && free.Min() < 0.8f, "the range changes nothing: nothing is tested");
        Assert.All(kept, weight => Assert.InRange(weight, 0.8f, 1.2f));
        Assert.Equal(1, kept.Average(weight => (double)weight), 1e-6);
        Assert.Null(MethodPlan.Create(Method.Parse("fds"), settings with { WeightRange = new WeightRange(0.8, 1.2) }, _labels).Weights);
        float[] head = MethodPlan.Create(Method.Parse("rrt+" + method), settings with { WeightRange = new WeightRange(0.8, 1.2) }, _labels).HeadWeights!;
        Assert.Equal(kept, head);
    }

    [Fact]
    public void SmoothingGoesToTheFrequenciesOfBniAndToTheWeightsOfOthers()
    {
        var settings = new MethodSettings { Bins = _bins, LabelKernel = SmoothingKernel.Triangular(3), Boundary = Boundary.Symmetric };
        MethodPlan Plan(string method) => MethodPlan.Create(Method.Parse(method), settings, _labels);
        Assert.Null(Plan("lds").Options.BalancedMse);
        Assert.Null(Plan("bni").Options.BalancedMse!.FrequencyWindow);
        Assert.Null(Plan("bni+lds").Weights);
        Assert.Equal(settings.LabelKernel, Plan("bni+lds").Options.BalancedMse!.FrequencyWindow);
        Assert.Equal(Boundary.Symmetric, Plan("bni+lds").Options.BalancedMse!.FrequencyBoundary);
        Assert.Equal(Plan("lds+inv").Weights, Plan("bni+lds+inv").Weights);
        Assert.Equal(Plan("lds").Weights, Plan("bmc+lds").Weights);
        Assert.Null(Plan("gai+lds").Options.BalancedMse!.FrequencyWindow);
        Assert.Equal(BalancedMseKind.GaussianAnalyticIntegration, Plan("gai+lds").Options.BalancedMse!.Kind);
    }

    [Fact]
    public void HeadsAreThoseOfTheNetwork()
    {
        var settings = new MethodSettings { Bins = _bins, VoteMembers = 4, LabelKernel = SmoothingKernel.Triangular(3), Boundary = Boundary.Symmetric };
        Assert.Equal(PredictionHead.Value, MethodPlan.ShapeOf(Method.Parse("lds"), settings, 3).Head);
        Assert.Equal(PredictionHead.Laplace, MethodPlan.ShapeOf(Method.Parse("laplace+lds"), settings, 3).Head);
        Assert.Equal(PredictionHead.Vote(4), MethodPlan.ShapeOf(Method.Parse("uvote"), settings, 3).Head);
        MethodPlan plain = MethodPlan.Create(Method.Parse("uvote"), settings, _labels), smoothed = MethodPlan.Create(Method.Parse("uvote+lds"), settings, _labels);
        Assert.Null(plain.Options.Vote!.DensityWindow);
        Assert.Equal((settings.LabelKernel, Boundary.Symmetric), (smoothed.Options.Vote!.DensityWindow, smoothed.Options.Vote.DensityBoundary));
        Assert.Null(smoothed.Weights);
        Assert.NotNull(MethodPlan.Create(Method.Parse("laplace+lds"), settings, _labels).Weights);
    }

    [Fact]
    public void TransportSmoothsTheDensityThatItDrawsAgainst()
    {
        var settings = new MethodSettings { Bins = _bins, LabelKernel = SmoothingKernel.Triangular(3), Boundary = Boundary.Symmetric };
        TransportOptions options = MethodPlan.Create(Method.Parse("transport"), settings, _labels).Options.Transport!;
        Assert.Equal((settings.LabelKernel, Boundary.Symmetric), (options.DensityWindow, options.DensityBoundary));
        Assert.Null(MethodPlan.Create(Method.Parse("transport"), settings with { LabelKernel = SmoothingKernel.Triangular(11) }, _labels).Options.Transport!.DensityWindow);
        MethodPlan twoStages = MethodPlan.Create(Method.Parse("rrt+lds+transport"), settings, _labels);
        Assert.Null(twoStages.Weights);
        Assert.NotNull(twoStages.HeadWeights);
        Assert.NotNull(twoStages.Options.Transport);
    }

    [Fact]
    public void ResamplingReadsItsOptions()
    {
        double[] labels = [.. Enumerable.Range(0, 400).Select(i => Math.Pow((i - 200) / 40.0, 3))];
        var rows = new ComparisonRows(new float[400], labels);
        int Rows(double threshold) => MethodTraining.Prepare(
            Method.Parse("ro"), new MethodSettings { Bins = _bins, Resampling = new ResamplingOptions { Threshold = threshold } }, rows).Rows.Rows;
        Assert.NotEqual(Rows(0.2), Rows(0.99));
    }

    /// <summary>Any two parts go together or are refused with a reason; those that go together train.</summary>
    [Fact]
    public void EveryPairOfPartsTrainsOrIsRefusedWithAReason()
    {
        const int Rows = 150;
        float[] inputs = SampleNumbers.Normal(1, Rows * 3);
        double[] labels = [.. Enumerable.Range(0, Rows).Select(i => Math.Clamp(Math.Exp(inputs[3 * i]) + 0.1 * inputs[3 * i + 1], 0, 9.9))];
        var rows = new ComparisonRows(inputs, labels);
        var data = new ComparisonData(rows, rows, rows);
        var settings = new MethodSettings { Bins = _bins, Hidden = [8], Training = new() { Epochs = 2, BatchSize = 40 } };
        using var backend = new CpuBackend(1);
        int trained = 0, refused = 0;
        foreach (MethodPart first in MethodPart.All)
        {
            foreach (MethodPart second in MethodPart.All.SkipWhile(part => part != first).Skip(1))
            {
                string name = $"{first.Example}+{second.Example}";
                Method method;
                try
                {
                    method = Method.Parse(name);
                }
                catch (ArgumentException reason)
                {
                    Assert.StartsWith($"method '{name}': ", reason.Message);
                    refused++;
                    continue;
                }

                MethodOutcome outcome = MethodTrial.Run(method, settings, data, 3, backend, cancellation: TestContext.Current.CancellationToken);
                Assert.True(double.IsFinite(outcome.ValidationError), name);
                trained++;
            }
        }

        int pairs = MethodPart.All.Count * (MethodPart.All.Count - 1) / 2;
        Assert.Equal(pairs, trained + refused);
        Assert.True(trained > pairs / 2, $"only {trained} of {pairs} pairs go together");
    }

    private static string Settings(Method method)
    {
        string text = string.Join('\n', typeof(Method).GetProperties().Where(property => !property.GetMethod!.IsStatic && property.Name != nameof(Method.Name))
            .Select(property => $"{property.Name} {property.GetValue(method)}"));
        return text;
    }
}
