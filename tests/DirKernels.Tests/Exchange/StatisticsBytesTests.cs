using System.Buffers.Binary;
using DirKernels.Backends.Cpu;
using DirKernels.Exchange;
using DirKernels.Features;
using DirKernels.Labels;
using Xunit;

namespace DirKernels.Tests.Exchange;

/// <summary>The bytes of partial statistics: fixed, complete, and never believed.</summary>
public sealed class StatisticsBytesTests : IDisposable
{
    private const string UniformHistogram =
        "444952535441545301000000010000000300000001000000000000000000e0bf000000000000d03f0100000000000000000000000000000002000000000000007c82d3dd";

    private const string EdgeHistogram =
        "4449525354415453010000000100000002000000000000000000000000000000000000000000f03f000000000000244005000000000000002c01000000000000019b75f7";

    private const string BlockMoments =
        "444952535441545301000000020000000200000003000000020000000000000002000000000000000000000000000000000000000000004000000000000010400000000000000a40000000000000"
        + "004000000000000010400000000000002040000000000000c03f0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        + "000000000000db37c8b7";

    private readonly CpuBackend _backend = new(1);

    public void Dispose() => _backend.Dispose();

    [Fact]
    public void HistogramsHaveTheseBytes()
    {
        var uniform = new LabelHistogram(LabelBins.Uniform(-0.5, 0.25, 3));
        uniform.Add([-0.5, 0.2, 7.0]);
        Assert.Equal(UniformHistogram, Convert.ToHexStringLower(uniform.ToBytes()));
        var edges = new LabelHistogram(LabelBins.FromEdges([0, 1, 10]));
        edges.Add([.. Enumerable.Repeat(0.5, 5), .. Enumerable.Repeat(1.0, 300)]);
        Assert.Equal(EdgeHistogram, Convert.ToHexStringLower(edges.ToBytes()));

        LabelHistogram read = LabelHistogram.Read(Convert.FromHexString(UniformHistogram));
        Assert.Equal(uniform.Bins, read.Bins);
        Assert.Equal([1, 0, 2], read.Counts);
        Assert.Equal(3, read.Total);
        read = LabelHistogram.Read(Convert.FromHexString(EdgeHistogram));
        Assert.Equal(edges.Bins, read.Bins);
        Assert.Equal([5, 300], read.Counts);
        Assert.Equal(305, read.Total);
    }

    [Fact]
    public void MomentsHaveTheseBytes()
    {
        using var moments = new FeatureMoments(3, 2, CovarianceKind.Block(2), _backend);
        moments.Accumulate([1f, 2, 3, 3, 6, 3.5f], [0, 0]);
        Assert.Equal(BlockMoments, Convert.ToHexStringLower(moments.ToBytes()));
        using FeatureMoments read = FeatureMoments.Read(Convert.FromHexString(BlockMoments));
        Assert.Equal((2, 3, 2, 2L), (read.BinCount, read.Dimensions, read.BlockSize, read.Total));
        Assert.Equal([2, 0], read.Counts());
        Assert.Equal([2, 4, 3.25], read.Mean(0));
        Assert.Equal([2, 0, 4, 8, 0.125, 0], read.Scatter(0));
        Assert.Equal([0, 0, 0, 0, 0, 0], read.Scatter(1));
    }

    [Fact]
    public void LargeStatisticsGoInPiecesAndComeBackToTheBit()
    {
        var histogram = new LabelHistogram(LabelBins.Uniform(0, 1, 10_000));
        histogram.Add([.. Enumerable.Range(0, 50_000).Select(i => (double)i * i % 10_007)]);
        byte[] bytes = histogram.ToBytes();
        Assert.Equal(histogram.Counts, LabelHistogram.Read(bytes).Counts);
        Assert.Equal(bytes, LabelHistogram.Read(bytes).ToBytes());
        foreach (CovarianceKind kind in new[] { CovarianceKind.Diagonal, CovarianceKind.Block(7), CovarianceKind.Full })
        {
            using var moments = new FeatureMoments(67, 9, kind, _backend);
            int[] bins = Conformance.SampleNumbers.Bins(1, 400, 9, empty: 4);
            moments.Accumulate(Conformance.SampleNumbers.Normal(2, 400 * 67, mean: 3), bins);
            bytes = moments.ToBytes();
            using FeatureMoments read = FeatureMoments.Read(bytes, _backend);
            Assert.Equal(bytes, read.ToBytes());
            Assert.Equal(moments.Scatter(0), read.Scatter(0));
        }
    }

