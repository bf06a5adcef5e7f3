using System.Globalization;
using DirKernels.Backends.Cpu;
using DirKernels.Benchmarks.Quick;

namespace DirKernels.Benchmarks.Peers;

/// <summary><c>peers [--stages TEXT]</c>: the library beside its peers, all on one thread, each checked against the library first.</summary>
internal static class PeersCommand
{
    private const double WarmUpMilliseconds = 150;
    private const double MeasureMilliseconds = 350;
    private const int FewestRuns = 7;

    private static readonly string[] _peers = ["loop", "tensors", "MathNet", "OnnxRuntime"];

    public static int Run(string[] args)
    {
        string filter = "";
        if (args is ["--stages", string text])
        {
            filter = text;
        }
        else if (args.Length > 0)
        {
            Console.Error.WriteLine("usage: peers [--stages TEXT]");
            return 2;
        }

        PeerSets.ConfigurePeers();
        using var backend = new CpuBackend(1);
        Console.WriteLine($"{InstructionSet.Name}, one thread, median ms; in brackets the peer's time over the library's");
        Console.WriteLine();
        Console.WriteLine($"{"stage",-36}{PeerSet.Library,10}{string.Concat(_peers.Select(peer => peer.PadLeft(20)))}");
        foreach ((string group, Func<CpuBackend, PeerSet> create) in PeerSets.All.Where(stage => stage.Group.Contains(filter, StringComparison.Ordinal)))
        {
            using PeerSet set = create(backend);
            set.Check();
            double library = Measure(set.Find(PeerSet.Library)!);
            string cells = string.Concat(_peers.Select(peer => set.Find(peer) is { } run ? Cell(Measure(run), library) : "-".PadLeft(20)));
            Console.WriteLine($"{set.Stage,-36}{Number(library),10}{cells}");
        }

        return 0;
    }

    private static double Measure(Action run) =>
        QuickMeasurement.Measure(run, new MeasurementPlan(WarmUpMilliseconds, MeasureMilliseconds, FewestRuns)).Milliseconds;

    private static string Cell(double peer, double library) =>
        string.Create(CultureInfo.InvariantCulture, $"{Number(peer)} ({peer / library:G3}x)").PadLeft(20);

    private static string Number(double milliseconds) => milliseconds.ToString("G4", CultureInfo.InvariantCulture);
}
