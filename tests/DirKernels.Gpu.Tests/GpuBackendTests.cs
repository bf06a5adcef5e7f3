using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Gpu.Tests;

/// <summary>Opening devices, their memory, and the kernels that operations launch.</summary>
public sealed class GpuBackendTests
{
    [Theory]
    [InlineData(GpuDeviceKind.Cuda, "cuda:99: ")]
    [InlineData(GpuDeviceKind.OpenCl, "opencl:99: ")]
    [InlineData(GpuDeviceKind.Simulated, "simulated:99: there is no such device; found simulated:0 ")]
    public void AnAbsentDeviceSaysWhy(GpuDeviceKind kind, string message)
    {
        GpuUnavailableException absent = Assert.Throws<GpuUnavailableException>(() => GpuBackend.Open(kind, 99));
        Assert.StartsWith(message, absent.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => GpuBackend.Open(kind, -1));
    }

    [Fact]
    public void EveryListedDeviceHasItsPlace()
    {
        IReadOnlyList<GpuDevice> devices = GpuDevice.List();
        Assert.Equal(devices.Count, devices.Select(d => (d.Kind, d.Index)).Distinct().Count());
        Assert.DoesNotContain(devices, d => d.Kind == GpuDeviceKind.Simulated);
        Assert.Single(GpuDevice.List(GpuDeviceKind.Simulated));
    }

    [Fact]
    public void MemoryIsZeroedCopiedAndCleared()
    {
        using GpuBackend gpu = GpuBackend.Open(GpuDeviceKind.Simulated);
        using DeviceBuffer<double> a = gpu.Allocate<double>(5), b = gpu.Allocate<double>(3), none = gpu.Allocate<double>(0);
        Assert.Equal(new double[5], gpu.Download(a));
        gpu.CopyIn<double>([1, 2, 3, 4, 5], a);
        gpu.Copy(a.Slice(1, 3), b);
        gpu.Clear(a.Slice(3, 1));
        gpu.Synchronize();
        Assert.Equal([2, 3, 4], gpu.Download(b));
        Assert.Equal([1, 2, 3, 0, 5], gpu.Download(a));
        gpu.Clear<double>(none);
        gpu.Copy<double>(none, none);
        gpu.CopyIn<double>([], none);
        Assert.Empty(gpu.Download(none));
        Assert.Throws<ArgumentOutOfRangeException>(() => gpu.Allocate<int>(-1));
    }

