using System.Globalization;
using System.Text;
using DirKernels.Data;

namespace DirKernels.Cli.Tests;

/// <summary>The generated long-tailed sample as CSV text, small.</summary>
internal static class SampleTable
{
    /// <summary>Bins wide enough that a few hundred rows fill many-, medium- and few-shot ones.</summary>
    public const string Bins = "0,5,20";

    /// <summary>A table with columns split, x1..x8, y.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">The columns to write; none for all.</param>
    public static string Csv(int rows = 500, params string[] columns)
    {
        Table table = LongTailedSample.Generate(rows);
        TableColumn[] chosen = columns.Length == 0 ? [.. table.Columns] : [.. columns.Select(table.Column)];
        var text = new StringBuilder(string.Join(',', chosen.Select(column => column.Name)) + '\n');
        for (int row = 0; row < rows; row++)
        {
            text.AppendJoin(',', chosen.Select(column => column is NumericColumn numeric
                ? numeric.Values[row].ToString("R", CultureInfo.InvariantCulture)
                : ((TextColumn)column).Categories[((TextColumn)column).Codes[row]]));
            text.Append('\n');
        }

        return text.ToString();
    }
}
