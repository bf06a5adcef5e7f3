namespace DirKernels.Data;

/// <summary>Rows that were read from a <see cref="TableStream"/> but not parsed yet. Parts of one stream may be parsed on different threads at once, while the next ones are read.</summary>
public sealed class TablePart : IDisposable
{
    private readonly TextRows? _rows;
    private readonly LineBlock? _block;
    private readonly Table? _table;

    internal TablePart(Table table) => _table = table;

    internal TablePart(TextRows rows, LineBlock block)
    {
        _rows = rows;
        _block = block;
    }

    /// <summary>Parses the rows; call once.</summary>
    /// <param name="problem">What is wrong with the row that follows those returned, with the names of source, row and column; null when all rows are well.</param>
    /// <returns>The rows, or those before the first malformed one; null when that is the first.</returns>
    public Table? Parse(out InvalidDataException? problem)
    {
        problem = null;
        if (_block is null)
        {
            return _table;
        }

        TextPart part;
        try
        {
            part = _rows!.StartPart(_block.FirstLine);
        }
        catch (InvalidDataException absent)
        {
            problem = absent;
            return null;
        }

        try
        {
            part.Add(_block);
        }
        catch (InvalidDataException malformed)
        {
            problem = malformed;
        }

        return part.RowCount > 0 ? part.Finish() : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _block?.Dispose();
}
