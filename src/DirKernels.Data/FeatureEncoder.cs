using DirKernels.Networks;
using DirKernels.Resampling;

namespace DirKernels.Data;

/// <summary>
/// Turns table columns into network inputs: numeric columns standardised, <c>(value - mean) / sd</c> with mean and population standard deviation of the
/// training rows, text columns one-hot. Inputs stand in the order of the columns.
/// </summary>
/// <remarks>
/// A numeric column that is constant on the training rows becomes 0 there. A missing number becomes the training median; a category that no training
/// row has becomes all zeros. Immutable and thread-safe.
/// </remarks>
public sealed class FeatureEncoder
{
    private const int NamesShown = 20;

    private readonly HashSet<string> _ignored;

    /// <summary>Restores an encoder from its description.</summary>
    /// <param name="columns">At least one, with different names.</param>
    /// <param name="ignored">Columns that a table may have besides, such as target and split.</param>
    /// <exception cref="ArgumentException">No columns, or a name occurs twice.</exception>
    public FeatureEncoder(IEnumerable<EncodedColumn> columns, IEnumerable<string> ignored)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(ignored);
        Columns = [.. columns];
        IgnoredColumns = [.. ignored];
        _ignored = IgnoredColumns.ToHashSet(StringComparer.Ordinal);
        if (Columns.Count == 0 || Columns.Select(column => column.Name).Distinct(StringComparer.Ordinal).Count() != Columns.Count)
        {
            throw new ArgumentException($"an encoder needs columns with different names, but got {Columns.Count}: {Names(Columns.Select(column => column.Name))}", nameof(columns));
        }

