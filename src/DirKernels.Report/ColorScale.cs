using System.Globalization;

namespace DirKernels.Report;

/// <summary>Colours of numbers: dark to light in even steps of lightness, for any colour vision and for grey prints.</summary>
/// <param name="Label">What the numbers are.</param>
/// <param name="Lower">Number of the darkest colour.</param>
/// <param name="Upper">Number of the lightest colour, above the other.</param>
public sealed record ColorScale(string Label, double Lower, double Upper)
{
    /// <summary>Number of colours.</summary>
    public const int Steps = 24;

    // Blue through grey to yellow, lightness rising evenly: the idea of the cividis scale (Nunez, Anderton and Renslow, 2018).
    private static readonly (double Red, double Green, double Blue)[] _stops =
        [(10, 32, 82), (52, 66, 110), (95, 98, 112), (132, 131, 118), (176, 168, 108), (219, 206, 88), (254, 236, 120)];

    /// <summary>The colour step of a number, 0 to <see cref="Steps"/> - 1.</summary>
    internal int StepOf(double value) => (int)Math.Clamp((value - Lower) / (Upper - Lower) * Steps, 0, Steps - 1);

    /// <summary>The colour of a step.</summary>
    internal static string ColorOf(int step)
    {
        double at = (double)step / (Steps - 1) * (_stops.Length - 1);
        int below = Math.Min((int)at, _stops.Length - 2);
        double share = at - below;
        (double r0, double g0, double b0) = _stops[below];
        (double r1, double g1, double b1) = _stops[below + 1];
        static string Hex(double from, double to, double share) => ((int)Math.Round(from + share * (to - from))).ToString("x2", CultureInfo.InvariantCulture);
        return $"#{Hex(r0, r1, share)}{Hex(g0, g1, share)}{Hex(b0, b1, share)}";
    }
}
