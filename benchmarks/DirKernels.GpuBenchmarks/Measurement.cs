using System.Diagnostics;
using DirKernels.Gpu;

namespace DirKernels.GpuBenchmarks;

/// <summary>Times work that is issued asynchronously: many runs, one wait, the median of some repeats.</summary>
internal static class Measurement
{
    public static TimedResult Run(GpuBackend gpu, TimedRow row, BenchmarkSizes sizes)
    {
        (Action work, IDisposable[] operands) = row.Prepare();
        try
        {
            // The first run compiles, the second shows how long one takes.
            work();
            gpu.Synchronize();
            long launches = gpu.LaunchCount;
            double once = Time(gpu, work, 1);
            launches = gpu.LaunchCount - launches;
            int runs = (int)Math.Clamp(sizes.MillisecondsOfRepeat / Math.Max(once, 1e-3), 1, 10_000);
            double[] times = [.. Enumerable.Range(0, sizes.Repeats).Select(_ => Time(gpu, work, runs)).Order()];
            return new TimedResult(row.Name, times[times.Length / 2], times[0], times[^1], launches, row.Bytes, row.Flops);
        }
        finally
        {
            foreach (IDisposable operand in operands)
            {
                operand.Dispose();
            }
        }
    }

    private static double Time(GpuBackend gpu, Action work, int runs)
    {
        var watch = Stopwatch.StartNew();
        for (int run = 0; run < runs; run++)
        {
            work();
        }

        gpu.Synchronize();
        return watch.Elapsed.TotalMilliseconds / runs;
    }
}
