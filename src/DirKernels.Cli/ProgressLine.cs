using System.Diagnostics;

namespace DirKernels.Cli;

/// <summary>One line on a terminal that is rewritten in place and cleared at the end; nothing anywhere else.</summary>
internal sealed class ProgressLine(CommandStreams streams) : IDisposable
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _length;

    /// <summary>Shows how far training is.</summary>
    /// <param name="text">What is being done.</param>
    /// <param name="done">Steps done since this object was made.</param>
    /// <param name="left">Steps left.</param>
    public void Show(string text, int done, int left)
    {
        if (!streams.ShowsProgress)
        {
            return;
        }

        TimeSpan rest = _clock.Elapsed / Math.Max(1, done) * left;
        string line = FormattableString.Invariant($"{text}, {(int)rest.TotalMinutes}:{rest.Seconds:00} left");
        streams.Error.Write('\r' + line.PadRight(_length));
        streams.Error.Flush();
        _length = line.Length;
    }

    /// <summary>Clears the line, so that what is written next starts at its beginning.</summary>
    public void Dispose()
    {
        if (_length > 0)
        {
            streams.Error.Write('\r' + new string(' ', _length) + '\r');
            streams.Error.Flush();
        }
    }
}