    [Fact]
    public void FaultsAreNamed()
    {
        byte[] histogram = Convert.FromHexString(UniformHistogram), moments = Convert.FromHexString(BlockMoments);
        Check([], "0 bytes are too few");
        Check(new byte[40], "DIRSTATS");
        Check(With(histogram, 8, 2u), "version 2 of the format, newer than version 1");
        Check(With(histogram, 8, 0u), "version 0 of the format, which does not exist");
        Check(With(histogram, 12, 3u), "hold a DriftSketch");
        Check(With(histogram, 12, 4u), "kind 4, which is not known");
        Check(moments, "hold a FeatureMoments");
        Check(With(histogram, 16, 4u), "68 bytes, but by its sizes there must be 76");
        Check(With(histogram, 16, uint.MaxValue), "-1 bins");
        Check(With(histogram, 20, 2u), "rule 2");
        Check(histogram[..^1], "67 bytes, but by its sizes there must be 68");
        Check([.. histogram, 0], "69 bytes");
        Check(With(histogram, 40, 2u), "damaged");
        Check(Repaired(With(histogram, 36, 0xBFD00000)), "width");
        Check(Repaired(With(histogram, 36, 0x7FF00000)), "width");
        Check(Repaired(With(histogram, 44, 0x80000000)), "count of bin 0 is -");
        Check(Repaired(With(histogram, 44, 0x00200000)), "more than 2^53 together");
        Check(Repaired(With(Convert.FromHexString(EdgeHistogram), 44, 0x3FE00000)), "increase");

        CheckMoments(histogram, "hold a LabelHistogram");
        CheckMoments(With(moments, 16, 0x7FFFFFFF), "by its sizes there must be");
        CheckMoments(With(moments, 20, 0u), "0 dimensions");
        CheckMoments(With(moments, 24, 4u), "blocks of 4");
        CheckMoments(With(With(moments, 20, 0x7FFFFFFF), 24, 0x7FFFFFFF), "which no moments have");
        CheckMoments(With(moments, 28, 1u), "which no moments have");
        CheckMoments(With(moments, 60, 1u), "damaged");
        CheckMoments(Repaired(With(moments, 52, 0x7FF80000)), "bin 0 has a mean or scatter that is not finite");
        CheckMoments(Repaired(With(moments, 108, 0x3FF00000)), "bin 1 has no samples");
        CheckMoments(Repaired(With(moments, 76, 0xC0000000)), "dimension 0 of bin 0 has the scatter -2");
        CheckMoments(Repaired(With(moments, 92, 0xC0200000)), "dimension 1 of bin 0 has the scatter -8");
    }

    [Fact]
    public void MomentsOfFeaturesThatAreNotFiniteAreNotWritten()
    {
        using var moments = new FeatureMoments(2, 3, CovarianceKind.Diagonal, _backend);
        moments.Accumulate([1, float.NaN], [1]);
        Assert.Contains("bin 1", Assert.Throws<InvalidDataException>(() => moments.ToBytes()).Message);
    }

