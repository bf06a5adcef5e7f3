namespace DirKernels.Cli;

/// <summary>One line on the error stream that is written over and over, and only where a person can see it: on a terminal.</summary>
internal sealed class ProgressLine(TextWriter error)
{
    private readonly bool _isShown = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
    private readonly Lock _gate = new();
    private int _length;

    /// <summary>Replaces the line.</summary>
    public void Show(string text)
    {
        if (_isShown)
        {
            lock (_gate)
            {
                error.Write("\r" + text.PadRight(_length));
                _length = text.Length;
            }
        }
    }

    /// <summary>Removes the line, before anything else is written.</summary>
    public void Clear()
    {
        if (_isShown && _length > 0)
        {
            lock (_gate)
            {
                error.Write("\r" + new string(' ', _length) + "\r");
                _length = 0;
            }
        }
    }
}
