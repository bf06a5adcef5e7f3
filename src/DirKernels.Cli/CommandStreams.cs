namespace DirKernels.Cli;

/// <summary>Where a command reads and writes: the process's standard streams, or a test's.</summary>
/// <param name="Input">What the file name <c>-</c> reads.</param>
/// <param name="Output">Results.</param>
/// <param name="Error">Messages and progress.</param>
/// <param name="ShowsProgress">Whether <paramref name="Error"/> is a terminal, on which a line can be rewritten in place.</param>
internal sealed record CommandStreams(Stream Input, TextWriter Output, TextWriter Error, bool ShowsProgress);
