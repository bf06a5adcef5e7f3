using System.Diagnostics;
using DirKernels.Networks;

namespace DirKernels.Serving;

/// <summary>Rows of several requests that go through the network together.</summary>
internal sealed class PredictionBatch(TablePredictor predictor, int mostRows)
{
    private readonly int _columns = predictor.Shape.Inputs;
    private readonly float[] _inputs = new float[checked(mostRows * predictor.Shape.Inputs)];
    private readonly double[] _values = new double[mostRows];
    private readonly double[] _deviations = new double[predictor.KnowsUncertainty ? mostRows : 0];
    private readonly PredictionRequest[] _requests = new PredictionRequest[mostRows];

    /// <summary>Rows in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        _requests.AsSpan(0, Count).Clear();
        Count = 0;
    }

    /// <summary>Adds a row.</summary>
    public void Add(PredictionRequest request)
    {
        request.Row.CopyTo(_inputs.AsSpan(Count * _columns));
        _requests[Count++] = request;
    }

    /// <summary>Predicts and answers all rows.</summary>
    /// <param name="time">Time in the network.</param>
    /// <returns>How many failed.</returns>
    public int Predict(out TimeSpan time)
    {
        time = default;
        if (Count == 0)
        {
            return 0;
        }

        long start = Stopwatch.GetTimestamp();
        bool together = TryPredict(0, Count, out _);
        time = Stopwatch.GetElapsedTime(start);
        int failures = 0;
        for (int row = 0; row < Count; row++)
        {
            // One row that is no input spoils the call for all: then each is asked for alone.
            Exception? problem = null;
            if (together || TryPredict(row, 1, out problem))
            {
                problem = double.IsFinite(_values[row]) ? null : new InvalidDataException($"the model predicts {_values[row]}, which is no finite number");
            }

            if (problem is null)
            {
                _requests[row].Answer(new Prediction(_values[row], predictor.KnowsUncertainty ? _deviations[row] : double.NaN));
            }
            else
            {
                failures++;
                _requests[row].Fail(problem);
            }
        }

        return failures;
    }

    private bool TryPredict(int first, int count, out Exception? problem)
    {
        ReadOnlySpan<float> inputs = _inputs.AsSpan(first * _columns, count * _columns);
        Span<double> values = _values.AsSpan(first, count);
        problem = null;
        try
        {
            if (predictor.KnowsUncertainty)
            {
                predictor.Predict(inputs, values, _deviations.AsSpan(first, count));
            }
            else
            {
                predictor.Predict(inputs, values);
            }

            return true;
        }
        catch (Exception found) when (found is InvalidDataException or ObjectDisposedException)
        {
            problem = found;
            return false;
        }
    }
}
