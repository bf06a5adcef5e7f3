using System.Diagnostics;
using System.Globalization;
using DirKernels.Backends.Cpu;

namespace DirKernels.Benchmarks.Quick;

/// <summary>
/// <c>gain [--threads N]</c>: what further threads gain in rows that arithmetic bounds. One thread and N are measured in turn, so that a slow moment of the machine meets both; a gain is the median of the
/// ratios of the pairs. Two threads that meet feel a slow moment of either core, one thread only those of its own: beside the median stands the ratio of the least times, which is that of a machine at rest.
/// </summary>
internal static class GainCommand
{
    private const int Pairs = 41;
    private const double SampleMilliseconds = 20;
    private const double WarmUpMilliseconds = 1000;

    // Longer than waiting workers spin.
    private const int PauseMilliseconds = 3;

    public static int Run(string[] args)
    {
        int threads = 2;
        if (args.Length != 0 && !(args is ["--threads", string text] && int.TryParse(text, CultureInfo.InvariantCulture, out threads) && threads is >= 2 and <= 1024))
        {
            Console.Error.WriteLine("usage: gain [--threads N], N at least 2");
            return 2;
        }

        using CpuBackend one = new(1), several = new(threads);
        Console.WriteLine($"{InstructionSet.Name}, 1 and {threads} threads in turn, medians of {Pairs} pairs; beside them where half of the gains lie, the ratio of the least times, and what a job with nothing to do takes");
        Console.WriteLine();
        Console.WriteLine($"{"row",-44}{"1 thread ms",14}{$"{threads} threads ms",14}{"gain",8}{"half of them",16}{"of the least",14}{"meet in us",12}");
        foreach ((QuickRow alone, QuickRow shared) in QuickRows.All(one).Zip(QuickRows.All(several)).Where(pair => IsShared(pair.First)))
        {
            Print(alone, shared, several);
        }

        return 0;
    }

    // A prediction of one row is the work of one thread.
    private static bool IsShared(QuickRow row) => row.Limit == QuickLimit.Arithmetic && !row.Name.EndsWith("batch 1", StringComparison.Ordinal);

    private static void Print(QuickRow alone, QuickRow shared, CpuBackend several)
    {
        (Action Run, IDisposable[] Owned)[] rows = [alone.Prepare(), shared.Prepare()];
        int repeats = WarmUp(rows);
        var times = rows.Select(_ => new double[Pairs]).ToArray();
        for (int pair = 0; pair < Pairs; pair++)
        {
            // Who is first takes turns as well.
            for (int k = 0; k < rows.Length; k++)
            {
                int i = (pair + k) % rows.Length;
                times[i][pair] = Milliseconds(rows[i].Run, repeats);
            }
        }

        foreach (IDisposable item in rows.SelectMany(row => row.Owned))
        {
            item.Dispose();
        }

        double[] gains = [.. times[0].Zip(times[1], (first, second) => first / second).Order()];
        string[] medians = [.. times.Select(list => Number(list.Order().ElementAt(Pairs / 2)))];
        string half = FormattableString.Invariant($"{gains[Pairs / 4]:F2} to {gains[Pairs - 1 - Pairs / 4]:F2}");
        Console.WriteLine(FormattableString.Invariant($"{alone.Name,-44}{medians[0],14}{medians[1],14}{gains[Pairs / 2],8:F2}{half,16}{times[0].Min() / times[1].Min(),14:F2}{MachinePeaks.Meet(several.Team),12:F1}"));
    }

    // Returns how many runs of the faster one make a sample.
    private static int WarmUp((Action Run, IDisposable[] Owned)[] rows)
    {
        int runs = 0;
        var watch = Stopwatch.StartNew();
        for (; runs < 2 || watch.Elapsed.TotalMilliseconds < WarmUpMilliseconds; runs++)
        {
            foreach ((Action run, _) in rows)
            {
                run();
            }
        }

        return Math.Max(1, (int)(SampleMilliseconds * 3 * runs / watch.Elapsed.TotalMilliseconds));
    }

    private static double Milliseconds(Action run, int repeats)
    {
        Thread.Sleep(PauseMilliseconds);
        run();
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < repeats; i++)
        {
            run();
        }

        return watch.Elapsed.TotalMilliseconds / repeats;
    }

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
