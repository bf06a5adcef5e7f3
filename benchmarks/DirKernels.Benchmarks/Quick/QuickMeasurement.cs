using System.Diagnostics;

namespace DirKernels.Benchmarks.Quick;

/// <summary>Median time of at least five runs after a warm-up, and the bytes that a run allocates.</summary>
internal static class QuickMeasurement
{
    private const double WarmUpMilliseconds = 300;
    private const double MeasureMilliseconds = 1200;
    private const int FewestRuns = 5;

    /// <summary>Median milliseconds and bytes allocated.</summary>
    public static (double Milliseconds, long Allocated) Measure(QuickRow row, double measureMilliseconds = MeasureMilliseconds)
    {
        (Action run, IDisposable[] owned) = row.Prepare();
        try
        {
            return Measure(run, new MeasurementPlan(WarmUpMilliseconds, measureMilliseconds, FewestRuns));
        }
        finally
        {
            foreach (IDisposable item in owned)
            {
                item.Dispose();
            }
        }
    }

    /// <summary>Median milliseconds and bytes allocated of what is prepared already.</summary>
    public static (double Milliseconds, long Allocated) Measure(Action run, MeasurementPlan plan)
    {
        var watch = Stopwatch.StartNew();
        int warm = 0;
        do
        {
            run();
            warm++;
        }
        while (warm < 2 || watch.Elapsed.TotalMilliseconds < plan.WarmUpMilliseconds);

        // Short runs are repeated until a sample is long enough for the clock.
        double estimate = watch.Elapsed.TotalMilliseconds / warm;
        int repeats = (int)Math.Clamp(Math.Ceiling(1 / estimate), 1, 100_000);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        run();
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        var samples = new List<double>();
        var total = Stopwatch.StartNew();
        while (samples.Count < plan.FewestRuns || (total.Elapsed.TotalMilliseconds < plan.MeasureMilliseconds && samples.Count < 1000))
        {
            watch.Restart();
            for (int i = 0; i < repeats; i++)
            {
                run();
            }

            samples.Add(watch.Elapsed.TotalMilliseconds / repeats);
        }

        samples.Sort();
        return (samples[samples.Count / 2], allocated);
    }

    /// <summary>What was measured of a row, and its share of what the machine can do.</summary>
    public static QuickResult Result(QuickRow row, double milliseconds, long allocated, MachinePeaks peaks)
    {
        double? gflops = row.Flops > 0 ? row.Flops / milliseconds / 1e6 : null;
        double? gbps = row.Bytes > 0 ? row.Bytes / milliseconds / 1e6 : null;
        double? share = row.Limit switch
        {
            QuickLimit.Arithmetic => gflops / peaks.Gflops,
            QuickLimit.Read => gbps / peaks.ReadGbps,
            QuickLimit.Copy => gbps / peaks.CopyGbps,
            _ => null,
        };
        return new QuickResult(row.Name, milliseconds, gflops, gbps, share, allocated);
    }
}
