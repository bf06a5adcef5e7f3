using DirKernels.Objectives;
using DirKernels.Resampling;

namespace DirKernels.Methods;

/// <summary>One way to treat imbalance, composed of parts joined by <c>+</c>, such as <c>lds+fds</c>; <see cref="MethodPart.All"/> lists the parts.</summary>
public sealed record Method
{
    private Method(string name) => Name = name;

    /// <summary>The parts that a method can be made of; letters such as the <c>P</c> of <c>power:P</c> stand for a number.</summary>
    public static IReadOnlyList<string> PartNames { get; } = [.. MethodPart.All.Select(part => part.Usage)];

    /// <summary>As it was written, in lower case: <c>lds+fds</c>.</summary>
    public string Name { get; }

    /// <summary>Density-based weights of the rows; null when no part names any.</summary>
    public Reweighting? Reweighting { get; internal init; }

    /// <summary>Whether the label density behind the weights is smoothed.</summary>
    public bool SmoothsLabels { get; internal init; }

    /// <summary>Whether the weights are those of DenseWeight.</summary>
    public bool UsesDenseWeight { get; internal init; }

    /// <summary>Whether features are calibrated in training.</summary>
    public bool SmoothsFeatures { get; internal init; }

    /// <summary>Whether the loss becomes its focal form.</summary>
    public bool UsesFocalLoss { get; internal init; }

    /// <summary>The loss; null for that of the training options.</summary>
    public RegressionLossKind? Loss { get; internal init; }

    /// <summary>Balanced MSE in the place of the loss; null for none.</summary>
    public BalancedMseKind? BalancedMse { get; internal init; }

    /// <summary>Whether sorted predictions are matched with quantiles of the labels.</summary>
    public bool MatchesDistribution { get; internal init; }

    /// <summary>Whether features are ranked by similarity as their labels are.</summary>
    public bool RanksFeatures { get; internal init; }

    /// <summary>Whether features are contrasted in the order of their labels.</summary>
    public bool ContrastsFeatures { get; internal init; }

    /// <summary>What the head says about each target, but for the number of members of a vote.</summary>
    public PredictionHeadKind Head { get; internal init; }

    /// <summary>Whether features are moved between label bins in training.</summary>
    public bool TransportsFeatures { get; internal init; }

    /// <summary>Whether a second stage trains the head anew.</summary>
    public bool RetrainsHead { get; internal init; }

    /// <summary>Networks that are trained with seeds of their own and averaged; 1 without an ensemble.</summary>
    public int Networks { get; internal init; } = 1;

    /// <summary>How training rows are resampled; null when they are not.</summary>
    public ResamplingKind? Resampling { get; internal init; }

    /// <summary>Every part as a method of its own, <c>vanilla</c> first.</summary>
    public static IReadOnlyList<Method> EveryPart { get; } = [.. MethodPart.All.Select(part => Parse(part.Example))];

    /// <summary>Reads a method.</summary>
    /// <param name="text">Parts joined by <c>+</c>, in any order, each at most once.</param>
    /// <exception cref="ArgumentException">A part is unknown, named twice, or contradicts another.</exception>
    public static Method Parse(string text)
    {
        var method = new Method(text.ToLowerInvariant());
        var parts = new List<MethodPart>();
        foreach (string written in method.Name.Split('+'))
        {
            (string name, string? argument) = written.IndexOf(':', StringComparison.Ordinal) is >= 0 and int colon
                ? (written[..colon], written[(colon + 1)..])
                : (written, null);
            MethodPart part = MethodPart.Find(name) is { } found && (argument is null || found.Parameter is not null)
                ? found
                : throw new ArgumentException($"method '{text}': unknown part '{written}'; known are {string.Join(", ", PartNames)}, joined by +");
            if (parts.Contains(part))
            {
                throw new ArgumentException($"method '{text}': the part '{name}' is named twice");
            }

            parts.Add(part);
            try
            {
                method = part.Apply(method, argument ?? "");
            }
            catch (ArgumentException problem)
            {
                throw new ArgumentException($"method '{text}': {problem.Message}", problem);
            }
        }

        MethodRules.Check(method, parts);
        return method;
    }

    /// <summary>Reads methods separated by commas; <c>all</c> stands for <see cref="EveryPart"/>.</summary>
    /// <param name="text">Such as <c>vanilla,lds,lds+fds</c> or <c>all</c> or <c>all,lds+fds</c>.</param>
    /// <exception cref="ArgumentException">A method cannot be read, or is named twice.</exception>
    public static IReadOnlyList<Method> ParseList(string text)
    {
        Method[] methods = [.. text.Split(',').SelectMany(one => one.Equals("all", StringComparison.OrdinalIgnoreCase) ? EveryPart : [Parse(one)])];
        string? twice = methods.GroupBy(method => method.Name).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null ? methods : throw new ArgumentException($"'{twice}' is named twice");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
