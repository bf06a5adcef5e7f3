namespace DirKernels.Data;

/// <summary>Reads a data file, or blocks of it, as a table in memory.</summary>
internal static class DataFileTable
{
    /// <summary>Reads all rows.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">Columns, what missing values mean, and kinds that columns must have.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="InvalidDataException">A column is of another kind, has missing values, or is damaged.</exception>
    public static Table Read(DataFile file, TableOptions options, CancellationToken cancellation) => Read(file, 0, file.BlockCount, options, cancellation);

    /// <summary>Reads the rows of some blocks.</summary>
    public static Table Read(DataFile file, int firstBlock, int blocks, TableOptions options, CancellationToken cancellation)
    {
        HashSet<string>? kept = options.Columns?.ToHashSet(StringComparer.Ordinal);
        var block = new DataFileBlock(file);
        int first = file.Description.FirstRow(firstBlock), rows = file.Description.FirstRow(firstBlock + blocks) - first;
        var columns = new List<TableColumn>();
        for (int c = 0; c < file.Columns.Count; c++)
        {
            if (kept is null || kept.Contains(file.Columns[c].Name))
            {
                ThrowIfOtherKind(file, c, options);
                columns.Add(file.Columns[c].IsText ? Codes(c) : Numbers(c));
            }
        }

        string[] names = [.. file.Columns.Select(column => column.Name)];
        return columns.Count > 0
            ? new Table(file.Name, columns, names, first + 1, null)
            : throw new InvalidDataException(UnknownColumn.Message(file.Name, names, kept!.FirstOrDefault() ?? ""));

        NumericColumn Numbers(int column)
        {
            double[] values = GC.AllocateUninitializedArray<double>(rows);
            Each(column, at => block.Numbers(column, 0, values.AsSpan(at, block.Rows)));
            int missing = options.Missing == MissingValues.Error ? values.AsSpan().IndexOf(double.NaN) : -1;
            return missing < 0 ? new NumericColumn(file.Columns[column].Name, values) : throw Missing(column, missing);
        }

        TextColumn Codes(int column)
        {
            string[] categories = [.. file.Columns[column].Categories!];
            int[] codes = GC.AllocateUninitializedArray<int>(rows);
            Each(column, at => block.Codes(column, 0, codes.AsSpan(at, block.Rows)));
            int missing = options.Missing == MissingValues.Error ? codes.AsSpan().IndexOf(Array.IndexOf(categories, TextColumn.MissingCategory)) : -1;
            return missing < 0 ? new TextColumn(file.Columns[column].Name, codes, categories) : throw Missing(column, missing);
        }

        void Each(int column, Action<int> read)
        {
            for (int b = firstBlock; b < firstBlock + blocks; b++)
            {
                cancellation.ThrowIfCancellationRequested();
                block.Read(b, column);
                read(block.FirstRow - first);
            }
        }

        InvalidDataException Missing(int column, int row) => new($"{file.Name}: row {first + row + 1}, column '{file.Columns[column].Name}': the value is missing");
    }

    /// <summary>Throws when a value is missing.</summary>
    /// <exception cref="InvalidDataException">Names row and column.</exception>
    public static void ThrowIfMissing(DataFile file, CancellationToken cancellation)
    {
        DataFileColumn? column = Array.Find(file.Description.Columns, column => column.Missing > 0);
        if (column is not null)
        {
            var only = new TableOptions { Columns = [column.Name] };
            for (int block = 0; block < file.BlockCount; block++)
            {
                Read(file, block, 1, only, cancellation);
            }
        }
    }

    private static void ThrowIfOtherKind(DataFile file, int column, TableOptions options)
    {
        (string name, bool isText) = (file.Columns[column].Name, file.Columns[column].IsText);
        if (!isText && options.TextColumns?.Contains(name, StringComparer.Ordinal) == true)
        {
            throw new InvalidDataException($"{file.Name}: column '{name}' holds numbers, but must be text; convert the table with --text {name}");
        }

        if (isText && options.NumericColumns?.Contains(name, StringComparer.Ordinal) == true)
        {
            throw new InvalidDataException($"{file.Name}: column '{name}' holds text, such as '{file.Columns[column].Categories![0]}', but must be numeric");
        }
    }
}
