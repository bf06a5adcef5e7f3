using System.Globalization;
using DirKernels.Features;
using DirKernels.Labels;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Native.Tests;

/// <summary>The examples compile, run, and print what the managed library computes, to the bit.</summary>
public sealed class ExampleTests(NativeBuild build) : IDisposable
{
    private static readonly string[] _sanitized = ["-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

    private readonly string _folder = Directory.CreateTempSubdirectory("dirkernels-example-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("c", "-std=c99")]
    [InlineData("c++", "-std=c++17")]
    public void TheHeaderIsPlainCAndCpp(string language, string standard)
    {
        build.SkipUnlessBuilt();
        string source = Path.Combine(_folder, "header.txt");
        File.WriteAllText(source, "#include \"dirkernels.h\"\nint main(void) { return dk_abi_is_compatible() ? 0 : 1; }\n");
        ProgramRun.Of("gcc", ["-x", language, standard, "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-I", build.HeaderFolder, source]).Succeeded();
    }

    [Fact]
    public void TheProgramInCPrintsWhatTheManagedLibraryComputes()
    {
        build.SkipUnlessBuilt();
        ModelSnapshot snapshot = SampleModel.Train();
        (string program, string[] arguments) = Compile(snapshot);

        // The dynamic loader itself picks from the folders of instruction sets here: the program names no path.
        string[] lines = ProgramRun.Of(program, arguments).Succeeded().TrimEnd().Split('\n');
        Assert.Equal(Expected(snapshot), lines.Where(line => !line.StartsWith("inputs", StringComparison.Ordinal)));
    }

    /// <summary>No access outside of memory, none to what was never written, nothing lost: at most reachable until the end, as the runtime's own memory is.</summary>
    [Fact]
    public void TheProgramInCIsCleanUnderValgrind()
    {
        build.SkipUnlessBuilt();
        Assert.SkipUnless(ProgramRun.Exists("valgrind"), "there is no valgrind");
        Assert.SkipWhen(NativeBuild.MatchingLevel == "v4", "valgrind does not know the instructions of x86-64-v4");
        (string program, string[] arguments) = Compile(SampleModel.Train());
        ProgramRun run = ProgramRun.Of(
            "valgrind", ["--error-exitcode=9", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite", program, .. arguments], TimeSpan.FromMinutes(10));
        run.Succeeded();
        Assert.Contains("definitely lost: 0 bytes in 0 blocks", run.Error, StringComparison.Ordinal);
        Assert.Contains("ERROR SUMMARY: 0 errors", run.Error, StringComparison.Ordinal);
    }

    /// <summary>
    /// No access outside of what the program gave or got, nothing undefined, in the program and in the file that picks the build. Leaks are for valgrind to
    /// find: the sanitizer does not look into the runtime's heap for what is still in use.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheProgramInCIsCleanUnderAddressSanitizer(bool isLoadedByPath)
    {
        build.SkipUnlessBuilt();
        string sanitizer = ProgramRun.Of("gcc", ["-print-file-name=libasan.so"]).Succeeded().Trim();
        Assert.SkipUnless(File.Exists(sanitizer), "gcc has no address sanitizer");
        ModelSnapshot snapshot = SampleModel.Train();
        (string program, string[] arguments) = Compile(snapshot, _sanitized);
        string preloaded = isLoadedByPath ? $"{sanitizer} {CompileLoader()}" : sanitizer;
        ProgramRun run = ProgramRun.Of(program, arguments, null, ("ASAN_OPTIONS", "detect_leaks=0"), ("LD_PRELOAD", preloaded));
        Assert.Equal(Expected(snapshot), run.Succeeded().TrimEnd().Split('\n').Where(line => !line.StartsWith("inputs", StringComparison.Ordinal)));
    }

    [Fact]
    public void ThePythonModuleGivesWhatTheManagedLibraryComputes()
    {
        build.SkipUnlessBuilt();
        string? python = new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(HasNumpy);
        Assert.SkipWhen(python is null, "there is no python3 with numpy");
        string model = Path.Combine(_folder, "a.model");
        ModelSnapshot snapshot = SampleModel.Train(PredictionHead.Gaussian);
        File.WriteAllBytes(model, SampleModel.Bytes(snapshot));
        string output = ProgramRun.Of(
            python!,
            [Path.Combine(NativeBuild.Root, "examples", "python", "example.py"), model],
            null,
            ("DIRKERNELS_LIBRARY", build.Library)).Succeeded();
        Dictionary<string, double[]> results = output.TrimEnd().Split('\n').Select(line => line.Split(' ')).ToDictionary(
            words => words[0], words => words[1..].Select(Number).ToArray());

        double[] labels = Labels(), rows = new NumberStream(11).Take(64 * SampleModel.Inputs);
        float[] weights = new float[labels.Length];
        LabelDistributionSmoothing.Weights(labels, LabelBins.Automatic(labels), SmoothingKernel.Default, Reweighting.SqrtInverse, weights);
        Assert.Equal(weights.Select(w => (double)w), results["weights"]);
        using var predictor = new TablePredictor(snapshot);
        double[] values = new double[64], deviations = new double[64];
        predictor.Predict<double>(rows, values, deviations);
        Assert.Equal(values, results["values"]);
        Assert.Equal(deviations, results["uncertainties"]);
        Assert.Equal(Calibrated(labels).Select(z => (double)z), results["calibrated"]);
    }

    private (string Program, string[] Arguments) Compile(ModelSnapshot snapshot, params string[] options)
    {
        string program = Path.Combine(_folder, "example"), model = Path.Combine(_folder, "a.model");
        File.WriteAllBytes(model, SampleModel.Bytes(snapshot));
        ProgramRun.Of("gcc", [
            "-std=c99", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-pedantic", "-Werror", "-O2", "-I", build.HeaderFolder,
            Path.Combine(NativeBuild.Root, "examples", "c", "example.c"), "-o", program,
            "-L", build.LibraryFolder, "-ldirkernels", "-Wl,-rpath," + build.LibraryFolder, "-lpthread", .. options,
        ]).Succeeded();
        return (program, [model, Path.Combine(_folder, "statistics.fds")]);
    }

    /// <summary>The file that picks the build when the library is loaded by its path, sanitized, beside the builds.</summary>
    private string CompileLoader()
    {
        Directory.CreateSymbolicLink(Path.Combine(_folder, "glibc-hwcaps"), Path.Combine(build.LibraryFolder, "glibc-hwcaps"));
        string versions = Path.Combine(_folder, "versions"), loader = Path.Combine(_folder, "libdirkernels.so.1");
        File.WriteAllText(versions, "V1.0 { global: dk_*; local: *; };\n");
        ProgramRun.Of("gcc", [
            "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-Wl,-soname,libdirkernels.so.1", "-Wl,-z,nodelete", "-Wl,--version-script=" + versions,
            "-o", loader, Path.Combine(NativeBuild.Root, "src", "DirKernels.Native", "loader.c"), "-ldl", .. _sanitized,
        ]).Succeeded();
        return loader;
    }

    private static bool HasNumpy(string python) =>
        (ProgramRun.Exists(python) || File.Exists(python)) && ProgramRun.Of(python, ["-c", "import numpy"]).ExitCode == 0;

    private static double[] Labels() => [.. new NumberStream(3).Take(2000).Select(u => 40.0 * u * u * u)];

    private static IEnumerable<string> Expected(ModelSnapshot snapshot)
    {
        yield return "set x86-64-" + NativeBuild.MatchingLevel;
        double[] labels = Labels();
        float[] weights = new float[labels.Length];
        LabelDistributionSmoothing.Weights(labels, LabelBins.Uniform(0, 2, 20), SmoothingKernel.Default, Reweighting.SqrtInverse, weights);
        foreach (float weight in weights[..5])
        {
            yield return "weight " + Hexadecimal(weight);
        }

        LabelDistributionSmoothing.Weights(labels, LabelBins.Automatic(labels), SmoothingKernel.Laplace(5, 2), Reweighting.Inverse, weights);
        yield return "inverse " + Hexadecimal(weights[^1]);
        yield return "epoch 0 samples 1500 unchanged 0";
        (float[] calibrated, float[] gradient) = Maps(labels);
        for (int i = 0; i < 5; i++)
        {
            yield return "calibrated " + Hexadecimal(calibrated[i * 7]);
        }

        yield return "gradient " + Hexadecimal(gradient[^1]);
        using var predictor = new TablePredictor(snapshot);
        float[] rows = [.. new NumberStream(11).Take(1500 * SampleModel.Inputs).Select(x => (float)x)];
        var values = new double[1500];
        predictor.Predict<float>(rows, values);
        foreach (double value in values[..5].Append(values[^1]))
        {
            yield return "value " + Hexadecimal(value);
        }

        yield return "freed 4: the handle of dk_model was freed";
    }

    private static float[] Calibrated(double[] labels) => Maps(labels).Calibrated;

    private static (float[] Calibrated, float[] Gradient) Maps(double[] labels)
    {
        const int rows = 1500, dimensions = 6, half = rows / 2;
        LabelBins bins = LabelBins.Uniform(0, 2, 20);
        int[] indices = bins.Assign(labels.AsSpan(0, rows));
        var numbers = new NumberStream(7);
        float[] features = [.. Enumerable.Range(0, rows * dimensions).Select(i => (float)(100.0 + labels[i / dimensions] + numbers.Next()))];
        using var smoothing = new FeatureDistributionSmoothing(dimensions, bins.Count, new FeatureSmoothingOptions { Covariance = CovarianceKind.Full });
        using var part = new FeatureMoments(dimensions, bins.Count, CovarianceKind.Full);
        smoothing.Accumulate(features.AsSpan(0, half * dimensions), indices.AsSpan(0, half));
        part.Accumulate(features.AsSpan(half * dimensions), indices.AsSpan(half));
        smoothing.Accumulate(part);
        smoothing.EndEpoch();
        float[] calibrated = new float[features.Length], gradient = new float[features.Length];
        smoothing.Calibrate(features, indices, calibrated);
        smoothing.CalibrateGradient(features, indices, gradient);
        return (calibrated, gradient);
    }

    /// <summary>As C prints <c>%a</c>: a normal number, trailing zeros left out.</summary>
    private static string Hexadecimal(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        string fraction = (bits & 0xF_FFFF_FFFF_FFFF).ToString("x13", CultureInfo.InvariantCulture).TrimEnd('0');
        long exponent = ((bits >> 52) & 0x7FF) - 1023;
        return $"{(bits < 0 ? "-" : "")}0x1{(fraction.Length > 0 ? "." : "")}{fraction}p{exponent.ToString("+0;-0", CultureInfo.InvariantCulture)}";
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
