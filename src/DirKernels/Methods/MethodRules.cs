namespace DirKernels.Methods;

/// <summary>Parts that contradict each other, and why.</summary>
internal static class MethodRules
{
    /// <summary>Checks the parts of one method.</summary>
    /// <param name="method">What they amount to.</param>
    /// <param name="parts">The parts, each once.</param>
    /// <exception cref="ArgumentException">Two of them contradict each other; the message says why.</exception>
    public static void Check(Method method, IReadOnlyList<MethodPart> parts)
    {
        if (parts.Count > 1 && parts.Any(part => part.Kind == MethodPartKind.Baseline))
        {
            throw Contradiction(method, "vanilla cannot be joined with other parts");
        }

        foreach (IGrouping<string?, MethodPart> place in parts.GroupBy(part => part.Place))
        {
            if (place.Key is { } name && place.Count() > 1)
            {
                throw Contradiction(method, $"more than one {name} is named: {string.Join(" and ", place.Select(part => part.Name))}");
            }
        }

        foreach ((Func<Method, bool> applies, string reason) in _rules)
        {
            if (applies(method))
            {
                throw Contradiction(method, reason);
            }
        }
    }

    private static readonly (Func<Method, bool> Applies, string Reason)[] _rules =
    [
        (method => method.Head != PredictionHeadKind.Value && (method.Loss is not null || method.UsesFocalLoss || method.BalancedMse is not null || method.MatchesDistribution),
            "laplace, gaussian and uvote are trained by the likelihood of their own distribution, which is a loss already"),
        (method => method.Head == PredictionHeadKind.Vote && (method.Reweighting is not null || method.UsesDenseWeight || method.RetrainsHead),
            "uvote weighs each of its members by a power of the label density, so that weights, and rrt, which brings them, would count twice"),
        (method => method.TransportsFeatures && method.SmoothsFeatures,
            "transport and fds both move features by the statistics of their bins"),
        (method => method.TransportsFeatures && !method.RetrainsHead && (method.Reweighting is not null || method.UsesDenseWeight || method.SmoothsLabels),
            "transport draws labels against their smoothed density already, so that weights would count rare ones twice; rrt+transport weighs the second stage only"),
        (method => method.SmoothsLabels && method.UsesDenseWeight, "denseweight estimates its own density and cannot be joined with lds"),
        (method => method.MatchesDistribution && method.BalancedMse is not null,
            "distloss goes beside a loss of single errors, which balanced mse is not; both answer for the label distribution"),
    ];

    private static ArgumentException Contradiction(Method method, string reason) => new($"method '{method.Name}': {reason}");
}
