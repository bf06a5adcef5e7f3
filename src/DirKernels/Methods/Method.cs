using System.Globalization;
using DirKernels.Resampling;

namespace DirKernels.Methods;

/// <summary>
/// One way to treat imbalance, composed of parts joined by <c>+</c>: how the loss is weighted, whether features are smoothed, which loss, whether the
/// head is trained again, and whether training rows are resampled.
/// </summary>
/// <remarks>
/// Parts: <c>vanilla</c> none; <c>inv</c>, <c>sqinv</c>, <c>power:P</c>, <c>denseweight</c> weights; <c>lds</c> smooths the label density behind the
/// weights (sqrt-inverse unless another weighting is named); <c>fds</c> feature distribution smoothing; <c>focal</c>, <c>huber</c> losses; <c>rrt</c>
/// two-stage training, the weights (sqrt-inverse unless named) used for the head only; <c>ro</c>, <c>ru</c>,
/// <c>gn</c>, <c>smoter</c>, <c>smogn</c>, <c>wercs</c> resampled training rows (<see cref="ResamplingMethod.All"/>), from which weights are then
/// computed. Sources: Yang et al., ICML 2021; Steininger et al., 2021.
/// </remarks>
public sealed record Method
{
    private Method(string name) => Name = name;

    /// <summary>The parts that a method can be made of; <c>P</c> stands for a number.</summary>
    public static IReadOnlyList<string> PartNames { get; } =
        ["vanilla", "inv", "sqinv", "power:P", "denseweight", "lds", "fds", "focal", "huber", "rrt", .. ResamplingMethod.All.Select(method => method.Name)];

    /// <summary>As it was written, in lower case: <c>lds+fds</c>.</summary>
    public string Name { get; }

    /// <summary>Density-based weights of the rows; null when no part names any.</summary>
    public Reweighting? Reweighting { get; private init; }

    /// <summary>Whether the label density behind the weights is smoothed.</summary>
    public bool SmoothsLabels { get; private init; }

    /// <summary>Whether the weights are those of DenseWeight.</summary>
    public bool UsesDenseWeight { get; private init; }

    /// <summary>Whether features are calibrated in training.</summary>
    public bool SmoothsFeatures { get; private init; }

    /// <summary>Whether the loss becomes its focal form.</summary>
    public bool UsesFocalLoss { get; private init; }

    /// <summary>Whether the loss is Huber's.</summary>
    public bool UsesHuberLoss { get; private init; }

    /// <summary>Whether a second stage trains the head anew.</summary>
    public bool RetrainsHead { get; private init; }

    /// <summary>How training rows are resampled; null when they are not.</summary>
    public ResamplingKind? Resampling { get; private init; }

    /// <summary>Reads a method.</summary>
    /// <param name="text">Parts joined by <c>+</c>, in any order, each at most once.</param>
    /// <exception cref="ArgumentException">A part is unknown, named twice, or contradicts another.</exception>
    public static Method Parse(string text)
    {
        var method = new Method(text.ToLowerInvariant());
        var seen = new HashSet<string>();
        foreach (string part in method.Name.Split('+'))
        {
            if (!seen.Add(part))
            {
                throw new ArgumentException($"method '{text}': the part '{part}' is named twice");
            }

            method = method.With(part, text);
        }

        if (seen.Count > 1 && seen.Contains("vanilla"))
        {
            throw new ArgumentException($"method '{text}': vanilla cannot be joined with other parts");
        }

        if (method.SmoothsLabels && method.UsesDenseWeight)
        {
            throw new ArgumentException($"method '{text}': denseweight estimates its own density and cannot be joined with lds");
        }

        return method;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private Method With(string part, string text) => part switch
    {
        "vanilla" => this,
        "inv" => WithReweighting(DirKernels.Reweighting.Inverse, text),
        "sqinv" => WithReweighting(DirKernels.Reweighting.SqrtInverse, text),
        "denseweight" when Reweighting is null => this with { UsesDenseWeight = true },
        "lds" => this with { SmoothsLabels = true },
        "fds" => this with { SmoothsFeatures = true },
        "focal" when !UsesHuberLoss => this with { UsesFocalLoss = true },
        "huber" when !UsesFocalLoss => this with { UsesHuberLoss = true },
        "rrt" => this with { RetrainsHead = true },
        "denseweight" or "focal" or "huber" => throw new ArgumentException($"method '{text}': '{part}' contradicts another part"),
        _ when part.StartsWith("power:", StringComparison.Ordinal) => WithReweighting(ParsePower(part, text), text),
        _ when ResamplingMethod.Find(part) is { } resampling => Resampling is null
            ? this with { Resampling = resampling.Kind }
            : throw new ArgumentException($"method '{text}': more than one resampling is named"),
        _ => throw new ArgumentException($"method '{text}': unknown part '{part}'; known are {string.Join(", ", PartNames)}, joined by +"),
    };

    private static Reweighting ParsePower(string part, string text) =>
        double.TryParse(part.AsSpan("power:".Length), NumberStyles.Float, CultureInfo.InvariantCulture, out double p) && p is >= 0 and <= 4
            ? DirKernels.Reweighting.Power(p)
            : throw new ArgumentException($"method '{text}': power:P needs a number P in 0..4");

    private Method WithReweighting(Reweighting reweighting, string text) => Reweighting is null && !UsesDenseWeight
        ? this with { Reweighting = reweighting }
        : throw new ArgumentException($"method '{text}': more than one weighting is named");
}
