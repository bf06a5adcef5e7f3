using DirKernels.Features;
using DirKernels.Labels;
using Xunit;

namespace DirKernels.Native.Tests;

/// <summary>Weights and feature statistics through the C interface are those of the managed library, to the bit.</summary>
public sealed class StatisticsCallTests(NativeBuild build)
{
    private const int Rows = 300, Dimensions = 4, Bins = 6;

    private static readonly double[] _labels = [.. new NumberStream(21).Take(Rows).Select(u => 6 * u * u)];
    private static readonly int[] _bins = LabelBins.Uniform(0, 1, Bins).Assign(_labels);
    private static readonly float[] _features = [.. new NumberStream(23).Take(Rows * Dimensions).Select((u, i) => (float)(u + _labels[i / Dimensions]))];

    [Fact]
    public void WeightsAreThoseOfTheManagedLibrary()
    {
        LoadedLibrary library = Library();
        Assert.Equal(LoadedLibrary.Ok, library.UniformBins(0, 1, Bins, out nint bins));
        float[] weights = new float[Rows], expected = new float[Rows];
        Assert.Equal(LoadedLibrary.Ok, library.LabelWeights(_labels, bins, null, weights));
        LabelDistributionSmoothing.Weights(_labels, LabelBins.Uniform(0, 1, Bins), SmoothingKernel.Default, Reweighting.SqrtInverse, expected);
        Assert.Equal(expected, weights);
        Assert.Equal(LoadedLibrary.Ok, library.LabelWeights(_labels, 0, null, weights));
        LabelDistributionSmoothing.Weights(_labels, LabelBins.Automatic(_labels), SmoothingKernel.Default, Reweighting.SqrtInverse, expected);
        Assert.Equal(expected, weights);
        Assert.Equal(LoadedLibrary.BadArgument, library.LabelWeights(_labels, bins, null, new float[Rows - 1]));
        Assert.Equal($"labels has {Rows} entries but weights has {Rows - 1}", library.LastError);
        Assert.Equal(LoadedLibrary.BadData, library.LabelWeights([1, double.NaN], bins, null, new float[2]));
        Assert.Contains("row 1 (counted from 0)", library.LastError, StringComparison.Ordinal);
        library.Free("bins", bins);
    }

    [Fact]
    public void OptionsOfAnotherSizeAreRefused()
    {
        LoadedLibrary library = Library();
        var options = new byte[64];
        options[0] = 3;
        Assert.Equal(LoadedLibrary.BadArgument, library.LabelWeights(_labels, 0, options, new float[Rows]));
        Assert.StartsWith("options.struct_size is 3, but this library knows 8..", library.LastError, StringComparison.Ordinal);

        // An older header, whose structure ended behind the kernel: the rest are the defaults.
        options[0] = 12;
        options[8] = 0;
        float[] weights = new float[Rows], expected = new float[Rows];
        Assert.Equal(LoadedLibrary.Ok, library.LabelWeights(_labels, 0, options, weights));
        LabelDistributionSmoothing.Weights(_labels, LabelBins.Automatic(_labels), null, Reweighting.SqrtInverse, expected);
        Assert.Equal(expected, weights);
    }

    [Fact]
    public void FeaturesAreCalibratedLikeTheManagedLibraryDoes()
    {
        LoadedLibrary library = Library();
        Assert.Equal(LoadedLibrary.Ok, library.CreateSmoothing(Dimensions, Bins, out nint fds));
        float[] calibrated = new float[_features.Length], expected = new float[_features.Length];
        Assert.Equal(LoadedLibrary.BadState, library.Calibrate(fds, _features, Rows, Dimensions, _bins, calibrated));
        Assert.Contains("no epoch", library.LastError, StringComparison.Ordinal);

        // One half, and the other as moments.
        const int half = Rows / 2;
        Assert.Equal(LoadedLibrary.Ok, library.CreateMoments(Dimensions, Bins, 1, out nint moments));
        Assert.Equal(LoadedLibrary.Ok, library.Accumulate("fds", fds, _features, half, Dimensions, _bins));
        Assert.Equal(LoadedLibrary.Ok, library.Accumulate("moments", moments, _features[(half * Dimensions)..], Rows - half, Dimensions, _bins[half..]));
        Assert.Equal(LoadedLibrary.Ok, library.Merge("fds", fds, moments));
        Assert.Equal(LoadedLibrary.Ok, library.EndEpoch(fds));
        Assert.Equal(LoadedLibrary.Ok, library.Calibrate(fds, _features, Rows, Dimensions, _bins, calibrated));

        using var smoothing = new FeatureDistributionSmoothing(Dimensions, Bins);
        using var part = new FeatureMoments(Dimensions, Bins, CovarianceKind.Diagonal);
        smoothing.Accumulate(_features.AsSpan(0, half * Dimensions), _bins.AsSpan(0, half));
        part.Accumulate(_features.AsSpan(half * Dimensions), _bins.AsSpan(half));
        smoothing.Accumulate(part);
        smoothing.EndEpoch();
        smoothing.Calibrate(_features, _bins, expected);
        Assert.Equal(expected, calibrated);

        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            Assert.Equal(LoadedLibrary.Ok, library.Save(fds, file));
            Assert.Equal(LoadedLibrary.Ok, library.Load("dk_fds_load", file, out nint loaded));
            Assert.Equal(LoadedLibrary.Ok, library.Calibrate(loaded, _features, Rows, Dimensions, _bins, calibrated));
            Assert.Equal(expected, calibrated);
            library.Free("fds", loaded);
        }
        finally
        {
            File.Delete(file);
        }

