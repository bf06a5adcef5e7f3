namespace DirKernels.Data;

/// <summary>Finds the rows of a table whose features occur only once.</summary>
internal static class DistinctRows
{
    /// <summary>For each row, whether no other row has the same values in all columns but the ignored ones. Without columns to compare, all rows count as distinct.</summary>
    public static bool[] Find(Table table, IReadOnlyCollection<string> ignored)
    {
        TableColumn[] columns = [.. table.Columns.Where(column => !ignored.Contains(column.Name, StringComparer.Ordinal))];
        var distinct = new bool[table.RowCount];
        Array.Fill(distinct, true);
        if (columns.Length == 0)
        {
            return distinct;
        }

        var firstRow = new Dictionary<int, int>(table.RowCount, new RowEquality(columns, table.RowCount));
        for (int row = 0; row < distinct.Length; row++)
        {
            if (!firstRow.TryAdd(row, row))
            {
                distinct[row] = distinct[firstRow[row]] = false;
            }
        }

        return distinct;
    }

    /// <summary>Equality of the features of two rows, by hashes computed column by column.</summary>
    private sealed class RowEquality : IEqualityComparer<int>
    {
        private readonly TableColumn[] _columns;
        private readonly ulong[] _hashes;

        public RowEquality(TableColumn[] columns, int rows)
        {
            _columns = columns;
            _hashes = new ulong[rows];
            foreach (TableColumn column in columns)
            {
                for (int row = 0; row < rows; row++)
                {
                    _hashes[row] = RowHash.Append(_hashes[row], Bits(column, row));
                }
            }
        }

        public bool Equals(int x, int y)
        {
            if (_hashes[x] != _hashes[y])
            {
                return false;
            }

            foreach (TableColumn column in _columns)
            {
                if (Bits(column, x) != Bits(column, y))
                {
                    return false;
                }
            }

            return true;
        }

        public int GetHashCode(int row) => _hashes[row].GetHashCode();

        private static ulong Bits(TableColumn column, int row) =>
            column is NumericColumn numeric ? RowHash.Bits(numeric.Values[row]) : (ulong)((TextColumn)column).Codes[row];
    }
}
