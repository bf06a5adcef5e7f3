using System.CommandLine;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>The options of <c>import</c>.</summary>
internal sealed class ImportArguments
{
    private readonly Option<string> _target = new("--target") { Description = "Name of the label.", HelpName = "NAME", Required = true };

    private readonly Option<string> _activation = new("--activation")
    {
        Description = "Function behind the hidden layers; gelu is the exact one, by erf.",
        HelpName = "relu|gelu|silu|tanh|identity",
        DefaultValueFactory = _ => "relu",
    };

    private readonly Option<string?> _layers = new("--layers")
    {
        Description = "Names of the layers from the inputs to the head; by default their natural order, in which 10 comes after 9.",
        HelpName = "NAME,NAME,...",
    };

    private readonly Option<string?> _batchNorm = new("--batch-norm")
    {
        Description = "Whether batch normalisation stands before or after the activation; by default before, where its number follows that of a linear layer.",
        HelpName = "before|after",
    };

    private readonly Option<double> _epsilon = new("--batch-norm-eps") { Description = "What variances of batch normalisation are added to.", DefaultValueFactory = _ => 1e-5 };

    private readonly Option<string?> _columns = new("--columns") { Description = "Names of the table columns that the inputs are, in order; by default those of --scaling, or c0, c1, ...", HelpName = "NAME,NAME,..." };

    private readonly Option<string?> _scaling = new("--scaling")
    {
        Description = "A table with the columns column, mean and sd (and median), a row for each input in order: inputs become (x - mean) / sd. By default they are taken as they are.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _targetScaling = new("--target-scaling") { Description = "Predictions become mean + sd y; by default they are taken as they are.", HelpName = "mean,sd" };

    private readonly Option<string> _bins = new("--bins")
    {
        Description = "Label bins for evaluate: lower edge, width and count, or auto (Freedman-Diaconis) from --train.",
        HelpName = "lo,width,count|auto",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string?> _train = new("--train") { Description = "A table whose training labels are counted, for the regions of evaluate; rows by its column split, or all.", HelpName = "FILE" };

    /// <summary>Makes the options part of a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Add(option);
        }
    }

    private Option[] All => [_target, _activation, _layers, _batchNorm, _epsilon, _columns, _scaling, _targetScaling, _bins, _train];

    /// <summary>What the user chose.</summary>
    /// <exception cref="ArgumentException">A value is malformed or out of its range.</exception>
    public ImportSettings Read(ParseResult parsed)
    {
        double epsilon = parsed.GetValue(_epsilon);
        OptionRange.Require(epsilon > 0 && double.IsFinite(epsilon), "--batch-norm-eps", "must be a positive number", epsilon);
        var network = new NetworkImportOptions
        {
            Activation = NetworkArguments.ActivationOf(parsed.GetValue(_activation)!),
            Layers = Names(parsed, _layers),
            Normalization = parsed.GetValue(_batchNorm) is { } place
                ? NamedChoice.Of("--batch-norm", place, ("before", NormalizationPlace.BeforeActivation), ("after", NormalizationPlace.AfterActivation))
                : null,
            NormalizationEpsilon = epsilon,
        };
        (double mean, double scale) = TargetScaling(parsed.GetValue(_targetScaling));
        return new ImportSettings(
            network,
            parsed.GetValue(_target)!,
            Names(parsed, _columns),
            parsed.GetValue(_scaling),
            mean,
            scale,
            LabelSmoothingOptions.Bins(parsed.GetValue(_bins)!),
            parsed.GetValue(_train),
            RunDescription.OfOptions(parsed, [_activation, _batchNorm, _epsilon, _targetScaling, _bins]));
    }

    private static (double Mean, double Scale) TargetScaling(string? text)
    {
        if (text is null)
        {
            return (0, 1);
        }

        double[] numbers = NumberList.Parse(text, "--target-scaling", "mean", "sd");
        OptionRange.Require(numbers[1] > 0, "--target-scaling", "sd must be positive", numbers[1]);
        return (numbers[0], numbers[1]);
    }

    private static string[]? Names(ParseResult parsed, Option<string?> option)
    {
        string[]? names = parsed.GetValue(option)?.Split(',');
        return names is null || Array.TrueForAll(names, name => name.Length > 0)
            ? names
            : throw new ArgumentException($"{option.Name}: '{parsed.GetValue(option)}' has an empty name");
    }
}
