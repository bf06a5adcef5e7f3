using BenchmarkDotNet.Attributes;
using DirKernels.Backends.Cpu;
using DirKernels.Benchmarks.Peers;

namespace DirKernels.Benchmarks;

/// <summary>Each stage by the library and by its peers, on one thread; peers that compute something else stop the run before it measures.</summary>
[MemoryDiagnoser]
public abstract class PeerBenchmarks
{
    private CpuBackend? _backend;
    private PeerSet? _set;
    private Action? _run;

    /// <summary>The stages and who computes them.</summary>
    public IEnumerable<string> Cases => PeerSets.All.Where(stage => stage.Group.StartsWith(Group, StringComparison.Ordinal))
        .SelectMany(stage => PeersOf(stage.Group).Select(peer => $"{stage.Group}: {peer}"));

    [ParamsSource(nameof(Cases))]
    public string Case { get; set; } = "";

    /// <summary>Stages whose name starts so.</summary>
    protected abstract string Group { get; }

    [GlobalSetup]
    public void Setup()
    {
        string[] parts = Case.Split(": ");
        PeerSets.ConfigurePeers();
        _backend = new CpuBackend(1);
        _set = PeerSets.All.Single(stage => stage.Group == parts[0]).Create(_backend);
        _set.Check();
        _run = _set.Find(parts[1]) ?? throw new InvalidOperationException($"{parts[0]} has no {parts[1]}");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _set?.Dispose();
        _backend?.Dispose();
    }

    [Benchmark]
    public void Run() => _run!();

    private static string[] PeersOf(string group) => group.Split(' ')[0] switch
    {
        "labels" => [PeerSet.Library, "loop", "tensors"],
        "maps" => [PeerSet.Library, "loop", "MathNet"],
        "predict" => [PeerSet.Library, "loop", "tensors", "OnnxRuntime"],
        _ => [PeerSet.Library, "loop", "tensors", "MathNet"],
    };
}

/// <summary>Moments of the features of each bin.</summary>
public class MomentPeerBenchmarks : PeerBenchmarks
{
    protected override string Group => "moments";
}

/// <summary>Calibration of features.</summary>
public class CalibrationPeerBenchmarks : PeerBenchmarks
{
    protected override string Group => "calibrate";
}

/// <summary>Cholesky factors and maps.</summary>
public class MapPeerBenchmarks : PeerBenchmarks
{
    protected override string Group => "maps";
}

/// <summary>Prediction.</summary>
public class PredictionPeerBenchmarks : PeerBenchmarks
{
    protected override string Group => "predict";
}

/// <summary>Label weights.</summary>
public class LabelPeerBenchmarks : PeerBenchmarks
{
    protected override string Group => "labels";
}
