namespace DirKernels.Conformance;

/// <summary>The normal distribution function, by the Taylor series of erf near 0 and the continued fraction of erfc in the tails.</summary>
public static class NormalDistributionReference
{
    public static double Distribution(double x)
    {
        double u = Math.Abs(x) / Math.Sqrt(2);
        double upperTail = double.IsNaN(x) ? double.NaN : u < 2.5 ? 0.5 - 0.5 * ErrorFunctionSeries(u) : 0.5 * ComplementFraction(u);
        return x >= 0 ? 1 - upperTail : upperTail;
    }

    public static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    private static double ErrorFunctionSeries(double u)
    {
        double power = u, sum = u;
        for (int n = 1; n < 80; n++)
        {
            power *= -u * u / n;
            sum += power / (2 * n + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    // erfc(u) = exp(-u^2) / (sqrt(pi) (u + (1/2)/(u + (2/2)/(u + (3/2)/(u + ...))))), evaluated from the inside.
    private static double ComplementFraction(double u)
    {
        double fraction = u;
        for (int k = 200; k >= 1; k--)
        {
            fraction = u + k / 2.0 / fraction;
        }

        return Math.Exp(-u * u) / (Math.Sqrt(Math.PI) * fraction);
    }
}
