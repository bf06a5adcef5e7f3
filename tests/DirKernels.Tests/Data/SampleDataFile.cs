using DirKernels.Data;

namespace DirKernels.Tests.Data;

/// <summary>Tables as data files in a folder that is deleted with its test.</summary>
internal sealed class SampleDataFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dirkernels-");

    public string Folder => _folder.FullName;

    public string Path => System.IO.Path.Combine(_folder.FullName, "t.dirk-data");

    /// <summary>Writes a table in blocks.</summary>
    public string Write(Table table, int rowsPerBlock)
    {
        File.WriteAllBytes(Path, Bytes(table, rowsPerBlock));
        return Path;
    }

    public string Write(byte[] bytes)
    {
        File.WriteAllBytes(Path, bytes);
        return Path;
    }

    public static byte[] Bytes(Table table, int rowsPerBlock)
    {
        using var stream = new MemoryStream();
        var writer = new DataFileWriter(stream, [.. table.Columns.Select(column => (column.Name, column is TextColumn))]);
        for (int at = 0; at < table.RowCount; at += rowsPerBlock)
        {
            Range rows = at..Math.Min(at + rowsPerBlock, table.RowCount);
            writer.Add(new Table("part", [.. table.Columns.Select(column => Part(column, rows))]));
        }

        writer.Finish();
        return stream.ToArray();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static TableColumn Part(TableColumn column, Range rows)
    {
        if (column is NumericColumn numbers)
        {
            return new NumericColumn(column.Name, numbers.Values[rows]);
        }

        // With codes of its own, as a reader gives each part.
        var text = (TextColumn)column;
        string[] values = [.. text.Codes[rows].Select(code => text.Categories[code])], categories = [.. values.Distinct()];
        return new TextColumn(column.Name, [.. values.Select(value => Array.IndexOf(categories, value))], categories);
    }
}
