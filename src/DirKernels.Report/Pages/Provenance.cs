namespace DirKernels.Report;

/// <summary>Where the numbers of a report come from: enough to get them again.</summary>
/// <param name="Entries">Names and values, in the order they are shown.</param>
public sealed record Provenance(IReadOnlyList<(string Name, string Value)> Entries)
{
    /// <summary>The table at the end of a report.</summary>
    public ReportTable ToTable() => new(
        "What was run. The same command with the same data and seeds gives the same errors on one kind of processor, whatever the number of threads; times differ.",
        [],
        [.. Entries.Select(entry => (IReadOnlyList<string>)[entry.Name, entry.Value])])
    { IsText = true };
}
