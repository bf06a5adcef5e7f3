namespace DirKernels.Metrics;

/// <summary>Student's t distribution: what the mean of a few normal numbers follows when their deviation is estimated from them.</summary>
/// <remarks>
/// Through the regularised incomplete beta function: <c>P(T &gt; t) = 1/2 I_(v/(v+t^2))(v/2, 1/2)</c> for t at least 0 and v degrees of freedom.
/// Relative accuracy 1e-9 or better for 1..1e9 degrees of freedom and tails down to 1e-100.
/// Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.5 and 26.7.
/// </remarks>
public static class StudentT
{
    // Beyond this many degrees of freedom the distribution is normal to nine digits.
    private const double LargestDegreesOfFreedom = 1e9;

    /// <summary>Probability of a value of at most t.</summary>
    /// <param name="t">Any number but NaN.</param>
    /// <param name="degreesOfFreedom">v, positive; need not be an integer.</param>
    /// <exception cref="ArgumentException">t is NaN, or v is not positive.</exception>
    public static double Cumulative(double t, double degreesOfFreedom)
    {
        ThrowIfNotPositive(degreesOfFreedom);
        if (double.IsNaN(t))
        {
            throw new ArgumentException("student t: the value is NaN", nameof(t));
        }

        double tail = UpperTail(Math.Abs(t), Math.Min(degreesOfFreedom, LargestDegreesOfFreedom));
        return t > 0 ? 1 - tail : tail;
    }

    /// <summary>The t with <c>Cumulative(t) = p</c>: 12.7062047 for p = 0.975 and one degree of freedom, 1.9599640 for very many.</summary>
    /// <param name="p">Probability, 0 to 1, both exclusive.</param>
    /// <param name="degreesOfFreedom">v, positive; need not be an integer.</param>
    /// <exception cref="ArgumentException">p is not between 0 and 1, or v is not positive.</exception>
    public static double Quantile(double p, double degreesOfFreedom)
    {
        ThrowIfNotPositive(degreesOfFreedom);
        if (!(p > 0) || !(p < 1))
        {
            throw new ArgumentException($"student t: the probability must be between 0 and 1, but is {p}", nameof(p));
        }

        if (p == 0.5)
        {
            return 0;
        }

        double v = Math.Min(degreesOfFreedom, LargestDegreesOfFreedom), tail = Math.Min(p, 1 - p);
        double lower = 0, upper = 1;
        while (UpperTail(upper, v) > tail)
        {
            lower = upper;
            upper *= 2;
        }

        // Newton's method on the logarithm of the tail, which is nearly straight in log t; bisection wherever it leaves the bracket.
        double t = lower == 0 ? 0.5 : Math.Sqrt(lower * upper);
        for (int step = 0; step < 200; step++)
        {
            double at = UpperTail(t, v);
            if (at > tail)
            {
                lower = t;
            }
            else
            {
                upper = t;
            }

            double slope = -t * Density(t, v) / at;
            double next = t * Math.Exp(-Math.Log(at / tail) / slope);
            if (!(next > lower) || !(next < upper))
            {
                next = 0.5 * (lower + upper);
            }

            bool settled = Math.Abs(next - t) <= 1e-15 * next;
            t = next;
            if (settled)
            {
                break;
            }
        }

        return p > 0.5 ? t : -t;
    }

    private static double UpperTail(double t, double v)
    {
        if (double.IsPositiveInfinity(t))
        {
            return 0;
        }

        // I_x(v/2, 1/2) with x = v/(v+t^2) and y = 1 - x, neither by subtraction.
        double a = 0.5 * v, square = t * t / v, x = 1 / (1 + square), y = square / (1 + square);
        if (y == 0)
        {
            return 0.5;
        }

        double logFront = -a * double.LogP1(square) + 0.5 * Math.Log(y) + LogGamma.HalfStep(a) - 0.5 * Math.Log(Math.PI);
        double front = Math.Exp(logFront);
        return x < (a + 1) / (a + 2.5)
            ? 0.5 * front * ContinuedFraction(x, a, 0.5) / a
            : 0.5 - 0.5 * front * ContinuedFraction(y, 0.5, a) / 0.5;
    }

    private static double Density(double t, double v) =>
        Math.Exp(LogGamma.HalfStep(0.5 * v) - 0.5 * Math.Log(v * Math.PI) - 0.5 * (v + 1) * double.LogP1(t * t / v));

    // Continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), evaluated from the front after Lentz.
    private static double ContinuedFraction(double x, double a, double b)
    {
        const double Tiny = 1e-300;
        double c = 1, d = 1 / AwayFromZero(1 - (a + b) * x / (a + 1)), result = d;
        for (int m = 1; m < 1_000_000; m++)
        {
            double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / AwayFromZero(1 + even * d);
            c = AwayFromZero(1 + even / c);
            result *= d * c;

            double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / AwayFromZero(1 + odd * d);
            c = AwayFromZero(1 + odd / c);
            result *= d * c;
            if (Math.Abs(d * c - 1) < 1e-16)
            {
                break;
            }
        }

        return result;

        static double AwayFromZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
    }

    private static void ThrowIfNotPositive(double degreesOfFreedom)
    {
        if (!(degreesOfFreedom > 0))
        {
            throw new ArgumentException($"student t: the degrees of freedom must be positive, but are {degreesOfFreedom}", nameof(degreesOfFreedom));
        }
    }
}
