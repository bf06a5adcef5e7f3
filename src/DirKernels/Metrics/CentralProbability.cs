namespace DirKernels.Metrics;

/// <summary>The probability of the central interval that just reaches a point: <c>P(|Z| &lt;= z)</c> for a variable of mean 0 and standard deviation 1.</summary>
internal static class CentralProbability
{
    // Beyond, what is missing to 1 is below 2^-53.
    private const double FarOut = 8.3;

    /// <summary>Normal: <c>erf(z / sqrt(2))</c>; Laplace: <c>1 - exp(-sqrt(2) z)</c>.</summary>
    /// <param name="distribution">Which.</param>
    /// <param name="z">Not negative; infinity gives 1.</param>
    /// <returns>0..1, to 1e-14.</returns>
    public static double Of(ErrorDistribution distribution, double z) =>
        distribution == ErrorDistribution.Normal ? Normal(z) : 1 - Math.Exp(-Math.Sqrt(2) * z);

    // sqrt(2 / pi) exp(-z^2 / 2) (z + z^3 / 3 + z^5 / (3 5) + ...), all of one sign: Abramowitz and Stegun, 26.2.11.
    private static double Normal(double z)
    {
        if (z >= FarOut)
        {
            return 1;
        }

        double term = z, sum = 0;
        for (int odd = 3; sum + term != sum; odd += 2)
        {
            sum += term;
            term *= z * z / odd;
        }

        return Math.Min(1, Math.Sqrt(2 / Math.PI) * Math.Exp(-0.5 * z * z) * sum);
    }
}
