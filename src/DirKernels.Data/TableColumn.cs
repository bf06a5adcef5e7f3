namespace DirKernels.Data;

/// <summary>One named column of a <see cref="Table"/>: a <see cref="NumericColumn"/> or a <see cref="TextColumn"/>.</summary>
public abstract class TableColumn
{
    private protected TableColumn(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
    }

    /// <summary>Name of the column, unique in its table.</summary>
    public string Name { get; }

    /// <summary>Number of rows N.</summary>
    public abstract int RowCount { get; }
}
