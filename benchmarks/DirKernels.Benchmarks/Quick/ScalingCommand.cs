using System.Globalization;
using DirKernels.Backends.Cpu;

namespace DirKernels.Benchmarks.Quick;

/// <summary><c>scaling [--threads N]</c>: how the time of each stage grows with N, D and B, and what feature smoothing adds to an epoch.</summary>
internal static class ScalingCommand
{
    private const double MeasureMilliseconds = 400;

    private static readonly int[] _rowCounts = [25_000, 50_000, 100_000, 200_000];
    private static readonly int[] _dimensions = [32, 64, 128, 256, 512, 1024];
    private static readonly int[] _binCounts = [10, 32, 100, 320, 1000];

    public static int Run(string[] args)
    {
        int threads = 1;
        if (args.Length != 0 && !(args is ["--threads", string text] && int.TryParse(text, CultureInfo.InvariantCulture, out threads) && threads is >= 1 and <= 1024))
        {
            Console.Error.WriteLine("usage: scaling [--threads N]");
            return 2;
        }

        using var backend = new CpuBackend(threads);
        Console.WriteLine($"{InstructionSet.Name}, {threads} thread(s), median ms; the last column is the exponent of the growth from the first size to the last");
        Console.WriteLine();
        Header("N rows", _rowCounts);
        Line("label weights, N x 50", _rowCounts, n => QuickLabelRows.Weights(backend, 50 * n));
        Line("moments diag, D=64 B=100", _rowCounts, n => QuickFeatureRows.Moments(backend, 64, full: false, n));
        Line("moments full, D=64 B=100", _rowCounts, n => QuickFeatureRows.Moments(backend, 64, full: true, n));
        Line("calibrate diag, D=64 B=100", _rowCounts, n => QuickFeatureRows.Calibrate(backend, 64, full: false, n));
        Line("calibrate full, D=64 B=100", _rowCounts, n => QuickFeatureRows.Calibrate(backend, 64, full: true, n));
        Line("train epoch [8,64,64,1], batch 256", _rowCounts, n => QuickNetworkRows.Epoch(backend, [8, 64, 64, 1], 256, n));
        Console.WriteLine();
        Header("D dimensions", _dimensions);
        Line("moments diag, N=20,000 B=20", _dimensions, d => QuickFeatureRows.Moments(backend, d, full: false, 20_000, 20));
        Line("moments full, N=20,000 B=20", _dimensions, d => QuickFeatureRows.Moments(backend, d, full: true, 20_000, 20));
        Line("calibrate diag, N=20,000 B=20", _dimensions, d => QuickFeatureRows.Calibrate(backend, d, full: false, 20_000, 20));
        Line("calibrate full, N=20,000 B=20", _dimensions, d => QuickFeatureRows.Calibrate(backend, d, full: true, 20_000, 20));
        Line("solve maps, B=20", _dimensions, d => QuickFeatureRows.SolveMaps(backend, d, 20));
        Console.WriteLine();
        Header("B bins", _binCounts);
        Line("moments diag, N=50,000 D=64", _binCounts, b => QuickFeatureRows.Moments(backend, 64, full: false, bins: b));
        Line("moments full, N=50,000 D=64", _binCounts, b => QuickFeatureRows.Moments(backend, 64, full: true, bins: b));
        Line("calibrate diag, N=50,000 D=64", _binCounts, b => QuickFeatureRows.Calibrate(backend, 64, full: false, bins: b));
        Line("calibrate full, N=50,000 D=64", _binCounts, b => QuickFeatureRows.Calibrate(backend, 64, full: true, bins: b));
        Line("solve maps, D=64", _binCounts, b => QuickFeatureRows.SolveMaps(backend, 64, b));
        Console.WriteLine();
        SmoothingCost.Print(backend);
        return 0;
    }

    private static void Header(string axis, int[] sizes) =>
        Console.WriteLine($"{axis,-36}{string.Concat(sizes.Select(size => size.ToString("N0", CultureInfo.InvariantCulture).PadLeft(10)))}{"exponent",10}");

    private static void Line(string name, int[] sizes, Func<int, QuickRow> row)
    {
        // During the first measurement the compiler is still at work, on one of the cores.
        _ = QuickMeasurement.Measure(row(sizes[0]), MeasureMilliseconds);
        double[] times = [.. sizes.Select(size => QuickMeasurement.Measure(row(size), MeasureMilliseconds).Milliseconds)];
        double exponent = Math.Log(times[^1] / times[0]) / Math.Log((double)sizes[^1] / sizes[0]);
        string cells = string.Concat(times.Select(time => time.ToString("G3", CultureInfo.InvariantCulture).PadLeft(10)));
        Console.WriteLine($"{name,-36}{cells}{exponent.ToString("F2", CultureInfo.InvariantCulture),10}");
    }
}
