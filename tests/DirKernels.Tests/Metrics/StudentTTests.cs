using DirKernels.Metrics;
using Xunit;

namespace DirKernels.Tests.Metrics;

public sealed class StudentTTests
{
    // Forty-digit arithmetic, rounded to fifteen.
    [Theory]
    [InlineData(0.975, 1, 12.7062047361747)]
    [InlineData(0.975, 2, 4.30265272974946)]
    [InlineData(0.9, 3, 1.63774435369621)]
    [InlineData(0.975, 4, 2.77644510519779)]
    [InlineData(0.995, 9, 3.24983554159213)]
    [InlineData(0.975, 30, 2.04227245630124)]
    [InlineData(0.975, 100, 1.98397151852355)]
    [InlineData(0.999, 1000, 3.09840216391292)]
    [InlineData(0.975, 1000000, 1.95996635681411)]
    [InlineData(0.000001, 5, -24.7710297205159)]
    [InlineData(0.51, 7, 0.0259779415695169)]
    [InlineData(0.9, 0.5, 10.2703244102345)]
    [InlineData(0.999999, 3.7, 51.6400502744427)]
    public void KnownQuantiles(double p, double degreesOfFreedom, double expected)
    {
        // 1e-16 of a probability near 1 is 1e-10 of a tail of 1e-6.
        Assert.Equal(expected, StudentT.Quantile(p, degreesOfFreedom), 1e-9 * Math.Max(1, Math.Abs(expected)));
        Assert.Equal(p, StudentT.Cumulative(expected, degreesOfFreedom), 1e-10);
        Assert.Equal(-StudentT.Quantile(p, degreesOfFreedom), StudentT.Quantile(1 - p, degreesOfFreedom), 1e-8 * Math.Max(1, Math.Abs(expected)));
    }

    [Fact]
    public void OneAndTwoDegreesOfFreedomHaveClosedForms()
    {
        for (double p = 0.003; p < 1; p += 0.0131)
        {
            Assert.Equal(Math.Tan(Math.PI * (p - 0.5)), StudentT.Quantile(p, 1), 1e-8);
            Assert.Equal((2 * p - 1) / Math.Sqrt(2 * p * (1 - p)), StudentT.Quantile(p, 2), 1e-8);
        }
    }

    [Fact]
    public void ManyDegreesOfFreedomAreNormal()
    {
        Assert.Equal(1.959963984540054, StudentT.Quantile(0.975, 1e15), 1e-8);
        Assert.Equal(1.959963984540054, StudentT.Quantile(0.975, double.PositiveInfinity), 1e-8);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4.5)]
    [InlineData(60)]
    [InlineData(1e5)]
    public void QuantileInvertsCumulative(double degreesOfFreedom)
    {
        foreach (double p in new[] { 1e-100, 1e-12, 1e-4, 0.2, 0.49, 0.499999 })
        {
            double t = StudentT.Quantile(p, degreesOfFreedom);
            Assert.True(t < 0);
            Assert.Equal(1, StudentT.Cumulative(t, degreesOfFreedom) / p, 1e-9);
        }

        Assert.Equal(0, StudentT.Quantile(0.5, degreesOfFreedom));
        Assert.Equal(0.5, StudentT.Cumulative(0, degreesOfFreedom));
        Assert.Equal(1, StudentT.Cumulative(double.PositiveInfinity, degreesOfFreedom));
        Assert.Equal(0, StudentT.Cumulative(double.NegativeInfinity, degreesOfFreedom));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(double.NaN, 1)]
    [InlineData(0.5, 0)]
    [InlineData(0.5, double.NaN)]
    public void RejectsWhatIsNoProbability(double p, double degreesOfFreedom) =>
        Assert.Throws<ArgumentException>(() => StudentT.Quantile(p, degreesOfFreedom));
}
