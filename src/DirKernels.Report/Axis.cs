namespace DirKernels.Report;

/// <summary>One axis of a panel: what it measures, from where to where, and on which scale.</summary>
/// <param name="Label">What it measures, with its unit.</param>
/// <param name="Lower">Lower end.</param>
/// <param name="Upper">Upper end, above the lower one.</param>
public sealed record Axis(string Label, double Lower, double Upper)
{
    /// <summary>Whether equal distances are equal ratios; both ends are positive then.</summary>
    public bool IsLogarithmic { get; private init; }

    /// <summary>Names at the positions 0, 1, ... of an axis without numbers; null for numbers.</summary>
    public IReadOnlyList<string>? Categories { get; private init; }

    /// <summary>Where ticks are; null for where they come out even.</summary>
    public IReadOnlyList<double>? Ticks { get; init; }

    /// <summary>An axis from exactly one number to another.</summary>
    /// <exception cref="ArgumentException">Not finite, or the lower end not below the upper one.</exception>
    public static Axis Exact(string label, double lower, double upper) => double.IsFinite(lower) && double.IsFinite(upper) && lower < upper
        ? new Axis(label, lower, upper)
        : throw new ArgumentException($"axis '{label}': {lower}..{upper} is no range");

    /// <summary>An axis that holds all numbers, its ends rounded outwards to ticks.</summary>
    /// <param name="label">What it measures.</param>
    /// <param name="values">The numbers; null and NaN are passed over. None gives 0..1.</param>
    /// <param name="withZero">Whether 0 belongs to the axis.</param>
    public static Axis Around(string label, IEnumerable<double?> values, bool withZero = false)
    {
        (double lower, double upper) = Range(values, withZero);
        if (lower == upper)
        {
            double half = lower == 0 ? 1 : Math.Abs(lower) / 2;
            (lower, upper) = (lower - half, upper + half);
        }

        double step = TickSteps.StepOf(lower, upper, 5);
        return new Axis(label, Math.Floor(lower / step + 1e-9) * step, Math.Ceiling(upper / step - 1e-9) * step);
    }

    /// <summary>A logarithmic axis that holds all positive numbers among those given.</summary>
    /// <param name="label">What it measures.</param>
    /// <param name="values">The numbers; null and those not positive are passed over. None gives 1..10.</param>
    /// <param name="room">Factor below the smallest number, so that the lowest bar can be seen; half of it, in logarithms, above the largest.</param>
    public static Axis Logarithmic(string label, IEnumerable<double?> values, double room = 1.5)
    {
        (double lower, double upper) = Range(values.Where(value => value > 0), withZero: false);
        if (!(lower > 0))
        {
            (lower, upper) = (1, 10);
        }

        return new Axis(label, lower / room, Math.Max(upper * Math.Sqrt(room), lower * 1.5)) { IsLogarithmic = true };
    }

    /// <summary>An axis of names, the first at 0.</summary>
    public static Axis Names(string label, IReadOnlyList<string> names) => new(label, -0.5, Math.Max(1, names.Count) - 0.5) { Categories = names };

    private static (double Lower, double Upper) Range(IEnumerable<double?> values, bool withZero)
    {
        double lower = withZero ? 0 : double.PositiveInfinity, upper = withZero ? 0 : double.NegativeInfinity;
        foreach (double? value in values)
        {
            if (value is { } number && double.IsFinite(number))
            {
                lower = Math.Min(lower, number);
                upper = Math.Max(upper, number);
            }
        }

        return lower <= upper ? (lower, upper) : (0, 1);
    }
}
