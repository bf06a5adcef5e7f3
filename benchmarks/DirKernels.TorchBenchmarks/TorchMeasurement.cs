using DirKernels.Benchmarks.Peers;
using DirKernels.Benchmarks.Quick;

namespace DirKernels.TorchBenchmarks;

/// <summary>Times of the entries of a set, measured in turn, so that a slow moment of the machine meets all.</summary>
internal static class TorchMeasurement
{
    private const int Rounds = 5;

    // Threads of either side go on looking for work for a while after a run.
    private const int RestMilliseconds = 50;

    // Formulations that take longer than so many times the fastest one are measured once.
    private const double Hopeless = 2;

    private static readonly MeasurementPlan _plan = new(100, 300, 3);

    /// <summary>The median over the rounds of each entry's median.</summary>
    public static (string Name, double Milliseconds)[] Run(PeerSet set)
    {
        (string Name, Action Run)[] entries = [.. set.Entries];
        var times = entries.Select(_ => new List<double>()).ToArray();
        for (int round = 0; round < Rounds; round++)
        {
            double fastest = round == 0 ? double.PositiveInfinity : times.Skip(1).Min(ofEntry => ofEntry[0]);
            for (int entry = 0; entry < entries.Length; entry++)
            {
                if (round == 0 || entry == 0 || times[entry][0] <= Hopeless * fastest)
                {
                    Thread.Sleep(RestMilliseconds);
                    times[entry].Add(QuickMeasurement.Measure(entries[entry].Run, _plan).Milliseconds);
                }
            }
        }

        return [.. entries.Select((entry, i) => (entry.Name, times[i].Order().ElementAt(times[i].Count / 2)))];
    }
}
