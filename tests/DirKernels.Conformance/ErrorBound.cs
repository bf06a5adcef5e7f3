using Xunit;

namespace DirKernels.Conformance;

/// <summary>
/// Comparison of backend results with an oracle, element by element, under an absolute bound for each. What is not finite must match exactly: a NaN in
/// the oracle asks for a NaN, an infinity for the same infinity.
/// </summary>
public static class ErrorBound
{
    /// <summary>u, the unit roundoff of single precision: one rounding moves a value by at most u times its magnitude.</summary>
    public const double Unit = 1.0 / (1 << 24);

    /// <summary>Smallest normal number: processors and devices may flush what lies below to 0.</summary>
    public const double Smallest = 1.2e-38;

    public static void Check(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, Func<int, double> bound, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!Holds(expected[i], actual[i], bound, i))
            {
                Fail(expected[i], actual[i], bound(i), i, what);
            }
        }
    }

    public static void Check(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, Func<int, double> bound, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!Holds(expected[i], actual[i], bound, i))
            {
                Fail(expected[i], actual[i], bound(i), i, what);
            }
        }
    }

    private static bool Holds(double expected, double actual, Func<int, double> bound, int index) =>
        double.IsFinite(expected) ? Math.Abs(actual - expected) <= bound(index) + Smallest : expected.Equals(actual);

    private static void Fail(double expected, double actual, double bound, int index, string what) =>
        Assert.Fail($"{what}, element {index}: expected {expected:G12}, got {actual:G12}, error {Math.Abs(actual - expected):G4}, bound {bound:G4}");
}
