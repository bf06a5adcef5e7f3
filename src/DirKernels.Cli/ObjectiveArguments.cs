using System.CommandLine;
using DirKernels.Features;
using DirKernels.Objectives;

namespace DirKernels.Cli;

/// <summary>The options about losses of whole batches that training commands share.</summary>
internal sealed class ObjectiveArguments
{
    private readonly Option<double> _sigma = new("--noise-sigma")
    {
        Description = "Noise of bmc, bni and gai, in standard deviations of the training labels.",
        DefaultValueFactory = _ => new BalancedMseOptions().Sigma,
    };

    private readonly Option<double> _sigmaRate = new("--sigma-rate")
    {
        Description = "Learning rate of that noise; 0 keeps it, 0.01 was published.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<int> _components = new("--mixture-components")
    {
        Description = "Most Gaussians of gai; as many as the Bayesian information criterion prefers.",
        DefaultValueFactory = _ => new BalancedMseOptions().MaximumComponents,
    };

    private readonly Option<double> _distWeight = new("--dist-weight") { Description = "Weight of the distance of the distributions in distloss.", DefaultValueFactory = _ => new DistributionMatchOptions().Weight };

    private readonly Option<double> _distBandwidth = new("--dist-bandwidth") { Description = "Smoothing of the label distribution in distloss, in standard deviations of the labels.", DefaultValueFactory = _ => new DistributionMatchOptions().Bandwidth };

    private readonly Option<double> _gamma = new("--ranksim-gamma") { Description = "Weight of ranksim.", DefaultValueFactory = _ => new RankSimOptions().Gamma };

    private readonly Option<double> _lambda = new("--ranksim-lambda") { Description = "Length of the step that stands for a derivative of ranks in ranksim.", DefaultValueFactory = _ => new RankSimOptions().Lambda };

    private readonly Option<double> _rncWeight = new("--rnc-weight") { Description = "Weight of rnc.", DefaultValueFactory = _ => new RankNContrastOptions().Weight };

    private readonly Option<double> _temperature = new("--rnc-temperature") { Description = "Temperature of rnc.", DefaultValueFactory = _ => new RankNContrastOptions().Temperature };

    private readonly Option<int> _heads = new("--heads") { Description = "Heads of uvote, 2..64.", DefaultValueFactory = _ => 2 };

    private readonly Option<double> _transportSigma = new("--transport-sigma")
    {
        Description = "Width, in bins, of the window over the bin means of transport.",
        DefaultValueFactory = _ => new TransportOptions().MeansSigma,
    };

    private readonly Option<double> _transportMomentum = new("--transport-momentum")
    {
        Description = "Weight of the old bin means of transport, at least 0 and below 1.",
        DefaultValueFactory = _ => new TransportOptions().Momentum,
    };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_sigma, _sigmaRate, _components, _distWeight, _distBandwidth, _gamma, _lambda, _rncWeight, _temperature, _heads, _transportSigma, _transportMomentum];

    /// <summary>Noise and mixture of Balanced MSE.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message names the option.</exception>
    public BalancedMseOptions BalancedMse(ParseResult parsed)
    {
        double sigma = parsed.GetValue(_sigma), rate = parsed.GetValue(_sigmaRate);
        int components = parsed.GetValue(_components);
        OptionRange.Require(sigma is >= 1e-3 and <= 1e6, _sigma.Name, "must be 0.001..1000000", sigma);
        OptionRange.Require(rate is >= 0 and <= 1, _sigmaRate.Name, "must be 0..1", rate);
        OptionRange.Require(components is >= 1 and <= 64, _components.Name, "must be 1..64", components);
        var options = new BalancedMseOptions { Sigma = sigma, LearnsSigma = rate > 0, MaximumComponents = components };
        return rate > 0 ? options with { SigmaRate = rate } : options;
    }

    /// <summary>Weight and smoothing of Dist Loss.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message names the option.</exception>
    public DistributionMatchOptions DistributionMatch(ParseResult parsed)
    {
        double weight = parsed.GetValue(_distWeight), bandwidth = parsed.GetValue(_distBandwidth);
        OptionRange.Require(weight >= 0 && double.IsFinite(weight), _distWeight.Name, "must not be negative", weight);
        OptionRange.Require(bandwidth is > 0 and <= 100, _distBandwidth.Name, "must be above 0 and at most 100", bandwidth);
        return new DistributionMatchOptions { Weight = weight, Bandwidth = bandwidth };
    }

    /// <summary>Weight and step of RankSim.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message names the option.</exception>
    public RankSimOptions RankSim(ParseResult parsed) => new() { Gamma = Positive(parsed, _gamma), Lambda = Positive(parsed, _lambda) };

    /// <summary>Weight and temperature of Rank-N-Contrast.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message names the option.</exception>
    public RankNContrastOptions RankNContrast(ParseResult parsed) => new() { Weight = Positive(parsed, _rncWeight), Temperature = Positive(parsed, _temperature) };

    /// <summary>Members of a voting head.</summary>
    /// <exception cref="ArgumentException">Out of range.</exception>
    public int VoteMembers(ParseResult parsed)
    {
        int heads = parsed.GetValue(_heads);
        OptionRange.Require(heads is >= 2 and <= 64, _heads.Name, "must be 2..64", heads);
        return heads;
    }

    /// <summary>Smoothing of the bin means of transport.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message names the option.</exception>
    public TransportOptions Transport(ParseResult parsed)
    {
        double momentum = parsed.GetValue(_transportMomentum);
        OptionRange.Require(momentum is >= 0 and < 1, _transportMomentum.Name, "must be at least 0 and below 1", momentum);
        return new TransportOptions { MeansSigma = Positive(parsed, _transportSigma), Momentum = momentum };
    }

    private static double Positive(ParseResult parsed, Option<double> option)
    {
        double value = parsed.GetValue(option);
        OptionRange.Require(value > 0 && double.IsFinite(value), option.Name, "must be a positive number", value);
        return value;
    }
}
