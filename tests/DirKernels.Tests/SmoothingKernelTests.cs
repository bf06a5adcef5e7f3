using DirKernels.Conformance;
using Xunit;

namespace DirKernels.Tests;

public sealed class SmoothingKernelTests
{
    [Fact]
    public void GoldenWindows()
    {
        foreach (var entry in GoldenFile.Read("windows").EnumerateArray())
        {
            var shape = Enum.Parse<SmoothingKernelShape>(entry.GetProperty("kernel").GetString()!, ignoreCase: true);
            var kernel = SmoothingKernel.Create(shape, entry.GetProperty("size").GetInt32(), entry.GetProperty("sigma").GetDouble());
            Close.Equal(entry.GetProperty("lds").Doubles(), kernel.UnitMaximumTaps, Close.Float64, $"{kernel} lds");
            Close.Equal(entry.GetProperty("fds").Doubles(), kernel.UnitSumTaps, Close.Float64, $"{kernel} fds");
        }
    }

    [Theory]
    [InlineData(4, 2.0)]
    [InlineData(0, 2.0)]
    [InlineData(-3, 2.0)]
    [InlineData(5, 0.0)]
    [InlineData(5, -1.0)]
    [InlineData(5, double.NaN)]
    public void RejectsBadParameters(int size, double sigma)
    {
        Assert.Throws<ArgumentException>(() => SmoothingKernel.Gaussian(size, sigma));
        Assert.Throws<ArgumentException>(() => SmoothingKernel.Laplace(size, sigma));
        Assert.Throws<ArgumentException>(() => SmoothingKernel.TruncatedGaussian(size, sigma));
    }
}
