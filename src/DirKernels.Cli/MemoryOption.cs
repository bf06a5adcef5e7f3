using System.CommandLine;
using System.Globalization;

namespace DirKernels.Cli;

/// <summary>The option <c>--memory</c>: a number of bytes with a unit.</summary>
internal sealed class MemoryOption
{
    private const string Name = "--memory";

    private static readonly (string Suffix, double Bytes)[] _units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
    ];

    /// <summary>The option.</summary>
    public Option<string?> Option { get; } = new(Name)
    {
        Description = "Train from a data file (see convert) that need not fit into memory, within about so much: 500MB, 2GB. Rows are shuffled by blocks.",
        HelpName = "SIZE",
    };

    /// <summary>Bytes; null when nothing is said.</summary>
    /// <exception cref="ArgumentException">Malformed.</exception>
    public long? Read(ParseResult parsed) => parsed.GetValue(Option) is { } text ? Parse(text) : null;

    private static long Parse(string text)
    {
        foreach ((string suffix, double bytes) in _units)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
                && number * bytes is >= 1 and < 1L << 62)
            {
                return (long)(number * bytes);
            }
        }

        throw new ArgumentException($"{Name}: '{text}' is no size such as 500MB or 2GB");
    }
}
