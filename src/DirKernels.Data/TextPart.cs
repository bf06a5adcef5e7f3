using System.Runtime.CompilerServices;
using CsvHelper;

namespace DirKernels.Data;

/// <summary>Columns that records are added to, block by block.</summary>
/// <param name="rows">The table that they belong to.</param>
/// <param name="columns">Its columns, empty.</param>
/// <param name="firstLine">Line that the first record starts on if nothing is in between.</param>
internal sealed class TextPart(TextRows rows, ColumnInProgress[] columns, long firstLine)
{
    private readonly int _firstLine = checked((int)Math.Min(firstLine, int.MaxValue));
    private RowNumbers? _rowNumbers;

    /// <summary>Records so far.</summary>
    public int RowCount { get; private set; }

    /// <summary>Parses and adds the records of a block.</summary>
    /// <exception cref="InvalidDataException">One is malformed, and those before it have been added; the message names the row.</exception>
    public void Add(LineBlock block)
    {
        // The reader counts lines from the empty one above the block.
        long linesAbove = block.FirstLine - 2;
        try
        {
            using CsvReader reader = rows.OpenRecords(block.TextBelowEmptyLine);
            bool hasGroups = MayHoldDigitGroups(block.Text.Span);
            while (reader.Read())
            {
                long line = linesAbove + reader.LineNumber;
                if (reader.FieldCount != rows.ColumnCount)
                {
                    throw new InvalidDataException($"{rows.Name}: row {line}: {reader.FieldCount} fields, but the header has {rows.ColumnCount}");
                }

                AddRow(reader, hasGroups && MayHoldDigitGroups(reader.RawRecord), line);
                (_rowNumbers ??= new RowNumbers(_firstLine)).Add(line);
                RowCount++;
            }
        }
        catch (CsvFormatException malformed)
        {
            throw rows.Malformed(malformed, linesAbove);
        }
    }

    /// <summary>The table of the records that were added; the columns are given away.</summary>
    public Table Finish()
    {
        var finished = new TableColumn[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            finished[i] = columns[i].Finish(RowCount) ?? rows.Undecided(columns[i].Name, RowCount);
            columns[i] = null!; // its chunks are garbage now, before the next column is copied
        }

        return rows.ToTable(finished, _firstLine, _rowNumbers?.ToArray());
    }

    /// <summary>
    /// Whether a number may be written with digit groups, which the reader's own number format allows: "1,5" would be 15. Only a quoted field can hold a comma
    /// when commas separate.
    /// </summary>
    private bool MayHoldDigitGroups(ReadOnlySpan<byte> text) => text.Contains(rows.Delimiter == ',' ? (byte)'"' : (byte)',');

    // Compiled once, at full speed: in a short run most rows are read before tiered compilation would get round to it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRow(CsvReader reader, bool careful, long line)
    {
        foreach (ColumnInProgress column in columns)
        {
            ReadOnlySpan<byte> field = reader.GetSpan(column.Index);
            if (column.Numbers is { } numbers
                && (DecimalNumber.TryParse(field, out double value) || (!careful && reader.TryParse(column.Index, out value) && double.IsFinite(value))))
            {
                numbers.Add(value);
            }
            else if (column.Add(field) is { } problem)
            {
                throw new InvalidDataException($"{rows.Name}: row {line}, column '{column.Name}': {problem}");
            }
        }
    }
}
