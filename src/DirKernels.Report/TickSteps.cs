using System.Globalization;

namespace DirKernels.Report;

/// <summary>Where an axis has ticks, and what is written there: multiples of 1, 2 or 5 times a power of ten.</summary>
internal static class TickSteps
{
    /// <summary>The smallest step of 1, 2 or 5 times a power of ten that needs at most so many intervals.</summary>
    public static double StepOf(double lower, double upper, int intervals)
    {
        double rough = (upper - lower) / Math.Max(1, intervals), power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        foreach (double factor in (ReadOnlySpan<double>)[1, 2, 5])
        {
            if (factor * power >= rough * (1 - 1e-9))
            {
                return factor * power;
            }
        }

        return 10 * power;
    }

    /// <summary>Ticks of an axis with their texts, at most about <paramref name="most"/>.</summary>
    public static IReadOnlyList<(double Value, string Text)> Of(Axis axis, int most)
    {
        if (axis.Categories is { } names)
        {
            return [.. names.Select((name, i) => ((double)i, name))];
        }

        if (axis.Ticks is { } chosen)
        {
            return Labelled([.. chosen], eachAlone: false);
        }

        double[] values = axis.IsLogarithmic ? Logarithmic(axis.Lower, axis.Upper, most) : Linear(axis.Lower, axis.Upper, most);
        bool isEven = values.Length < 3 || Math.Abs(values[2] - 2 * values[1] + values[0]) < 1e-9 * Math.Abs(values[2]);
        return Labelled(values, axis.IsLogarithmic && !isEven);
    }

    private static double[] Linear(double lower, double upper, int most)
    {
        double[] coarse = [];
        for (int intervals = Math.Max(1, most - 1); ; intervals++)
        {
            double[] ticks = Multiples(lower, upper, StepOf(lower, upper, intervals));

            // One tick says nothing of a scale, and two say little, but a finer step may have more than there is room for.
            if (ticks.Length >= 3 || intervals > 4 * most)
            {
                return coarse.Length >= 2 && ticks.Length > most + 2 ? coarse : ticks;
            }

            coarse = ticks;
        }
    }

    private static double[] Multiples(double lower, double upper, double step)
    {
        double first = Math.Ceiling(lower / step - 1e-9), last = Math.Floor(upper / step + 1e-9);
        return last < first ? [] : [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
    }

    private static double[] Logarithmic(double lower, double upper, int most)
    {
        int from = (int)Math.Floor(Math.Log10(lower)), to = (int)Math.Ceiling(Math.Log10(upper));
        double[] All(params double[] factors) =>
            [.. Enumerable.Range(from, to - from + 1).SelectMany(e => factors.Select(f => f * Math.Pow(10, e))).Where(v => v >= lower && v <= upper)];
        double[] fine = All(1, 2, 5), middle = All(1, 3), coarse = All(1);
        if (fine.Length < 3)
        {
            // Less than a decade: even steps are read more easily than powers.
            return Linear(lower, upper, most);
        }

        return fine.Length <= most ? fine : middle.Length <= most ? middle : coarse.Length >= 2 ? Thinned(coarse, most) : middle;
    }

    private static double[] Thinned(double[] values, int most)
    {
        int every = (values.Length + most - 1) / Math.Max(1, most);
        return [.. values.Where((_, i) => i % every == 0)];
    }

    private static (double Value, string Text)[] Labelled(double[] values, bool eachAlone)
    {
        double largest = values.Length == 0 ? 0 : values.Max(Math.Abs);
        (double unit, string suffix) = largest >= 1e8 ? (1e6, "M") : largest >= 1e5 ? (1e3, "k") : (1, "");
        double step = values.Length > 1 ? (values[1] - values[0]) / unit : Math.Max(largest / unit, 1);
        return Array.ConvertAll(values, value => (value, Written(value / unit, eachAlone ? Math.Abs(value / unit) : step, value == 0 ? "" : suffix)));
    }

    private static string Written(double value, double step, string suffix)
    {
        int decimals = step <= 0 ? 0 : Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 12);
        string text = value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        // A real minus is as wide as a plus; -0 is 0.
        return (text.TrimStart('-').All(c => c is '0' or '.') ? text.TrimStart('-') : text.Replace('-', '\u2212')) + suffix;
    }
}
