using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>Progress of a comparison over all its runs: epochs done, last loss and validation error, time left.</summary>
internal sealed class ComparisonProgress(ProgressLine line, int epochs)
{
    private readonly Lock _gate = new();
    private int _done;

    /// <summary>Counts an epoch of any run; called from several threads.</summary>
    public void Advance(EpochResult epoch)
    {
        lock (_gate)
        {
            _done++;
            string text = $"epoch {_done}/{epochs}, loss {ShortNumber.Format(epoch.Loss)}, validation error {ShortNumber.Format(epoch.ValidationError)}";
            line.Show(text, _done, Math.Max(0, epochs - _done));
        }
    }
}