    [Fact]
    public void OperandsOfAnotherBackendAndDisposedOnesAreErrors()
    {
        using GpuBackend gpu = GpuBackend.Open(GpuDeviceKind.Simulated);
        using var cpu = new CpuBackend(1);
        using DeviceBuffer<float> foreign = cpu.Allocate<float>(4);
        Assert.Contains("another backend", Assert.Throws<ArgumentException>(() => gpu.Activate(Activation.Relu, foreign, foreign)).Message, StringComparison.Ordinal);
        DeviceBuffer<float> buffer = gpu.Allocate<float>(4);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gpu.Activate(Activation.Relu, buffer, buffer));
        gpu.Dispose();
        gpu.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gpu.Allocate<float>(1));
    }

    [Fact]
    public void BuffersOutliveTheirBackendHarmlessly()
    {
        GpuBackend gpu = GpuBackend.Open(GpuDeviceKind.Simulated);
        DeviceBuffer<float> buffer = gpu.Allocate<float>(100);
        gpu.Dispose();
        buffer.Dispose();
    }

    [Fact]
    public void AStepOfASmallNetworkIsThreeLaunches()
    {
        // One batch more is one step more: the network forwards and backwards, its parts added, the optimiser.
        Assert.Equal(3, LaunchesOfEpoch(rows: 48) - LaunchesOfEpoch(rows: 32));
    }

    [Fact]
    public void AStepOfANormalizedNetworkLaunchesEachOperationOnce()
    {
        // Batch statistics join all rows: four gathers, two layers of product, normalisation and activation, the head, the loss, backwards two products of the head, then a slope,
        // a normalisation and two products of one layer and one of the other, the optimiser.
        Assert.Equal(4 + 6 + 1 + 1 + 2 + 7 + 1, LaunchesOfEpoch(rows: 48, normalized: true) - LaunchesOfEpoch(rows: 32, normalized: true));
    }

    [Fact]
    public void RowsThatAreReadInBlocksTrainOnADeviceToTheBitsOfRowsInMemory()
    {
        var random = new Random(2);
        float[] x = [.. Enumerable.Range(0, 96 * 2).Select(_ => random.NextSingle())];
        double[] labels = [.. Enumerable.Range(0, 96).Select(i => (double)x[2 * i])];
        float[] weights = [.. Enumerable.Range(0, 96).Select(i => 1 + i / 100f)];
        float[] Trained(TrainingSet rows, int blocks)
        {
            using GpuBackend gpu = GpuBackend.Open(GpuDeviceKind.Simulated);
            var options = new TrainingOptions { Epochs = 2, BatchSize = 16, BlocksPerWindow = blocks };
            using var run = new TrainingRun(new NetworkShape { Inputs = 2, Hidden = [4, 4] }, rows, new TrainingSet(x, labels), LabelBins.Uniform(0, 0.25, 4), options, gpu);
            while (!run.IsFinished)
            {
                run.RunEpoch();
            }

            return run.Capture().Parameters;
        }

        float[] resident = Trained(new TrainingSet(x, labels) { Weights = weights }, 1);
        Assert.Equal(resident, Trained(new TrainingSet(new Blocks(x), labels) { Weights = weights }, 3));
        Assert.NotEqual(resident, Trained(new TrainingSet(new Blocks(x), labels) { Weights = weights }, 1));
    }

    private static long LaunchesOfEpoch(int rows, bool normalized = false)
    {
        // A device of its own: others would count the launches of tests beside this one.
        using GpuBackend gpu = GpuBackend.Open(GpuDeviceKind.Simulated);
        var random = new Random(1);
        float[] x = [.. Enumerable.Range(0, rows * 2).Select(_ => random.NextSingle())];
        double[] labels = [.. Enumerable.Range(0, rows).Select(i => (double)x[2 * i])];
        using var run = new TrainingRun(
            new NetworkShape { Inputs = 2, Hidden = [4, 4], BatchNormalization = normalized },
            new TrainingSet(x, labels) { Weights = [.. Enumerable.Repeat(1f, rows)] },
            new TrainingSet(x, labels),
            LabelBins.Uniform(0, 0.25, 4),
            new TrainingOptions { Epochs = 3, BatchSize = 16 },
            gpu);
        run.RunEpoch();
        long before = gpu.LaunchCount;
        run.RunEpoch();
        return gpu.LaunchCount - before;
    }

    [Fact]
    public void KernelsOfTheCatalogueAreThoseOfTheAssembly()
    {
        // A kernel is a public method of a ...Kernel class that returns nothing and takes only what can be handed to a device.
        string[] catalogued = [.. KernelCatalogue.All.Select(e => $"{e.Method.DeclaringType!.Name}.{e.Method.Name}").Distinct().Order(StringComparer.Ordinal)];
        string[] present =
        [
            .. typeof(GpuBackend).Assembly.GetTypes()
                .Where(type => type.Name.EndsWith("Kernel", StringComparison.Ordinal))
                .SelectMany(type => type.GetMethods(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.DeclaredOnly))
                .Where(method => method.ReturnType == typeof(void) && method.GetParameters().All(p => p.ParameterType.IsValueType) && method.GetParameters().Length > 0)
                .Where(method => !_parts.Contains($"{method.DeclaringType!.Name}.{method.Name}"))
                .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
        Assert.Equal(present, catalogued);
    }

    // Public because other kernels use them.
    private static readonly string[] _parts = ["CholeskyKernel.LoadSquare", "CholeskyKernel.MoveRows"];

    /// <summary>Rows of two inputs in three blocks.</summary>
    private sealed class Blocks(float[] inputs) : IRowBlocks
    {
        public int Columns => 2;

        public int BlockCount => 3;

        public int FirstRow(int block) => block * inputs.Length / 2 / 3;

        public void Read(int block, Span<float> rows) => inputs.AsSpan(FirstRow(block) * 2, rows.Length).CopyTo(rows);
    }
}
