using DirKernels.Labels;
using DirKernels.Methods;
using DirKernels.Networks;
using Xunit;

// The sample is shown as a user would write it.
#pragma warning disable xUnit1051

namespace DirKernels.Tests;

/// <summary>README says nothing that was not run: its sample is this file's code, its tables are committed results.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void LibrarySampleLearns()
    {
        // y = 10 x0 + noise-free, with few large labels.
        float[] inputs = [.. Enumerable.Range(0, 2000).Select(i => CounterRandom.Uniform(1, (ulong)i))];
        double[] labels = [.. inputs.Where((_, i) => i % 2 == 0).Select(x => 10.0 * x * x * x)];
        var validation = new TrainingSet(inputs[..400], labels[..200]);
        var predictions = new double[200];

        // sample
        LabelBins bins = LabelBins.Automatic(labels);
        float[] weights = LabelDistributionSmoothing.Fit(labels, bins, SmoothingKernel.Default, Reweighting.SqrtInverse).Assign(labels);
        var network = new NetworkShape { Inputs = 2, Hidden = [64, 32] };
        using var run = new TrainingRun(network, new TrainingSet(inputs, labels) { Weights = weights }, validation, bins, new TrainingOptions { Epochs = 200 });
        while (!run.IsFinished) { run.RunEpoch(); }
        using RegressionModel model = run.BestModel();
        model.Predict(inputs.AsSpan(0, 400), predictions);

        // end of sample
        double error = predictions.Zip(labels, (p, y) => Math.Abs(p - y)).Average();
        Assert.True(error < 0.5, $"mean absolute error {error} on labels from 0 to 10");
    }

    [Fact]
    public void LibrarySampleIsTheOneShown()
    {
        string source = File.ReadAllText(Path.Combine(RepositoryRoot(), "tests", "DirKernels.Tests", "ReadmeTests.cs"));
        int start = source.IndexOf("// sample\n", StringComparison.Ordinal) + "// sample\n".Length;
        int end = source.IndexOf("\n\n        // end of sample", StringComparison.Ordinal);
        string sample = string.Join('\n', source[start..end].Split('\n').Select(line => line.Trim()));
        Assert.Contains(sample, Readme(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("epyc-2core-avx2", "compare-abalone.txt")]
    [InlineData("epyc-2core-avx2", "compare-bike.txt")]
    [InlineData("epyc-2core-avx2", "compare-california.txt")]
    [InlineData("epyc-2core", "quick-1-thread.txt")]
    [InlineData("epyc-2core", "quick-2-threads.txt")]
    public void TablesAreTheCommittedResults(string machine, string file)
    {
        string results = File.ReadAllText(Path.Combine(RepositoryRoot(), "benchmarks", "results", machine, file));
        Assert.Contains(results.Trim(), Readme(), StringComparison.Ordinal);
    }

    /// <summary>The table of methods is the registry: after a change of that, paste the text that this test expects.</summary>
    [Fact]
    public void TheTableOfMethodsIsTheRegistry() =>
        Assert.Contains(
            "| part | what it does |\n|---|---|\n" + string.Concat(MethodPart.All.Select(part => $"| `{part.Usage}` | {part.Summary} |\n")) + "\n",
            Readme(),
            StringComparison.Ordinal);

    private static string Readme() => File.ReadAllText(Path.Combine(RepositoryRoot(), "README.md")).ReplaceLineEndings("\n");

    private static string RepositoryRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DirKernels.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("the tests run outside a checkout: there is no DirKernels.sln above them");
    }
}
