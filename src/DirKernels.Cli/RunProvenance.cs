using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using DirKernels.Backends.Cpu;
using DirKernels.Data;

namespace DirKernels.Cli;

/// <summary>What a report says of the run behind it: command, versions, machine, data, dates.</summary>
internal static class RunProvenance
{
    /// <param name="parsed">The command line.</param>
    /// <param name="data">The data.</param>
    /// <param name="seeds">The seeds.</param>
    /// <param name="started">When the run started.</param>
    /// <param name="seconds">How long it took.</param>
    /// <param name="description">All options that determine the numbers, defaults included.</param>
    public static Provenance Of(
        ParseResult parsed, RegressionData data, IReadOnlyList<ulong> seeds, DateTimeOffset started, double seconds, RunDescription description)
    {
        using var cpu = new CpuBackend(1);
        var fingerprint = new DataFingerprint();
        foreach (RegressionPart part in new[] { data.Train, data.Validation, data.Test })
        {
            fingerprint.Add(part.Inputs);
            fingerprint.Add(part.Labels);
        }

        return new Provenance(
        [
            ("command", "dirkernels " + string.Join(' ', parsed.Tokens.Select(token => Quoted(token.Value)))),
            ("version", $"dirkernels {typeof(LabelBins).Assembly.GetName().Version?.ToString(3)}, {RuntimeInformation.FrameworkDescription}"),
            ("machine", $"{ProcessorName() ?? "processor"}, {Environment.ProcessorCount} processors, {cpu.Description.Split(", ")[1]}; {RuntimeInformation.OSDescription}"),
            ("data", $"{data.Train.Count} + {data.Validation.Count} + {data.Test.Count} rows of {data.Dimension} inputs, fingerprint {fingerprint}"),
            ("seeds", string.Join(", ", seeds)),
            ("started", started.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)),
            ("took", $"{ShortNumber.Format(seconds)} s"),
            ("options", string.Join(", ", description.Where(pair => pair.Value.Length > 0).Select(pair => $"{pair.Key} {pair.Value}"))),
        ]);
    }

    private static string Quoted(string token) => token.Length > 0 && !token.Any(c => char.IsWhiteSpace(c) || c is '\'' or '"' or '$' or '*' or ';' or '&' or '|')
        ? token
        : "'" + token.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static string? ProcessorName()
    {
        const string List = "/proc/cpuinfo";
        try
        {
            return File.Exists(List)
                ? File.ReadLines(List).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[^1].Trim()
                : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
