namespace DirKernels.Metrics;

/// <summary>Logarithm of the gamma function, as far as the t distribution needs it.</summary>
internal static class LogGamma
{
    // Stirling's series is exact to double precision from here on.
    private const double StirlingFrom = 20;

    /// <summary><c>log Gamma(a + 1/2) - log Gamma(a)</c> for positive a, to 1e-14, without the cancellation of two large logarithms.</summary>
    public static double HalfStep(double a)
    {
        // Gamma(x + 1) = x Gamma(x) carries small arguments to where the series holds: one factor (x + 1/2) / x at a time.
        double correction = 0;
        while (a < StirlingFrom)
        {
            correction += Math.Log(a / (a + 0.5));
            a++;
        }

        // log Gamma(z) = (z - 1/2) log z - z + log(2 pi)/2 + series(z), so that the difference is
        // a log(1 + 1/(2a)) - 1/2 + log(a)/2 + series(a + 1/2) - series(a).
        return a * double.LogP1(0.5 / a) - 0.5 + 0.5 * Math.Log(a) + Series(a + 0.5) - Series(a) + correction;
    }

    // 1/(12 z) - 1/(360 z^3) + 1/(1260 z^5) - 1/(1680 z^7) + 1/(1188 z^9)
    private static double Series(double z)
    {
        double r = 1 / (z * z);
        return (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r / 1188)))) / z;
    }
}
