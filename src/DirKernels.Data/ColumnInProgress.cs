using System.Text;

namespace DirKernels.Data;

/// <summary>A column while its table is read: undecided until the first value that is not missing, numeric or text from then on, unless its kind is known.</summary>
internal sealed class ColumnInProgress(string name, int index, MissingValues missing, bool alwaysText, bool alwaysNumeric)
{
    private NumericColumnBuilder? _numbers = alwaysNumeric && !alwaysText ? new NumericColumnBuilder() : null;
    private TextColumnBuilder? _texts = alwaysText ? new TextColumnBuilder() : null;
    private int _undecidedRows;

    public string Name { get; } = name;

    /// <summary>Position of the column among the fields of a row.</summary>
    public int Index { get; } = index;

    /// <summary>Where the numbers of a numeric column go; null while undecided and for text.</summary>
    public NumericColumnBuilder? Numbers => _numbers;

    /// <summary>Adds a field of any kind. Returns null, or what is wrong with it.</summary>
    public string? Add(ReadOnlySpan<byte> field)
    {
        FieldValue.Kind kind = FieldValue.Classify(field, out double number);
        if (kind == FieldValue.Kind.Missing)
        {
            return AddMissing();
        }

        if (_texts is null && kind == FieldValue.Kind.NotFinite)
        {
            return $"'{FieldValue.Excerpt(field)}' is not a finite number";
        }

        if (_texts is null && _numbers is null)
        {
            Decide(kind);
        }

        if (_texts is null)
        {
            if (kind != FieldValue.Kind.Number)
            {
                return $"'{FieldValue.Excerpt(field)}' is not a number, but the column is numeric";
            }

            _numbers!.Add(number);
            return null;
        }

        try
        {
            _texts.Add(FieldValue.Trim(field));
            return null;
        }
        catch (DecoderFallbackException)
        {
            return "the text is not valid UTF-8";
        }
    }

    /// <summary>The column, or null when all of its values are missing.</summary>
    /// <param name="rows">Rows to keep; a row that was not finished leaves a value more.</param>
    public TableColumn? Finish(int rows) =>
        _texts is not null ? _texts.ToColumn(Name, rows)
        : _numbers is not null ? new NumericColumn(Name, First(rows, _numbers.ToArray()))
        : null;

    private static double[] First(int rows, double[] values) => values.Length == rows ? values : values[..rows];

    private string? AddMissing()
    {
        if (missing == MissingValues.Error)
        {
            return "the value is missing";
        }

        if (_texts is not null)
        {
            _texts.Add(TextColumn.MissingCategory);
        }
        else if (_numbers is not null)
        {
            _numbers.Add(double.NaN);
        }
        else
        {
            _undecidedRows++;
        }

        return null;
    }

    private void Decide(FieldValue.Kind kind)
    {
        if (kind == FieldValue.Kind.Text)
        {
            _texts = new TextColumnBuilder();
        }
        else
        {
            _numbers = new NumericColumnBuilder();
        }

        for (; _undecidedRows > 0; _undecidedRows--)
        {
            _texts?.Add(TextColumn.MissingCategory);
            _numbers?.Add(double.NaN);
        }
    }
}
