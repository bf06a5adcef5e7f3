using DirKernels.Methods;

namespace DirKernels.Evaluation;

/// <summary>A method with the label window it is tried with.</summary>
/// <param name="Method">The method.</param>
/// <param name="Kernel">Window of label smoothing; without effect on a method that does not smooth labels.</param>
public sealed record SearchCandidate(Method Method, SmoothingKernel Kernel)
{
    private static readonly string[] _weightings = ["power:0.25", "power:0.75", "inv"];

    private static readonly (int Size, double Sigma)[] _windows = [(5, 1), (5, 2), (9, 2), (9, 4)];

    /// <summary>For people: the method, and its window when it has one.</summary>
    public override string ToString() => Method.SmoothsLabels
        ? FormattableString.Invariant($"{Method} with {Kernel.Size} taps, sigma {Kernel.Sigma}")
        : Method.Name;

    /// <summary>
    /// All candidates of some methods, in the order in which a budget takes them: every method as it is, then, of those that smooth labels, a grid of windows
    /// (5 and 9 taps, sigma 1, 2, 4) and, unless the method names one, weightings (powers 0.25, 0.5, 0.75, inverse), shuffled by the seed.
    /// </summary>
    /// <param name="methods">The methods.</param>
    /// <param name="settings">Their window and number of bins; windows wider than the bins are left out.</param>
    /// <param name="seed">Seed of the order.</param>
    public static SearchCandidate[] Grid(IReadOnlyList<Method> methods, MethodSettings settings, ulong seed)
    {
        // One object for each window: candidates that share it are trained together.
        SmoothingKernel given = settings.LabelKernel;
        SmoothingKernel[] windows =
        [
            .. _windows.Where(window => window.Size <= settings.Bins.Count)
                .Select(window => window == (given.Size, given.Sigma) ? given : SmoothingKernel.Create(given.Shape, window.Size, window.Sigma)),
        ];
        SearchCandidate[] first = [.. methods.Select(method => new SearchCandidate(method, settings.LabelKernel))];
        SearchCandidate[] rest =
        [
            .. from method in methods
               where method.SmoothsLabels
               from variant in Variants(method)
               from window in windows
               where variant.Name != method.Name || window != given
               select new SearchCandidate(variant, window),
        ];
        return [.. first, .. rest.Select((candidate, i) => (candidate, Key: CounterRandom.Uniform(seed, (ulong)i))).OrderBy(pair => pair.Key).Select(pair => pair.candidate)];
    }

    private static IEnumerable<Method> Variants(Method method)
    {
        yield return method;
        if (method.Reweighting is not null)
        {
            yield break;
        }

        foreach (string weighting in _weightings)
        {
            if (Joined(method, weighting) is { } joined)
            {
                yield return joined;
            }
        }
    }

    /// <summary>The method with another part, or null when its parts contradict that one.</summary>
    private static Method? Joined(Method method, string part)
    {
        try
        {
            return Method.Parse($"{method.Name}+{part}");
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
