using System.CommandLine;
using System.Globalization;

namespace DirKernels.Cli;

/// <summary>The options about the network that training commands share.</summary>
internal sealed class NetworkArguments
{
    private const int WidestLayer = 65536;

    private readonly Option<string> _hidden = new("--hidden")
    {
        Description = "Widths of the hidden layers; none for a linear model.",
        HelpName = "N,N,...|none",
        DefaultValueFactory = _ => "128,64",
    };

    private readonly Option<string> _activation = new("--activation")
    {
        Description = "Function behind the hidden layers.",
        HelpName = "relu|gelu|silu|tanh|identity",
        DefaultValueFactory = _ => "relu",
    };

    private readonly Option<bool> _batchNorm = new("--batch-norm") { Description = "Batch normalisation in the hidden layers." };

    private readonly Option<double> _dropout = new("--dropout") { Description = "Share of activations dropped in training.", DefaultValueFactory = _ => 0 };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_hidden, _activation, _batchNorm, _dropout];

    /// <summary>Widths of the hidden layers.</summary>
    /// <exception cref="ArgumentException">Not a list of widths.</exception>
    public IReadOnlyList<int> Hidden(ParseResult parsed)
    {
        string text = parsed.GetValue(_hidden)!;
        if (text == "none")
        {
            return [];
        }

        string[] parts = text.Split(',');
        var widths = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.Integer, CultureInfo.InvariantCulture, out widths[i]) || widths[i] is < 1 or > WidestLayer)
            {
                throw new ArgumentException($"--hidden: must be none or widths 1..{WidestLayer} such as 128,64, but is '{text}'");
            }
        }

        return widths;
    }

    /// <summary>Function behind the hidden layers.</summary>
    /// <exception cref="ArgumentException">Unknown.</exception>
    public Activation Activation(ParseResult parsed) => ActivationOf(parsed.GetValue(_activation)!);

    /// <summary>The function that a value of --activation names.</summary>
    /// <exception cref="ArgumentException">Unknown.</exception>
    public static Activation ActivationOf(string name) => NamedChoice.Of(
        "--activation",
        name,
        ("relu", DirKernels.Activation.Relu),
        ("gelu", DirKernels.Activation.Gelu),
        ("silu", DirKernels.Activation.Silu),
        ("tanh", DirKernels.Activation.Tanh),
        ("identity", DirKernels.Activation.Identity));

    /// <summary>Whether there is batch normalisation.</summary>
    public bool BatchNormalization(ParseResult parsed) => parsed.GetValue(_batchNorm);

    /// <summary>Share of activations dropped.</summary>
    /// <exception cref="ArgumentException">Not in [0, 1).</exception>
    public float Dropout(ParseResult parsed)
    {
        double dropout = parsed.GetValue(_dropout);
        OptionRange.Require(dropout >= 0 && (float)dropout < 1, "--dropout", "must be at least 0 and below 1", dropout);
        return (float)dropout;
    }
}