    [Fact]
    public void NoFlippedBitLoads()
    {
        foreach (string valid in new[] { UniformHistogram, EdgeHistogram, BlockMoments })
        {
            byte[] bytes = Convert.FromHexString(valid);
            for (int bit = 0; bit < 8 * bytes.Length; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(Loads(bytes), $"bit {bit} of {valid}");
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            Assert.True(Loads(bytes));
        }
    }

    [Fact]
    public void DamagedBytesAreRefusedAndCostNoMemory()
    {
        byte[][] valid = [.. new[] { UniformHistogram, EdgeHistogram, BlockMoments }.Select(Convert.FromHexString)];
        var random = new Random(7);
        int repaired = 0, loaded = 0;
        for (int trial = 0; trial < 60_000; trial++)
        {
            byte[] bytes = Damage(random, valid[trial % valid.Length]);
            bool isRepaired = random.Next(2) == 0 && bytes.Length >= 20;
            if (isRepaired)
            {
                // Behind an honest checksum lie the checks of sizes and numbers. What passes them all is another valid file.
                repaired++;
                bytes = Repaired(bytes);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            bool loads = Loads(bytes);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
            if (loads)
            {
                loaded++;
                Assert.True(isRepaired || valid[trial % valid.Length].AsSpan().SequenceEqual(bytes), $"trial {trial}: damaged bytes load");
                Assert.Equal(bytes, Rewritten(bytes));
            }
        }

        Assert.True(repaired > 20_000 && loaded is > 1_000 and < 40_000, $"{repaired} repaired, {loaded} loaded");
    }

    private static byte[] Damage(Random random, byte[] valid)
    {
        var bytes = new List<byte>(valid);
        for (int edits = random.Next(1, 4); edits > 0; edits--)
        {
            int at = random.Next(Math.Max(1, bytes.Count));
            switch (random.Next(6))
            {
                case 0:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 40)));
                    break;
                case 1:
                    bytes.InsertRange(Math.Min(at, bytes.Count), Enumerable.Range(0, random.Next(1, 40)).Select(_ => (byte)random.Next(256)).ToArray());
                    break;
                case 2 when bytes.Count > 32:
                    // Sizes that lie: small, huge or negative ones.
                    int size = random.Next(3) switch { 0 => random.Next(-1, 9), 1 => random.Next(), _ => 1 << random.Next(32) };
                    for (int i = 0, field = 16 + 4 * random.Next(4); i < 4; i++)
                    {
                        bytes[field + i] = (byte)(size >> (8 * i));
                    }

                    break;
                case 3 when bytes.Count > 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 4 when bytes.Count >= 8:
                    // A number that is no number.
                    BitConverter.TryWriteBytes(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes)[(at / 8 * 8)..], double.NaN);
                    break;
                default:
                    if (bytes.Count > 0)
                    {
                        bytes[at] ^= (byte)(1 << random.Next(8));
                    }

                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] With(byte[] bytes, int offset, uint number)
    {
        byte[] changed = [.. bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(offset), number);
        return changed;
    }

    private static byte[] Repaired(byte[] bytes) => With(bytes, bytes.Length - 4, Crc32C.Finish(Crc32C.Append(Crc32C.Start, bytes.AsSpan(0, bytes.Length - 4))));

    private static void Check(byte[] bytes, string fragment)
    {
        string message = Assert.Throws<InvalidDataException>(() => LabelHistogram.Read(bytes)).Message;
        Assert.StartsWith("label histogram: ", message);
        Assert.Contains(fragment, message);
    }

    private void CheckMoments(byte[] bytes, string fragment)
    {
        string message = Assert.Throws<InvalidDataException>(() => FeatureMoments.Read(bytes, _backend)).Message;
        Assert.StartsWith("feature moments: ", message);
        Assert.Contains(fragment, message);
    }

    private byte[] Rewritten(byte[] bytes)
    {
        if (bytes[12] == 1)
        {
            return LabelHistogram.Read(bytes).ToBytes();
        }

        using FeatureMoments moments = FeatureMoments.Read(bytes, _backend);
        return moments.ToBytes();
    }

    /// <summary>Whether one of both readers takes the bytes; anything but <see cref="InvalidDataException"/> fails the test.</summary>
    private bool Loads(byte[] bytes)
    {
        bool loads = false;
        try
        {
            LabelHistogram.Read(bytes);
            loads = true;
        }
        catch (InvalidDataException problem)
        {
            Assert.NotEmpty(problem.Message);
        }

        try
        {
            FeatureMoments.Read(bytes, _backend).Dispose();
            loads = true;
        }
        catch (InvalidDataException problem)
        {
            Assert.NotEmpty(problem.Message);
        }

        return loads;
    }
}
