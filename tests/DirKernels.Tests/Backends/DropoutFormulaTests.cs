using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using Xunit;

namespace DirKernels.Tests.Backends;

/// <summary>Which elements of a run are kept, wherever it starts in its matrix, against the numbers drawn one by one.</summary>
public sealed class DropoutFormulaTests
{
    private const ulong Stream = 0x0123_4567_89AB_CDEF;

    // The state of the generator moves by this from element to element.
    private const ulong Step = 0x9E3779B97F4A7C15;

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData((1L << 32) - 100)]
    [InlineData(1L << 40)]
    public void KeepsTheElementsOfItsNumbersAtEveryLength(long start)
    {
        foreach (float rate in new[] { 0, 1e-7f, 0.3f, 0.5f, 1 - 1f / (1 << 24) })
        {
            for (int length = 0; length <= 256; length++)
            {
                bool[] kept = DropoutReference.Kept(length, rate, Stream + (ulong)start * Step);
                Assert.Equal(kept.Select(k => k ? 3 * (1 / (1 - rate)) : 0), Drop(rate, start, length));
            }
        }
    }

    [Fact]
    public void ARateThatIsANumberOfTheRunKeepsIt()
    {
        double[] numbers = DropoutReference.Uniform(64, Stream);
        for (int i = 0; i < numbers.Length; i++)
        {
            Assert.NotEqual(0, Drop((float)numbers[i], 0, 64)[i]);
            Assert.Equal(0, Drop(MathF.BitIncrement((float)numbers[i]), 0, 64)[i]);
        }
    }

    private static unsafe float[] Drop(float rate, long start, int length)
    {
        float[] x = [.. Enumerable.Repeat(3f, length)], y = [.. Enumerable.Repeat(float.NaN, length + 1)];
        fixed (float* from = x, to = y)
        {
            DropoutFormula.Apply(from, rate, Stream, start, to, length);
        }

        Assert.True(float.IsNaN(y[^1]));
        return y[..length];
    }
}
