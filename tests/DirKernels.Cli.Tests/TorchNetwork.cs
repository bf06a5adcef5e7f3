using System.IO.Compression;
using System.Text;
using DirKernels.Networks;

namespace DirKernels.Cli.Tests;

/// <summary>A network as PyTorch has it, computed plainly in double precision, and the files that its arrays are saved in.</summary>
internal sealed class TorchNetwork
{
    private readonly List<(string Name, long[] Shape, double[] Values)> _tensors = [];
    private readonly List<Func<double[], double[]>> _steps = [];
    private readonly Random _random;

    public TorchNetwork(int seed) => _random = new Random(seed);

    public IEnumerable<(string Name, long[] Shape, double[] Values)> Tensors => _tensors;

    /// <summary>Adds <c>nn.Linear</c>.</summary>
    public TorchNetwork Linear(string name, int inputs, int outputs, bool hasBias = true)
    {
        double[] weight = Add($"{name}.weight", [outputs, inputs], 1 / Math.Sqrt(inputs)), bias = hasBias ? Add($"{name}.bias", [outputs], 0.5) : new double[outputs];
        _steps.Add(x => [.. Enumerable.Range(0, outputs).Select(o => bias[o] + Enumerable.Range(0, inputs).Sum(i => weight[o * inputs + i] * x[i]))]);
        return this;
    }

    /// <summary>Adds <c>nn.BatchNorm1d</c> in evaluation.</summary>
    public TorchNetwork BatchNorm(string name, int width, double epsilon = 1e-5, bool isAffine = true)
    {
        double[] gain = isAffine ? Add($"{name}.weight", [width], 1) : [.. Enumerable.Repeat(1.0, width)], offset = isAffine ? Add($"{name}.bias", [width], 1) : new double[width];
        double[] mean = Add($"{name}.running_mean", [width], 1), variance = Add($"{name}.running_var", [width], 1);
        for (int i = 0; i < width; i++)
        {
            variance[i] = (float)(0.1 + Math.Abs(variance[i]));
        }

        _tensors.Add(($"{name}.num_batches_tracked", [], [100]));
        _steps.Add(x => [.. x.Select((value, i) => (value - mean[i]) / Math.Sqrt(variance[i] + epsilon) * gain[i] + offset[i])]);
        return this;
    }

    /// <summary>Adds a function of each element.</summary>
    public TorchNetwork Apply(Func<double, double> function)
    {
        _steps.Add(x => [.. x.Select(function)]);
        return this;
    }

    /// <summary>What the network says about a row.</summary>
    public double Predict(double[] row) => _steps.Aggregate(row, (x, step) => step(x))[0];

    /// <summary>A safetensors file.</summary>
    public byte[] SafeTensors()
    {
        var file = new SafeTensorsFile();
        foreach ((string name, long[] shape, double[] values) in _tensors)
        {
            if (shape.Length == 0)
            {
                file.Add(name, [(long)values[0]], []);
            }
            else
            {
                file.Add(name, Array.ConvertAll(values, value => (float)value), shape);
            }
        }

        using var stream = new MemoryStream();
        file.Write(stream);
        return stream.ToArray();
    }

    /// <summary>An archive as <c>numpy.savez</c> or <c>savez_compressed</c> writes it.</summary>
    public byte[] Archive(CompressionLevel level, string type = "<f4", bool fortranOrder = false)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, long[] shape, double[] values) in _tensors)
            {
                using Stream entry = archive.CreateEntry($"{name}.npy", level).Open();
                entry.Write(Numpy(shape, values, type, fortranOrder));
            }
        }

        return stream.ToArray();
    }

    /// <summary>An array file.</summary>
    public static byte[] Numpy(long[] shape, double[] values, string type = "<f8", bool fortranOrder = false)
    {
        using var stream = new MemoryStream();
        string sizes = shape.Length == 1 ? $"{shape[0]}," : string.Join(", ", shape);
        string header = $"{{'descr': '{type}', 'fortran_order': {(fortranOrder ? "True" : "False")}, 'shape': ({sizes}), }}";
        header = header.PadRight((header.Length + 11) / 64 * 64 + 53) + "\n";
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header)]);
        int rows = shape.Length == 2 ? (int)shape[0] : 1, columns = values.Length / rows;
        for (int at = 0; at < values.Length; at++)
        {
            double value = fortranOrder ? values[at % rows * columns + at / rows] : values[at];
            stream.Write(type == "<f4" ? BitConverter.GetBytes((float)value) : BitConverter.GetBytes(value));
        }

        return stream.ToArray();
    }

    private double[] Add(string name, long[] shape, double spread)
    {
        // Numbers of single precision, as in the files.
        double[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (double)(float)(spread * (2 * _random.NextDouble() - 1)))];
        _tensors.Add((name, shape, values));
        return values;
    }
}
