using System.Diagnostics;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>Progress of a comparison over all its runs: epochs done, last loss and validation error, time left.</summary>
internal sealed class ComparisonProgress(ProgressLine line, int epochs)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private int _done;

    /// <summary>Counts an epoch of any run; called from several threads.</summary>
    public void Advance(EpochResult epoch)
    {
        int done = Interlocked.Increment(ref _done);
        double left = _watch.Elapsed.TotalSeconds / done * Math.Max(0, epochs - done);
        line.Show(
            $"epoch {done}/{epochs}  loss {ShortNumber.Format(epoch.Loss)}  validation {ShortNumber.Format(epoch.ValidationError)}  {left:F0} s left");
    }
}
