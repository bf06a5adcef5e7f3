using DirKernels.Conformance;
using DirKernels.Features;
using DirKernels.Networks;
using DirKernels.Tests.Features;
using Xunit;

namespace DirKernels.Tests.Networks;

/// <summary>Feature statistics go on from a file as if nothing had happened, and no damaged file becomes other statistics or a crash.</summary>
public sealed class FeatureSmoothingFileTests
{
    private const int BinCount = 7, Dimensions = 4;

    private static readonly int[] _bins = SampleNumbers.Bins(1, 300, BinCount);
    private static readonly float[] _features = SmoothedBins.Features(2, _bins, Dimensions);

    public static TheoryData<string> Kinds => ["published", "full", "cumulative", "blocks"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ReadStatisticsGoOnToTheSameBits(string kind)
    {
        FeatureSmoothingOptions options = Options(kind);
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(options, BinCount, _features, _bins);
        using FeatureDistributionSmoothing read = FeatureSmoothingFile.Read(new MemoryStream(Bytes(smoothing)));
        Assert.Equal(options.ToString(), read.Options.ToString());
        Assert.Equal(smoothing.CompletedEpochs, read.CompletedEpochs);
        for (int epoch = 0; epoch < 2; epoch++)
        {
            Assert.Equal(SmoothedBins.Calibrated(smoothing, _features, _bins), SmoothedBins.Calibrated(read, _features, _bins));
            foreach (FeatureDistributionSmoothing one in new[] { smoothing, read })
            {
                one.Accumulate(SmoothedBins.Features(3 + epoch, _bins, Dimensions), _bins);
                one.EndEpoch();
            }
        }
    }

    [Fact]
    public void StatisticsWithoutAnEpochAreNone()
    {
        using var smoothing = new FeatureDistributionSmoothing(Dimensions, BinCount);
        using FeatureDistributionSmoothing read = FeatureSmoothingFile.Read(new MemoryStream(Bytes(smoothing)));
        Assert.Equal(0, read.CompletedEpochs);
        Assert.Throws<InvalidOperationException>(() => SmoothedBins.Calibrated(read, _features, _bins));
    }

    [Theory]
    [InlineData("\"dimensions\":4", "\"dimensions\":5", "bins of 5 features")]
    [InlineData("\"bins\":7", "\"bins\":9", "9 bins")]
    [InlineData("\"schema\":1", "\"schema\":2", "schema 2; this version reads schema 1")]
    [InlineData("\"kernelSigma\":2", "\"kernelSigma\":9e9", "width 9000000000")]
    [InlineData("\"covariance\":\"full\"", "\"covariance\":\"fool\"", "covariance must be")]
    [InlineData("\"emptyBins\":\"Exclude\"", "\"emptyBins\":\"Include\"", "Include")]
    [InlineData("\"strength\":1", "\"strength\":7", "strength")]
    public void DescriptionsThatLieAreRefused(string from, string to, string message)
    {
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(Options("full"), BinCount, _features, _bins);
        SafeTensorsFile file = SafeTensorsFile.Read(Bytes(smoothing));
        string json = file.Metadata["dirkernels.features"];
        Assert.Contains(from, json, StringComparison.Ordinal);
        file.SetMetadata("dirkernels.features", json.Replace(from, to, StringComparison.Ordinal));
        Assert.StartsWith("the file is damaged", Assert.Throws<InvalidDataException>(() => FeatureSmoothingFile.Read(Written(file))).Message, StringComparison.Ordinal);

        // With the checksum of what it says now, what is behind the checksum must find the lie.
        ModelChecksum.Seal(file);
        using MemoryStream changed = Written(file);
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => FeatureSmoothingFile.Read(changed)).Message, StringComparison.Ordinal);
    }

    private static MemoryStream Written(SafeTensorsFile file)
    {
        var stream = new MemoryStream();
        file.Write(stream);
        stream.Position = 0;
        return stream;
    }

    /// <summary>Damage that the format cannot show may change numbers, but whatever is read calibrates.</summary>
    [Fact]
    public void DamagedFilesAreRefusedOrHarmless()
    {
        using FeatureDistributionSmoothing smoothing = SmoothedBins.AfterEpoch(Options("full"), BinCount, _features, _bins);
        byte[] bytes = Bytes(smoothing);
        var random = new Random(5);
        int refused = 0;
        const int mutations = 3000;
        for (int i = 0; i < mutations; i++)
        {
            byte[] damaged = [.. bytes];
            for (int change = 0; change <= i % 3; change++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            if (i % 10 == 0)
            {
                damaged = damaged[..random.Next(damaged.Length)];
            }

            try
            {
                using FeatureDistributionSmoothing read = FeatureSmoothingFile.Read(new MemoryStream(damaged));
                if (read.CompletedEpochs > 0 && read.Dimensions == Dimensions && read.BinCount == BinCount)
                {
                    SmoothedBins.Calibrated(read, _features, _bins);
                }
            }
            catch (InvalidDataException problem)
            {
                Assert.NotEqual("", problem.Message);
                refused++;
            }
        }

        Assert.InRange(refused, mutations / 10, mutations);
    }

    private static FeatureSmoothingOptions Options(string kind) => kind switch
    {
        "full" => new() { Covariance = CovarianceKind.Full },
        "cumulative" => new() { Momentum = null, Mass = BinMass.Count, Parts = CalibrationParts.Mean, Strength = 0.3f },
        "blocks" => new() { Covariance = CovarianceKind.Block(2), Shrinkage = Shrinkage.Fixed(0.125f), Kernel = SmoothingKernel.Laplace(3, 1.5), EmptyBins = EmptyBins.Fill },
        _ => new(),
    };

    private static byte[] Bytes(FeatureDistributionSmoothing smoothing)
    {
        using var stream = new MemoryStream();
        FeatureSmoothingFile.Write(stream, smoothing);
        return stream.ToArray();
    }
}
