using DirKernels.Data;

namespace DirKernels.Cli;

/// <summary>Predicts the rows of one part of a table after another and writes them as text. For one thread; keeps its memory from part to part.</summary>
/// <param name="encoder">Turns rows into inputs.</param>
/// <param name="model">Predicts.</param>
internal sealed class PartPrediction(FeatureEncoder encoder, SharedModel model)
{
    private int[] _rows = [];
    private float[] _inputs = [];
    private double[] _values = [];
    private double[] _deviations = [];
    private char[] _text = [];
    private int _length;

    /// <summary>Lines of CSV for the rows predicted last.</summary>
    public ReadOnlySpan<char> Text => _text.AsSpan(0, _length);

    /// <summary>What is wrong with the row behind those of <see cref="Text"/>; null when nothing is.</summary>
    public InvalidDataException? Problem { get; private set; }

    /// <summary>Predicts rows up to the first that is malformed or no input, or has a prediction that is not finite.</summary>
    public void Predict(TablePart part)
    {
        _length = 0;
        Table? table = part.Parse(out InvalidDataException? malformed);
        Problem = malformed;
        if (table is null)
        {
            return;
        }

        Reserve(table.RowCount);
        try
        {
            PredictRows(table, 0, table.RowCount);
        }
        catch (InvalidDataException)
        {
            PredictToProblem(table);
        }
    }

    /// <summary>Inputs and predictions of a table's rows, valid until the next call.</summary>
    /// <exception cref="InvalidDataException">A row is no input, or its prediction is not finite; the message names it.</exception>
    public (ReadOnlyMemory<float> Inputs, ReadOnlyMemory<double> Values) Predict(Table table)
    {
        Reserve(table.RowCount);
        PredictRows(table, 0, table.RowCount);
        return (_inputs.AsMemory(0, table.RowCount * encoder.Dimension), _values.AsMemory(0, table.RowCount));
    }

    /// <summary>One row at a time, which is slow, and happens once at the most.</summary>
    private void PredictToProblem(Table table)
    {
        _length = 0;
        try
        {
            for (int row = 0; row < table.RowCount; row++)
            {
                PredictRows(table, row, 1);
            }
        }
        catch (InvalidDataException problem)
        {
            Problem = problem;
        }
    }

    private void PredictRows(Table table, int first, int count)
    {
        Span<float> inputs = _inputs.AsSpan(0, count * encoder.Dimension);
        Span<double> values = _values.AsSpan(0, count), deviations = model.KnowsUncertainty ? _deviations.AsSpan(0, count) : default;
        encoder.Encode(table, _rows.AsSpan(first, count), inputs);
        model.Predict(inputs, values, deviations);
        for (int row = 0; row < count; row++)
        {
            if (!double.IsFinite(values[row]))
            {
                throw new InvalidDataException($"{table.Name}: row {table.RowNumber(first + row)}: the model predicts {values[row]}, which is no finite number");
            }

            Append(values[row], deviations.IsEmpty ? '\n' : ',');
            if (!deviations.IsEmpty)
            {
                Append(deviations[row], '\n');
            }
        }
    }

    private void Append(double number, char end)
    {
        _length += ShortestNumber.Write(number, _text.AsSpan(_length));
        _text[_length++] = end;
    }

    private void Reserve(int rows)
    {
        if (_rows.Length >= rows)
        {
            return;
        }

        _rows = [.. Enumerable.Range(0, rows)];
        _inputs = new float[checked(rows * encoder.Dimension)];
        _values = new double[rows];
        _deviations = new double[model.KnowsUncertainty ? rows : 0];
        _text = new char[checked((model.KnowsUncertainty ? 2 : 1) * (ShortestNumber.MostCharacters + 1) * rows)];
    }
}
