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
                columns.Add(column is NumericColumn numeric ? FitNumeric(table, numeric, trainRows) : FitCategorical(table, (TextColumn)column, trainRows));
            }
        }

        return columns.Count > 0
            ? new FeatureEncoder(columns, ignored)
            : throw new InvalidDataException($"{table.Name}: there are no feature columns besides {Names(ignored)}");
    }

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

    private static EncodedColumn FitNumeric(Table table, NumericColumn column, ReadOnlySpan<int> rows)
    {
        var values = new double[rows.Length];
        int present = 0;
        foreach (int row in rows)
        {
            double value = column.Values[row];
            if (!double.IsNaN(value))
            {
                values[present++] = value;
            }
        }

        if (present == 0)
        {
            throw new InvalidDataException($"{table.Name}: column '{column.Name}' has no value in any training row");
        }

        // The selection below only reorders the values, and the moments do not depend on their order beyond rounding.
        double median = MedianSelection.Median(values.AsSpan(0, present));
        Array.Fill(values, median, present, values.Length - present);
        (double mean, double deviation) = Moments(values);
        if (!double.IsFinite(mean) || !double.IsFinite(deviation))
        {
            throw new InvalidDataException($"{table.Name}: column '{column.Name}' has values too large to standardise");
        }

        return EncodedColumn.Numeric(column.Name, mean, deviation > 0 ? deviation : 1, median);
    }

    /// <summary>Mean and population standard deviation in two passes, the squares taken relative to the largest deviation so that they cannot overflow.</summary>
    private static (double Mean, double Deviation) Moments(double[] values)
    {
        double sum = 0, lowest = values[0], highest = values[0];
        foreach (double value in values)
        {
            sum += value;
            lowest = Math.Min(lowest, value);
            highest = Math.Max(highest, value);
        }

        if (lowest == highest)
        {
            return (lowest, 0); // exactly: a rounded mean would leave a deviation of one unit in the last place to divide by
        }

        double mean = sum / values.Length;
        double largest = Math.Max(highest - mean, mean - lowest), squares = 0, rest = 0;
        foreach (double value in values)
        {
            double relative = (value - mean) / largest;
            squares += relative * relative;
            rest += relative;
        }

        double correction = rest / values.Length;
        double variance = squares / values.Length - correction * correction;
        return (mean + correction * largest, largest * Math.Sqrt(variance));
    }

    private static EncodedColumn FitCategorical(Table table, TextColumn column, ReadOnlySpan<int> rows)
    {
        var used = new bool[column.Categories.Length];
        foreach (int row in rows)
        {
            used[column.Codes[row]] = true;
        }

        // Sorted, so that the order of the inputs depends on what the training rows hold and not on which comes first.
        string[] categories = [.. column.Categories.Where((_, code) => used[code]).Order(StringComparer.Ordinal)];
        return categories.Length <= EncodedColumn.LargestCategoryCount
            ? EncodedColumn.Categorical(column.Name, categories)
            : throw new InvalidDataException(
                $"{table.Name}: column '{column.Name}' holds text with {categories.Length} different values; at most {EncodedColumn.LargestCategoryCount} can be encoded (leave the column out)");
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
                throw table.Error(rows[i], column.Name, $"{value} is too far from the training rows (mean {column.Mean:G6}, sd {column.Scale:G6}) to be an input");
            }

            inputs[i * dimension] = input;
        }
    }

    private void EncodeCategorical(EncodedColumn column, TextColumn text, ReadOnlySpan<int> rows, Span<float> inputs)
    {
        var inputOf = new int[text.Categories.Length];
        for (int code = 0; code < inputOf.Length; code++)
        {
            inputOf[code] = -1;
            for (int k = 0; k < column.Categories.Count; k++)
            {
                if (column.Categories[k] == text.Categories[code])
                {
                    inputOf[code] = k;
                }
            }
        }

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
