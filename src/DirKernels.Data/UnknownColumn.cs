namespace DirKernels.Data;

/// <summary>The message about a column that a table does not have: the most similar names first.</summary>
internal static class UnknownColumn
{
    private const int NamesShown = 12;

    public static string Message(string table, IReadOnlyList<string> names, string name)
    {
        string[] nearest = [.. names.OrderBy(candidate => Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant())).Take(NamesShown)];
        string rest = names.Count > NamesShown ? $" and {names.Count - NamesShown} more" : "";
        return $"{table}: there is no column '{name}'; did you mean '{nearest[0]}'? Columns: {string.Join(", ", nearest)}{rest}";
    }

    /// <summary>Number of single-character edits between two names (Levenshtein), over the first 64 characters.</summary>
    private static int Distance(string left, string right)
    {
        ReadOnlySpan<char> a = left.AsSpan(0, Math.Min(64, left.Length)), b = right.AsSpan(0, Math.Min(64, right.Length));
        Span<int> row = stackalloc int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, 1 + Math.Min(above, row[j - 1]));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
