using Xunit;

namespace DirKernels.Conformance;

/// <summary>Comparisons with a tolerance relative to the size of the expected number: <c>|a - b| &lt;= tolerance (1 + |b|)</c>.</summary>
public static class Close
{
    /// <summary>Tolerance of single-precision results against golden numbers.</summary>
    public const double Float32 = 2e-6;

    /// <summary>Tolerance of single-precision results behind a matrix factorisation.</summary>
    public const double Factorised = 2e-5;

    /// <summary>Tolerance of double-precision results against golden numbers, which carry nine significant digits.</summary>
    public const double Float64 = 5e-9;

    /// <summary>Asserts all elements close; names the first that is not.</summary>
    public static void Equal(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Equal(expected[i], actual[i], tolerance, $"{what}[{i}]");
        }
    }

    /// <summary>Asserts all elements close; names the first that is not.</summary>
    public static void Equal(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Equal(expected[i], actual[i], tolerance, $"{what}[{i}]");
        }
    }

    /// <summary>Asserts two numbers close.</summary>
    public static void Equal(double expected, double actual, double tolerance, string what) =>
        Assert.True(
            Math.Abs(expected - actual) <= tolerance * (1 + Math.Abs(expected)),
            $"{what}: expected {expected:G9}, got {actual:G9}, difference {Math.Abs(expected - actual):G3}, tolerance {tolerance:G3}");
}