        library.Free("moments", moments);
        library.Free("fds", fds);
    }

    [Fact]
    public void WrongSizesNameBoth()
    {
        LoadedLibrary library = Library();
        library.CreateSmoothing(Dimensions, Bins, out nint fds);
        library.CreateMoments(Dimensions + 1, Bins, 1, out nint moments);
        Assert.Equal(LoadedLibrary.BadArgument, library.Accumulate("fds", fds, _features, 10, 3, _bins));
        Assert.Equal("features has rows of 3, but rows of 4 are needed", library.LastError);
        Assert.Equal(LoadedLibrary.BadArgument, library.Merge("fds", fds, moments));
        Assert.Contains("6 bins of 5 dimensions", library.LastError, StringComparison.Ordinal);
        Assert.Contains("6 bins of 4 dimensions", library.LastError, StringComparison.Ordinal);
        Assert.Equal(LoadedLibrary.BadArgument, library.Accumulate("fds", fds, _features, 1, Dimensions, [Bins]));
        Assert.Contains("bin of row 0 (counted from 0) is 6, but there are 6 bins", library.LastError, StringComparison.Ordinal);
        library.Free("moments", moments);
        library.Free("fds", fds);
    }

    [Fact]
    public void FalseHandlesAreFoundOut()
    {
        LoadedLibrary library = Library();
        library.CreateMoments(Dimensions, Bins, 1, out nint moments);
        library.CreateSmoothing(Dimensions, Bins, out nint fds);
        Assert.Equal(LoadedLibrary.BadHandle, library.Merge("fds", moments, moments));
        Assert.Equal("the handle of dk_fds is of dk_moments", library.LastError);
        Assert.Equal(LoadedLibrary.BadHandle, library.EndEpoch(unchecked((nint)0x7fff_1234_5678)));
        Assert.Equal("the handle of dk_fds was not made by this library", library.LastError);
        Assert.Equal(LoadedLibrary.BadArgument, library.EndEpoch(0));
        Assert.Equal("the handle of dk_fds is null", library.LastError);
        Assert.Equal(LoadedLibrary.Ok, library.Free("fds", fds));
        Assert.Equal(LoadedLibrary.BadHandle, library.Free("fds", fds));
        Assert.Equal("the handle of dk_fds was freed", library.LastError);
        Assert.Equal(LoadedLibrary.Ok, library.Free("fds", 0));

        // The slot is used again, by another generation.
        library.CreateSmoothing(Dimensions, Bins, out nint next);
        Assert.NotEqual(fds, next);
        Assert.Equal(LoadedLibrary.BadHandle, library.EndEpoch(fds));
        Assert.Equal(LoadedLibrary.Ok, library.EndEpoch(next));
        library.Free("fds", next);
        library.Free("moments", moments);
    }

    [Fact]
    public async Task ThreadsThatMergeIntoEachOtherDoNotWaitForEver()
    {
        LoadedLibrary library = Library();
        library.CreateMoments(Dimensions, Bins, 1, out nint first);
        library.CreateMoments(Dimensions, Bins, 1, out nint second);
        Task Repeat(nint into, nint from) => Task.Run(() =>
        {
            for (int i = 0; i < 2000; i++)
            {
                Assert.Equal(LoadedLibrary.Ok, library.Merge("moments", into, from));
            }
        });
        await Task.WhenAll(Repeat(first, second), Repeat(second, first)).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(LoadedLibrary.Ok, library.Merge("moments", first, first));
        library.Free("moments", first);
        library.Free("moments", second);
    }

    [Fact]
    public void ErrorsBelongToTheirThread()
    {
        // Without awaiting, which may go on in another thread than the one that failed.
        LoadedLibrary library = Library();
        Assert.Equal(LoadedLibrary.BadArgument, library.SetThreads(-1));
        string? other = null;
        var thread = new Thread(() => other = library.LastError);
        thread.Start();
        thread.Join();
        Assert.Equal("", other);
        Assert.Equal("threads must be 0..1024, but is -1", library.LastError);
    }

    private LoadedLibrary Library()
    {
        build.SkipUnlessBuilt();
        return new LoadedLibrary(build.BuildOf(NativeBuild.MatchingLevel));
    }
}
