using System.Globalization;
using DirKernels.Backends.Cpu;

namespace DirKernels.Benchmarks.Quick;

/// <summary><c>quick [--threads N] [--json FILE] [--rows TEXT]</c>: a fixed table of rows against limits measured in the same run.</summary>
internal static class QuickCommand
{
    public static int Run(string[] args)
    {
        int threads = 1;
        string? json = null;
        string filter = "";
        for (int i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length || args[i] is not ("--threads" or "--json" or "--rows"))
            {
                return Usage();
            }

            switch (args[i])
            {
                case "--threads" when int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out threads) && threads is >= 1 and <= 1024:
                    break;
                case "--json":
                    json = args[i + 1];
                    break;
                case "--rows":
                    filter = args[i + 1];
                    break;
                default:
                    return Usage();
            }
        }

        // A machine that is shared may give less at times, and both threads the same core: what it can do is measured before the rows and after them.
        MachinePeaks before = MachinePeaks.Measure(threads);
        var measured = new List<(QuickRow Row, double Milliseconds, long Allocated)>();
        using (var backend = new CpuBackend(threads))
        {
            foreach (QuickRow row in QuickRows.All(backend).Where(row => row.Name.Contains(filter, StringComparison.Ordinal)))
            {
                ShowProgress(row.Name);
                (double milliseconds, long allocated) = QuickMeasurement.Measure(row);
                measured.Add((row, milliseconds, allocated));
            }
        }

        ShowProgress("");
        MachinePeaks peaks = before.Best(MachinePeaks.Measure(threads));
        QuickResult[] results = [.. measured.Select(entry => QuickMeasurement.Result(entry.Row, entry.Milliseconds, entry.Allocated, peaks))];
        Print(threads, peaks, results);
        if (json is not null)
        {
            QuickJson.Write(json, threads, peaks, results);
        }

        return 0;
    }

    private static void Print(int threads, MachinePeaks peaks, QuickResult[] results)
    {
        string meeting = threads > 1 ? FormattableString.Invariant($", threads meet in {peaks.MeetingMicroseconds:F1} us") : "";
        Console.WriteLine(FormattableString.Invariant(
            $"{InstructionSet.Name}, {threads} thread(s): FMA peak {peaks.Gflops:F0} GFLOP/s, read {peaks.ReadGbps:F1} (rows of 2 KB by bins {peaks.ScatteredReadGbps:F1}), write {peaks.WriteGbps:F1}, copy {peaks.CopyGbps:F1} GB/s{meeting}"));
        Console.WriteLine();
        Console.WriteLine($"{"row",-40}{"ms",12}{"GFLOP/s",10}{"GB/s",9}{"of limit",10}{"allocated",11}");
        foreach (QuickResult result in results)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Name,-40}{result.Milliseconds,12:G5}{Number(result.Gflops, "F1"),10}{Number(result.Gbps, "F1"),9}{Number(100 * result.ShareOfLimit, "F0", " %"),10}{result.Allocated,11}"));
        }
    }

    private static void ShowProgress(string row)
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write($"\r{row,-40}{(row.Length == 0 ? "\r" : "")}");
        }
    }

    private static string Number(double? number, string format, string unit = "") =>
        number is { } value ? value.ToString(format, CultureInfo.InvariantCulture) + unit : "-";

    private static int Usage()
    {
        Console.Error.WriteLine("usage: quick [--threads N] [--json FILE] [--rows TEXT]");
        return 2;
    }
}