        FeatureNames = [.. Description.InputNames];
    }

    /// <summary>The description of the encoded columns.</summary>
    public IReadOnlyList<EncodedColumn> Columns { get; }

    /// <summary>Columns that are not inputs and may or may not be there.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; }

    /// <summary>The encoding as plain data, to be stored in a model file.</summary>
    public ModelColumns Description => new(Columns, IgnoredColumns);

    /// <summary>Names of the D inputs: the column's, or <c>column=category</c>.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>Number of inputs D.</summary>
    public int Dimension => FeatureNames.Count;

    /// <summary>Which inputs together hold the category of a text column, for <see cref="Resampler"/>.</summary>
    public IReadOnlyList<ColumnGroup> OneHotGroups
    {
        get
        {
            var groups = new List<ColumnGroup>();
            int at = 0;
            foreach (EncodedColumn column in Columns)
            {
                if (column.Kind == EncodedColumnKind.Categorical)
                {
                    groups.Add(new ColumnGroup(at, column.Width));
                }

                at += column.Width;
            }

            return groups;
        }
    }

    /// <summary>The encoder that columns of a model file describe.</summary>
    /// <exception cref="ArgumentException">No columns, or a name occurs twice.</exception>
    public static FeatureEncoder Of(ModelColumns columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return new FeatureEncoder(columns.Columns, columns.Ignored);
    }

    /// <summary>Learns the encoding from the training rows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="trainRows">Row indices, at least one.</param>
    /// <param name="ignored">Columns that are not inputs: target and split.</param>
    /// <exception cref="InvalidDataException">
    /// No column is left, a text column has more than <see cref="EncodedColumn.LargestCategoryCount"/> categories, a numeric one has no value in any
    /// training row or values too large for double-precision moments; the message names the column.
    /// </exception>
    public static FeatureEncoder Fit(Table table, ReadOnlySpan<int> trainRows, IReadOnlyCollection<string> ignored)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(ignored);
        if (trainRows.IsEmpty)
        {
            throw new InvalidDataException($"{table.Name}: there are no training rows");
        }

        var columns = new List<EncodedColumn>();
        foreach (TableColumn column in table.Columns)
        {
            if (!ignored.Contains(column.Name, StringComparer.Ordinal))
            {
                columns.Add(column is NumericColumn numeric
                    ? ColumnFit.Numeric(table.Name, column.Name, Of(numeric.Values, trainRows))
                    : FitCategorical(table, (TextColumn)column, trainRows));
            }
        }

        return Of(table.Name, columns, ignored);
    }

    /// <summary>The encoder of columns that were fitted one by one.</summary>
    /// <exception cref="InvalidDataException">There are none.</exception>
    internal static FeatureEncoder Of(string source, IReadOnlyCollection<EncodedColumn> columns, IReadOnlyCollection<string> ignored) => columns.Count > 0
        ? new FeatureEncoder(columns, ignored)
        : throw new InvalidDataException($"{source}: there are no feature columns besides {Names(ignored)}");

    /// <summary>The inputs of all rows; errors as in the overload that takes rows.</summary>
    public float[] Encode(Table table, bool allowOtherColumns = false)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Encode(table, [.. Enumerable.Range(0, table.RowCount)], allowOtherColumns);
    }

    /// <summary>The inputs of some rows, row-major [rows x D].</summary>
    /// <param name="table">A table with all <see cref="Columns"/>.</param>
    /// <param name="rows">Row indices.</param>
    /// <param name="allowOtherColumns">Whether columns that are neither encoded nor ignored are passed over instead of an error.</param>
    /// <exception cref="InvalidDataException">A column is missing, unknown, text where numbers were learnt from (or the reverse), or a value too large for an input; the message names it.</exception>
    public float[] Encode(Table table, ReadOnlySpan<int> rows, bool allowOtherColumns = false)
    {
        var inputs = new float[checked(rows.Length * Dimension)];
        Encode(table, rows, inputs, allowOtherColumns);
        return inputs;
    }

    /// <summary>The same into memory of the caller.</summary>
    /// <param name="table">A table with all <see cref="Columns"/>.</param>
    /// <param name="rows">Row indices.</param>
    /// <param name="inputs">[rows x D], overwritten.</param>
    /// <param name="allowOtherColumns">Whether columns that are neither encoded nor ignored are passed over instead of an error.</param>
    /// <exception cref="InvalidDataException">As in the overload that allocates.</exception>
    /// <exception cref="ArgumentException">The length of <paramref name="inputs"/> is another.</exception>
    public void Encode(Table table, ReadOnlySpan<int> rows, Span<float> inputs, bool allowOtherColumns = false)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (inputs.Length != (long)rows.Length * Dimension)
        {
            throw new ArgumentException($"there are {rows.Length} rows of {Dimension} inputs, but room for {inputs.Length}", nameof(inputs));
        }

        Validate(table, allowOtherColumns);
        if (rows.IsEmpty)
        {
            return; // no part of an array that is none begins at the second input
        }

        inputs.Clear();
        int at = 0;
        foreach (EncodedColumn column in Columns)
        {
            if (column.Kind == EncodedColumnKind.Numeric)
            {
                EncodeNumeric(column, table, rows, inputs[at..]);
            }
            else
            {
                EncodeCategorical(column, (TextColumn)table.Column(column.Name), rows, inputs[at..]);
            }

            at += column.Width;
        }
    }

    private static double[] Of(double[] values, ReadOnlySpan<int> rows)
    {
        var chosen = new double[rows.Length];
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = values[rows[i]];
        }

        return chosen;
    }

    private static EncodedColumn FitCategorical(Table table, TextColumn column, ReadOnlySpan<int> rows)
    {
        var used = new bool[column.Categories.Length];
        foreach (int row in rows)
        {
            used[column.Codes[row]] = true;
        }

        return ColumnFit.Categorical(table.Name, column.Name, column.Categories, used);
    }

    private void EncodeNumeric(EncodedColumn column, Table table, ReadOnlySpan<int> rows, Span<float> inputs)
    {
        double[] values = ((NumericColumn)table.Column(column.Name)).Values;
        int dimension = Dimension;
        for (int i = 0; i < rows.Length; i++)
        {
            double value = values[rows[i]];
            float input = (float)(((double.IsNaN(value) ? column.Median : value) - column.Mean) / column.Scale);
            if (!float.IsFinite(input))
            {
                throw table.Error(rows[i], column.Name, TooFar(column, value));
            }

            inputs[i * dimension] = input;
        }
    }

    private void EncodeCategorical(EncodedColumn column, TextColumn text, ReadOnlySpan<int> rows, Span<float> inputs)
    {
        int[] inputOf = InputOfCode(column, text.Categories);
        int dimension = Dimension;
        for (int i = 0; i < rows.Length; i++)
        {
            int input = inputOf[text.Codes[rows[i]]];
            if (input >= 0)
            {
                inputs[i * dimension + input] = 1;
            }
        }
    }

    /// <summary>What is wrong with a number that is no input.</summary>
    internal static string TooFar(EncodedColumn column, double value) =>
        $"{value} is too far from the training rows (mean {column.Mean:G6}, sd {column.Scale:G6}) to be an input";

    /// <summary>Which of the inputs of a text column stands for each of the categories of a table; -1 for those that are not encoded.</summary>
    internal static int[] InputOfCode(EncodedColumn column, IReadOnlyList<string> categories)
    {
        var inputOf = new int[categories.Count];
        for (int code = 0; code < inputOf.Length; code++)
        {
            inputOf[code] = -1;
            for (int k = 0; k < column.Categories.Count; k++)
            {
                if (column.Categories[k] == categories[code])
                {
                    inputOf[code] = k;
                }
            }
        }

        return inputOf;
    }

    private void Validate(Table table, bool allowOtherColumns)
    {
        string[] lacking = [.. Columns.Select(column => column.Name).Where(name => !table.TryGetColumn(name, out _))];
        if (lacking.Length > 0)
        {
            throw new InvalidDataException($"the model was trained on columns {Names(Columns.Select(column => column.Name))}; {table.Name} lacks {Names(lacking)}");
        }

        var known = Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        // Of the source: a column is no less unknown for not having been read.
        string[] others = [.. table.SourceColumnNames.Where(name => !known.Contains(name) && !_ignored.Contains(name))];
        if (others.Length > 0 && !allowOtherColumns)
        {
            throw new InvalidDataException($"the model was trained on columns {Names(Columns.Select(column => column.Name))}; {table.Name} has {Names(others)} besides");
        }

        foreach (EncodedColumn column in Columns)
        {
            TableColumn found = table.Column(column.Name);
            if (column.Kind == EncodedColumnKind.Numeric && found is TextColumn text)
            {
                throw table.Error(0, column.Name, $"'{text.Categories[text.Codes[0]]}' is text, but the model was trained on numbers");
            }

            if (column.Kind == EncodedColumnKind.Categorical && found is NumericColumn)
            {
                throw table.Error(0, column.Name, "the column is numeric, but the model was trained on text");
            }
        }
    }

    private static string Names(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length <= NamesShown ? string.Join(", ", all) : $"{string.Join(", ", all.Take(NamesShown))} and {all.Length - NamesShown} more";
    }
}
