namespace DirKernels.Data;

/// <summary>Which rows of a table train, which validate and which test; a row may also be in none of them.</summary>
public sealed class DataSplit
{
    /// <summary>Name of the split column that is used when nobody says otherwise.</summary>
    public const string DefaultColumn = "split";

    /// <summary>A split from row indices; the arrays are kept, not copied.</summary>
    /// <param name="train">Training rows, at least one.</param>
    /// <param name="validation">Validation rows.</param>
    /// <param name="test">Test rows.</param>
    /// <param name="column">Name of the table column that the split came from, which is then no input; null when it was computed.</param>
    /// <exception cref="InvalidDataException">There are no training rows.</exception>
    public DataSplit(int[] train, int[] validation, int[] test, string? column = null)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(test);
        if (train.Length == 0)
        {
            throw new InvalidDataException("there are no training rows");
        }

        Train = train;
        Validation = validation;
        Test = test;
        Column = column;
    }

    /// <summary>Training rows.</summary>
    public int[] Train { get; }

    /// <summary>Validation rows.</summary>
    public int[] Validation { get; }

    /// <summary>Test rows.</summary>
    public int[] Test { get; }

    /// <summary>The table column that the split came from, or null.</summary>
    public string? Column { get; }

    /// <summary>The split that a text column says: <c>train</c>, <c>val</c> (or <c>valid</c>, <c>validation</c>) and <c>test</c>, in any case.</summary>
    /// <exception cref="InvalidDataException">There is no such column, it holds another value (the row is named), or no row trains.</exception>
    public static DataSplit FromColumn(Table table, string column = DefaultColumn)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (table.Column(column) is not TextColumn text)
        {
            throw table.Error(0, column, "a number, but the split must be one of train, val, test");
        }

        List<int> train = [], validation = [], test = [];
        List<int>?[] parts = [.. text.Categories.Select(category => PartOf(category) switch
        {
            RowPart.Train => train,
            RowPart.Validation => validation,
            RowPart.Test => test,
            _ => null,
        })];
        for (int row = 0; row < text.Codes.Length; row++)
        {
            List<int> part = parts[text.Codes[row]]
                ?? throw table.Error(row, column, $"'{text.Categories[text.Codes[row]]}' is none of train, val, test");
            part.Add(row);
        }

        return train.Count > 0
            ? new DataSplit([.. train], [.. validation], [.. test], column)
            : throw new InvalidDataException($"{table.Name}: column '{column}' has no training rows");
    }

    /// <summary>The part that a value of a split column means; null for none.</summary>
    internal static RowPart? PartOf(string category) => category.ToLowerInvariant() switch
    {
        "train" => RowPart.Train,
        "val" or "valid" or "validation" => RowPart.Validation,
        "test" => RowPart.Test,
        _ => null,
    };
}
