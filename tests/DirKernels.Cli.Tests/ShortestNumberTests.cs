using System.Globalization;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>Numbers in results have the text that the runtime gives them.</summary>
public sealed class ShortestNumberTests
{
    [Fact]
    public void RandomNumbersOfAllSizesHaveTheRuntimesText()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 400_000; trial++)
        {
            double anyBits = BitConverter.Int64BitsToDouble(random.NextInt64());
            AssertSame(double.IsFinite(anyBits) ? anyBits : 0);
            AssertSame((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-5, 17)));
            AssertSame((float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-5, 17))));
            AssertSame(random.Next(-100_000, 100_000) / Math.Pow(10, random.Next(0, 8)));
        }
    }

    [Fact]
    public void PowersTheirNeighboursAndMiddlesHaveTheRuntimesText()
    {
        for (int power = -12; power < 52; power++)
        {
            foreach (double at in new[] { Math.Pow(2, power), Math.Pow(10, power - 12), 3 * Math.Pow(2, power), 1 + Math.Pow(2, power - 30), Math.Pow(10, power / 4) + Math.Pow(2, -17) })
            {
                AssertSame(at);
                AssertSame(Math.BitIncrement(at));
                AssertSame(Math.BitDecrement(at));
            }
        }

        // Two texts of 17 digits are equally near to some of these.
        for (int n = 1; n < 10_000; n++)
        {
            for (int bits = 10; bits < 40; bits++)
            {
                AssertSame(n + Math.Pow(2, -bits));
            }
        }

        foreach (double special in new[] { 0, -0.0, 1.0 / 256, Math.BitDecrement(1.0 / 256), 1e15, Math.BitDecrement(1e15), 999999999999999.9, 0.1 + 0.2, double.MaxValue, double.Epsilon, 9.5, 99.99999999999999 })
        {
            AssertSame(special);
            AssertSame(-special);
        }
    }

    private static void AssertSame(double value)
    {
        Span<char> text = stackalloc char[ShortestNumber.MostCharacters];
        Span<char> expected = stackalloc char[32];
        int length = ShortestNumber.Write(value, text);
        Assert.True(value.TryFormat(expected, out int expectedLength, default, CultureInfo.InvariantCulture));
        if (!text[..length].SequenceEqual(expected[..expectedLength]))
        {
            Assert.Fail($"{text[..length]} for {expected[..expectedLength]}");
        }
    }
}
