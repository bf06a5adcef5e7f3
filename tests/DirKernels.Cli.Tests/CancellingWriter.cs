namespace DirKernels.Cli.Tests;

/// <summary>A writer that cancels when it is given a certain text: a user who presses Ctrl-C at a known moment.</summary>
internal sealed class CancellingWriter(string text, CancellationTokenSource cancellation) : StringWriter
{
    public override void Write(string? value)
    {
        base.Write(value);
        if (value?.Contains(text, StringComparison.Ordinal) == true)
        {
            cancellation.Cancel();
        }
    }
}
