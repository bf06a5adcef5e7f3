using System.Globalization;
using System.IO.Compression;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>Networks of PyTorch's layout predict after the import what PyTorch's formulas say.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private const int Inputs = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly double[][] _rows;
    private readonly string _table;

    public ImportCommandTests()
    {
        var random = new Random(3);
        _rows = [.. Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, Inputs).Select(_ => 4 * random.NextDouble() - 2).ToArray())];
        _table = _folder.Write("t.csv", "c0,c1,c2,c3,c4,y\n" + string.Concat(_rows.Select((row, i) =>
            string.Join(',', row.Append(i).Select(value => value.ToString("R", CultureInfo.InvariantCulture))) + "\n")));
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Activations => ["relu", "gelu", "silu", "tanh", "identity"];

    [Theory]
    [MemberData(nameof(Activations))]
    public void LinearLayersAndActivations(string activation)
    {
        TorchNetwork network = new TorchNetwork(1).Linear("0", Inputs, 16).Apply(Function(activation)).Linear("2", 16, 8).Apply(Function(activation)).Linear("4", 8, 1);
        AssertPredicts(network, Write("net.safetensors", network.SafeTensors()), "--activation", activation);
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression, "<f4", false)]
    [InlineData(CompressionLevel.Optimal, "<f8", false)]
    [InlineData(CompressionLevel.Optimal, "<f4", true)]
    public void ArchivesOfNumpy(CompressionLevel level, string type, bool fortranOrder)
    {
        // Eleven layers: their natural order is not that of their texts.
        var network = new TorchNetwork(2);
        for (int layer = 0; layer < 11; layer++)
        {
            network.Linear($"net.{2 * layer}", layer == 0 ? Inputs : 6, 6, hasBias: layer % 3 != 1).Apply(Function("tanh"));
        }

        network.Linear("net.22", 6, 1);
        AssertPredicts(network, Write("net.npz", network.Archive(level, type, fortranOrder)), "--activation", "tanh");
    }

    [Fact]
    public void FolderOfArrays()
    {
        TorchNetwork network = new TorchNetwork(3).Linear("0", Inputs, 4).Apply(Function("relu")).Linear("2", 4, 1);
        string folder = _folder.PathOf("arrays");
        Directory.CreateDirectory(folder);
        foreach ((string name, long[] shape, double[] values) in network.Tensors)
        {
            File.WriteAllBytes(Path.Combine(folder, name + ".npy"), TorchNetwork.Numpy(shape, values));
        }

        AssertPredicts(network, folder);
    }

    [Fact]
    public void BatchNormalisationBeforeTheActivation()
    {
        TorchNetwork network = new TorchNetwork(4).Linear("0", Inputs, 12, hasBias: false).BatchNorm("1", 12).Apply(Function("relu"))
            .Linear("3", 12, 7).BatchNorm("4", 7, isAffine: false).Apply(Function("relu")).Linear("6", 7, 1);
        AssertPredicts(network, Write("net.safetensors", network.SafeTensors()));
        AssertPredicts(network, Write("net.npz", network.Archive(CompressionLevel.Fastest)));
    }

    [Fact]
    public void BatchNormalisationBehindTheActivation()
    {
        TorchNetwork network = new TorchNetwork(5).Linear("0", Inputs, 12).Apply(Function("silu")).BatchNorm("2", 12, 1e-3).Linear("3", 12, 7).Apply(Function("silu")).Linear("5", 7, 1);
        string file = Write("net.safetensors", network.SafeTensors());
        AssertPredicts(network, file, "--activation", "silu", "--batch-norm", "after", "--batch-norm-eps", "1e-3");
        Import(file).AssertFails(ExitCode.BadData, "whether batch normalisation '2' stands before or after the activation behind '0' must be said");
    }

    [Fact]
    public void LayersWithNamesAreOrderedBySaying()
    {
        TorchNetwork network = new TorchNetwork(6).Linear("input", Inputs, 6).BatchNorm("norm", 6).Apply(Function("relu")).Linear("hidden", 6, 6).Apply(Function("relu")).Linear("head", 6, 1);
        string file = Write("net.safetensors", network.SafeTensors());
        AssertPredicts(network, file, "--layers", "input,norm,hidden,head", "--batch-norm", "before");
        Import(file, "--batch-norm", "before").AssertFails(ExitCode.BadData, "hidden.weight [6x6] takes 6 inputs, but head.weight [1x6] before it has 1 outputs");
        Import(file, "--layers", "input,head").AssertFails(ExitCode.BadData, "layers are left over: hidden, norm");
        Import(file, "--layers", "input,norm,body").AssertFails(ExitCode.BadData, "there is no layer 'body', or it is named twice; left are head, hidden");
    }

    [Fact]
    public void ScalingsOfInputsAndLabels()
    {
        TorchNetwork network = new TorchNetwork(7).Linear("0", Inputs, 6).Apply(Function("relu")).Linear("2", 6, 1);
        double[] means = [0.5, -1, 0, 2, 0.25], scales = [2, 0.5, 1, 4, 8];
        string scaling = _folder.Write("scaling.csv", "column,mean,sd\n" + string.Concat(Enumerable.Range(0, Inputs).Select(i => FormattableString.Invariant($"c{i},{means[i]},{scales[i]}\n"))));
        string file = Write("net.npz", network.Archive(CompressionLevel.NoCompression));
        string model = Imported(file, "--scaling", scaling, "--target-scaling", "100,7");
        AssertPredicted(model, row => 100 + 7 * network.Predict([.. row.Select((x, i) => (x - means[i]) / scales[i])]), 7);
        Import(file, "--scaling", _folder.Write("short.csv", "column,mean,sd\na,0,1\n")).AssertFails(ExitCode.BadData, "short.csv: the scaling has 1 rows, but the network has 5 inputs");
        Import(file, "--columns", "a,b").AssertFails(ExitCode.Usage, "--columns: there are 2 names, but the network has 5 inputs");
        Import(file, "--columns", "a,b,c,d,a").AssertFails(ExitCode.Usage, "--columns: an encoder needs columns with different names");
        Import(file, "--target-scaling", "0,0").AssertFails(ExitCode.Usage, "--target-scaling: sd must be positive");
    }

    [Fact]
    public void ModelsAreEvaluatedInspectedAndExported()
    {
        TorchNetwork network = new TorchNetwork(8).Linear("0", Inputs, 6).Apply(Function("relu")).Linear("2", 6, 1);
        string file = Write("net.npz", network.Archive(CompressionLevel.NoCompression)), model = Imported(file, "--train", _table, "--bins", "0,20,2");
        string report = CommandRun.Of("evaluate", model, _table, "--many", "19", "--few", "10").AssertSucceeds().Output;
        Assert.Contains("many", report, StringComparison.Ordinal);
        string description = CommandRun.Of("inspect", model).AssertSucceeds().Output;
        Assert.Contains("imported by dirkernels", description, StringComparison.Ordinal);
        Assert.Contains("from weights net.npz, weights fingerprint", description, StringComparison.Ordinal);
        Assert.Contains("2 bins of 20 from 0, 2 with training rows", description, StringComparison.Ordinal);
        Assert.DoesNotContain("epochs", description, StringComparison.Ordinal);
        CommandRun.Of("inspect", model, "--json").AssertSucceeds();
        CommandRun.Of("export", model, "--onnx", _folder.PathOf("m.onnx")).AssertSucceeds();

        // Without a table of training labels every region is zero-shot, and that is told rather than failed.
        Assert.Contains("zero-shot", CommandRun.Of("evaluate", Imported(file), _table).AssertSucceeds().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ShapesThatDoNotFitNameBoth()
    {
        void Fails(TorchNetwork network, string message) => Import(Write("net.safetensors", network.SafeTensors())).AssertFails(ExitCode.BadData, message);
        Fails(new TorchNetwork(1).Linear("0", Inputs, 8).Linear("2", 7, 1), "2.weight [1x7] takes 7 inputs, but 0.weight [8x5] before it has 8 outputs");
        Fails(new TorchNetwork(1).Linear("0", Inputs, 8).BatchNorm("1", 6).Linear("3", 8, 1), "1.running_mean [6] must be [8] to go with 0.weight [8x5]");
        Fails(new TorchNetwork(1).Linear("0", Inputs, 3), "predicts 3 values for each row; a model of this command predicts one");
        Fails(new TorchNetwork(1).BatchNorm("0", Inputs).Linear("1", Inputs, 1), "batch normalisation '0' stands before the first linear layer");
        Fails(new TorchNetwork(1).Linear("0", Inputs, 1).BatchNorm("1", 1), "batch normalisation '1' stands behind the last linear layer, the head");
        TorchNetwork odd = new TorchNetwork(1).Linear("0", Inputs, 1);
        Import(Write("net.npz", Archive(odd.Tensors.Append(("0.scale", [1], [1.0])))))
            .AssertFails(ExitCode.BadData, "0.scale [1] is neither of a linear layer nor of batch normalisation");
        Import(Write("net.npz", Archive(odd.Tensors.Where(tensor => tensor.Name != "0.bias").Append(("0.bias", [4], new double[4])))))
            .AssertFails(ExitCode.BadData, "0.bias [4] must be [1] to go with 0.weight [1x5]");
        Import(Write("net.npz", Archive([("0.weight", [5], new double[5])]))).AssertFails(ExitCode.BadData, "0.weight [5] must have two dimensions, [outputs x inputs]");
        Import(Write("net.npz", Archive([("0.weight", [1, 2], [1.0, double.NaN])]))).AssertFails(ExitCode.BadData, "0.weight [1x2]: element 1 is NaN");
    }

    [Fact]
    public void FilesThatAreNoneAreRefused()
    {
        Import(_folder.PathOf("no.npz")).AssertFails(ExitCode.BadData, "no.npz: there is no such file");
        Import(_table).AssertFails(ExitCode.BadData, "t.csv: safetensors: ");
        Import(Write("empty.npz", Archive([]))).AssertFails(ExitCode.BadData, "there are 0 arrays");
        Directory.CreateDirectory(_folder.PathOf("empty"));
        Import(_folder.PathOf("empty")).AssertFails(ExitCode.BadData, "there are 0 arrays");
        CommandRun.Of("import", _table, "--target", "y", "--out", _table).AssertFails(ExitCode.Usage, "t.csv is the table that is read");
        Import(_table, "--batch-norm", "sometimes").AssertFails(ExitCode.Usage, "--batch-norm: 'sometimes' is none of before, after");
    }

    /// <summary>Whatever is done to a file: exit code 3 and one line, or a model that predicts.</summary>
    [Theory]
    [InlineData("net.npz")]
    [InlineData("net.safetensors")]
    public void DamagedFilesAreRefusedOrHarmless(string name)
    {
        TorchNetwork network = new TorchNetwork(9).Linear("0", Inputs, 4).BatchNorm("1", 4).Apply(Function("relu")).Linear("3", 4, 1);
        byte[] bytes = name.EndsWith("npz", StringComparison.Ordinal) ? network.Archive(CompressionLevel.Fastest) : network.SafeTensors();
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] damaged = [.. bytes];
            for (int change = 0; change <= i % 4; change++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            CommandRun run = Import(Write(name, i % 5 == 0 ? damaged[..random.Next(damaged.Length)] : damaged));
            if (run.ExitCode != ExitCode.Success)
            {
                run.AssertFails(ExitCode.BadData, name);
                refused++;
            }
        }

        Assert.InRange(refused, 200, 1000);
    }

    private static byte[] Archive(IEnumerable<(string Name, long[] Shape, double[] Values)> tensors)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, long[] shape, double[] values) in tensors)
            {
                using Stream entry = archive.CreateEntry($"{name}.npy").Open();
                entry.Write(TorchNetwork.Numpy(shape, values));
            }
        }

        return stream.ToArray();
    }

    private static Func<double, double> Function(string activation) => activation switch
    {
        "relu" => x => Math.Max(x, 0),
        "gelu" => x => x * NormalDistribution(x),
        "silu" => x => x / (1 + Math.Exp(-x)),
        "tanh" => Math.Tanh,
        _ => x => x,
    };

    /// <summary>By Simpson's rule on the density from 0, 2000 steps: the error is below 1e-12 on -8..8.</summary>
    private static double NormalDistribution(double x)
    {
        const int steps = 2000;
        double width = x / steps, sum = 0;
        for (int i = 0; i <= steps; i++)
        {
            double t = i * width;
            sum += (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-0.5 * t * t);
        }

        return 0.5 + sum * width / 3 / Math.Sqrt(2 * Math.PI);
    }

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder.PathOf(name), bytes);
        return _folder.PathOf(name);
    }

    private CommandRun Import(string weights, params string[] options) =>
        CommandRun.Of(["import", weights, "--target", "y", "--out", _folder.PathOf("m.model"), .. options]);

    private string Imported(string weights, params string[] options)
    {
        Import(weights, options).AssertSucceeds();
        return _folder.PathOf("m.model");
    }

    private void AssertPredicts(TorchNetwork network, string weights, params string[] options) => AssertPredicted(Imported(weights, options), network.Predict, 1);

    private void AssertPredicted(string model, Func<double[], double> expected, double scale)
    {
        string[] lines = CommandRun.Of("predict", model, _table).AssertSucceeds().Output.TrimEnd('\n').Split('\n');
        Assert.Equal(_rows.Length, lines.Length - 1);
        for (int i = 0; i < _rows.Length; i++)
        {
            // At most twelve layers, each a sum of at most 17 terms below 30, a rounding of its weights and an activation of 4e-7 (1 + |x|), none
            // of which grows on the way (random weights of mean square 1/(3 inputs)): 12 * ((17 + 2) * 30 * 2^-24 + 4e-7 * 31).
            double bound = 12 * (19 * 30 / (double)(1 << 24) + 4e-7 * 31) * scale, value = double.Parse(lines[i + 1], CultureInfo.InvariantCulture);
            Assert.True(Math.Abs(value - expected(_rows[i])) <= bound, $"row {i}: {value}, but {expected(_rows[i])} is expected");
        }
    }
}
