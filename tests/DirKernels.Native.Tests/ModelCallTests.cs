using System.Text.Json;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Native.Tests;

/// <summary>Models through the C interface give the values of the managed library, and say what is wrong with everything else.</summary>
public sealed class ModelCallTests(NativeBuild build)
{
    private const int Rows = 1500;

    /// <summary>Rows of doubles, and as singles: what the interface takes.</summary>
    private static readonly double[] _rows = new NumberStream(17).Take(Rows * SampleModel.Inputs);

    [Fact]
    public void PredictionsAreThoseOfTheManagedLibraryToTheBit()
    {
        LoadedLibrary library = Library();
        ModelSnapshot snapshot = SampleModel.Train();
        nint model = Loaded(library, SampleModel.Bytes(snapshot));
        using var predictor = new TablePredictor(snapshot);
        float[] singles = [.. _rows.Select(x => (float)x)];
        double[] values = new double[Rows], expected = new double[Rows];
        Assert.Equal(LoadedLibrary.Ok, library.Predict(model, singles, Rows, SampleModel.Inputs, values));
        predictor.Predict<float>(singles, expected);
        Assert.Equal(expected, values);
        Assert.Equal(LoadedLibrary.Ok, library.Predict(model, _rows, Rows, SampleModel.Inputs, values));
        predictor.Predict<double>(_rows, expected);
        Assert.Equal(expected, values);
        Assert.Equal(LoadedLibrary.Ok, library.Free("model", model));
    }

    [Fact]
    public void UncertaintiesComeWithTheValues()
    {
        LoadedLibrary library = Library();
        ModelSnapshot snapshot = SampleModel.Train(PredictionHead.Laplace);
        nint model = Loaded(library, SampleModel.Bytes(snapshot));
        using var predictor = new TablePredictor(snapshot);
        double[] values = new double[Rows], deviations = new double[Rows], expected = new double[Rows], expectedDeviations = new double[Rows];
        Assert.Equal(LoadedLibrary.Ok, library.Predict(model, _rows, Rows, SampleModel.Inputs, values, deviations));
        predictor.Predict<double>(_rows, expected, expectedDeviations);
        Assert.Equal(expected, values);
        Assert.Equal(expectedDeviations, deviations);
        Assert.All(deviations, deviation => Assert.True(deviation > 0));
        library.Free("model", model);
    }

