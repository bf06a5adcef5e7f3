using System.CommandLine;
using DirKernels.Data;

namespace DirKernels.Cli;

/// <summary>The option about missing values that commands which read inputs share.</summary>
internal sealed class MissingValuesOption
{
    private readonly Option<string?> _missing = new("--missing")
    {
        Description = "A missing value is an error, or stands for the median of the training rows.",
        HelpName = "error|median",
    };

    /// <summary>The option.</summary>
    public Option Option => _missing;

    /// <summary>What the user chose; null when the option is absent.</summary>
    /// <exception cref="ArgumentException">Neither error nor median.</exception>
    public MissingValues? Read(ParseResult parsed) => parsed.GetValue(_missing) is { } text
        ? NamedChoice.Of("--missing", text, ("error", MissingValues.Error), ("median", MissingValues.Median))
        : null;
}
