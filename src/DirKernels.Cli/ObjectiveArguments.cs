using System.CommandLine;
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

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_sigma, _sigmaRate, _components];

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
}