    [Fact]
    public void DescribesItself()
    {
        LoadedLibrary library = Library();
        ModelSnapshot snapshot = SampleModel.Train();
        nint model = Loaded(library, SampleModel.Bytes(snapshot));
        Assert.Equal(LoadedLibrary.Ok, library.Describe(model, 0, out nuint needed, out _));
        Assert.Equal(LoadedLibrary.TooSmall, library.Describe(model, 10, out _, out _));
        Assert.Equal($"text has room for 10 bytes, but {needed} are needed", library.LastError);
        Assert.Equal(LoadedLibrary.Ok, library.Describe(model, (int)needed, out _, out string text));
        using JsonDocument json = JsonDocument.Parse(text);
        Assert.Equal(["a", "b", "c", "d=no", "d=yes"], json.RootElement.GetProperty("inputNames").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(snapshot.Bins.Edges.ToArray(), json.RootElement.GetProperty("binEdges").EnumerateArray().Select(edge => edge.GetDouble()));
        Assert.Equal("gelu", json.RootElement.GetProperty("activation").GetString());
        library.Free("model", model);
    }

    [Fact]
    public void WrongSizesNameBoth()
    {
        LoadedLibrary library = Library();
        nint model = Loaded(library, SampleModel.Bytes(SampleModel.Train()));
        Assert.Equal(LoadedLibrary.BadArgument, library.Predict(model, _rows, 10, 4, new double[10]));
        Assert.Equal("inputs has rows of 4, but rows of 5 are needed", library.LastError);
        Assert.Equal(LoadedLibrary.BadArgument, library.Predict(model, _rows, 10, 5, new double[9]));
        Assert.Equal("values has 9 elements, but 10 are needed", library.LastError);
        Assert.Equal(LoadedLibrary.BadArgument, library.Predict<double>(model, null!, 10, 5, new double[10]));
        Assert.Equal("inputs is null", library.LastError);
        Assert.Equal(LoadedLibrary.BadState, library.Predict(model, _rows, 10, 5, new double[10], new double[10]));
        Assert.Contains("says values only", library.LastError, StringComparison.Ordinal);
        Assert.Equal(LoadedLibrary.Ok, library.Predict<double>(model, [], 0, 5, []));
        library.Free("model", model);
    }

    [Theory]
    [InlineData("error", false)]
    [InlineData("median", true)]
    public void MissingNumbersAreWhatTheyWereInTraining(string missing, bool isMedian)
    {
        LoadedLibrary library = Library();
        nint model = Loaded(library, SampleModel.Bytes(SampleModel.Train(missing: missing)));
        double[] rows = [0.1, 0.2, 0.3, 0, 1, 0.1, double.NaN, 0.3, 0, 1], medians = [.. rows.Select(x => double.IsNaN(x) ? 0.2 : x)];
        double[] values = new double[2], expected = new double[2];
        if (isMedian)
        {
            Assert.Equal(LoadedLibrary.Ok, library.Predict(model, rows, 2, SampleModel.Inputs, values));
            Assert.Equal(LoadedLibrary.Ok, library.Predict(model, medians, 2, SampleModel.Inputs, expected));
            Assert.Equal(expected, values);
        }
        else
        {
            Assert.Equal(LoadedLibrary.BadData, library.Predict(model, rows, 2, SampleModel.Inputs, values));
            Assert.StartsWith("row 1, input 1 (counted from 0) is NaN", library.LastError, StringComparison.Ordinal);
        }

        library.Free("model", model);
    }

    [Fact]
    public void DamagedFilesAreRefused()
    {
        LoadedLibrary library = Library();
        byte[] bytes = SampleModel.Bytes(SampleModel.Train());
        for (int length = 0; length < bytes.Length; length += 97)
        {
            Assert.Equal(LoadedLibrary.BadData, library.LoadModel(bytes[..length], out nint model));
            Assert.Equal(0, model);
            Assert.NotEqual("", library.LastError);
        }

        Assert.Equal(LoadedLibrary.BadData, library.Load("dk_model_load", "/nowhere/a.model", out _));
        Assert.Equal("/nowhere/a.model: there is no such file", library.LastError);
        Assert.Equal(LoadedLibrary.BadArgument, library.Load("dk_model_load", null, out _));
        Assert.Equal("path is null", library.LastError);
    }

    [Fact]
    public async Task ManyThreadsUseOneModelWhileItIsFreed()
    {
        LoadedLibrary library = Library();
        nint model = Loaded(library, SampleModel.Bytes(SampleModel.Train()));
        var expected = new double[Rows];
        Assert.Equal(LoadedLibrary.Ok, library.Predict(model, _rows, Rows, SampleModel.Inputs, expected));
        using var started = new CountdownEvent(6);
        Task<int>[] callers = [.. Enumerable.Range(0, 6).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var values = new double[Rows];
                for (int calls = 0; ; calls++)
                {
                    int status = library.Predict(model, _rows, Rows, SampleModel.Inputs, values);
                    if (status != LoadedLibrary.Ok)
                    {
                        Assert.Equal(LoadedLibrary.BadHandle, status);
                        return calls;
                    }

                    Assert.Equal(expected, values);
                    if (calls == 0)
                    {
                        started.Signal();
                    }
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
        Assert.True(started.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Equal(LoadedLibrary.Ok, library.Free("model", model));
        Assert.All(await Task.WhenAll(callers), calls => Assert.True(calls >= 1));
    }

    private static nint Loaded(LoadedLibrary library, byte[] bytes)
    {
        int status = library.LoadModel(bytes, out nint model);
        Assert.True(status == LoadedLibrary.Ok, library.LastError);
        return model;
    }

    private LoadedLibrary Library()
    {
        build.SkipUnlessBuilt();
        return new LoadedLibrary(build.BuildOf(NativeBuild.MatchingLevel));
    }
}
