namespace DirKernels.Cli.Tests;

/// <summary>A writer that cancels when it is given a certain text: a user who presses Ctrl-C at a known moment, or a little later.</summary>
internal sealed class CancellingWriter(string text, CancellationTokenSource cancellation, int delayMilliseconds) : StringWriter
{
    public override void Write(string? value)
    {
        base.Write(value);
        if (value?.Contains(text, StringComparison.Ordinal) == true)
        {
            if (delayMilliseconds == 0)
            {
                cancellation.Cancel();
            }
            else
            {
                cancellation.CancelAfter(delayMilliseconds);
            }
        }
    }
}
