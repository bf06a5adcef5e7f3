using System.Numerics.Tensors;
using DirKernels.Networks;

namespace DirKernels.Resampling;

/// <summary>Distances of one row of a bump to all of them.</summary>
/// <remarks>
/// The scaled inputs of the bump are kept column by column, so that one row's n squared distances are D passes of vector arithmetic over n numbers:
/// n^2 D multiplications for all rows of a bump. In single precision; the relative error of a squared distance is at most (D + 3) 2^-24 beside the
/// rounding of the scaled inputs (2^-24 of the range of each column).
/// </remarks>
internal sealed class BumpDistances
{
    private readonly float[] _columns;
    private readonly float[] _differences;
    private readonly int _rows;

    public BumpDistances(TrainingSet set, MixedDistance distance, IReadOnlyList<int> rows)
    {
        _rows = rows.Count;
        _differences = new float[_rows];
        Squared = new float[_rows];
        _columns = new float[checked(_rows * set.InputColumns)];
        for (int i = 0; i < _rows; i++)
        {
            for (int d = 0; d < set.InputColumns; d++)
            {
                _columns[d * _rows + i] = (float)distance.Scaled(set.Inputs[rows[i] * set.InputColumns + d], d);
            }
        }
    }

    /// <summary>[rows] squared distances to the last measured row.</summary>
    public float[] Squared { get; }

    /// <summary>Measures from one row of the bump, given by its place in it.</summary>
    public void MeasureFrom(int place)
    {
        Array.Clear(Squared);
        for (int at = 0; at < _columns.Length; at += _rows)
        {
            TensorPrimitives.Subtract(_columns.AsSpan(at, _rows), _columns[at + place], _differences);

            // Two roundings on every instruction set, hence the same neighbours on all of them.
            TensorPrimitives.MultiplyAdd(_differences, _differences, Squared, Squared);
        }
    }

    /// <summary>The places nearest to the last measured row, nearest first and without itself; equally near ones in order of place.</summary>
    /// <param name="place">The measured row.</param>
    /// <param name="most">Most places to return; fewer when the bump has fewer others.</param>
    public int[] Nearest(int place, int most)
    {
        var nearest = new int[Math.Min(most, _rows - 1)];
        int found = 0;
        for (int i = 0; i < _rows; i++)
        {
            if (i == place || (found == nearest.Length && (found == 0 || Squared[i] >= Squared[nearest[^1]])))
            {
                continue;
            }

            int at = found < nearest.Length ? found++ : found - 1;
            for (; at > 0 && Squared[nearest[at - 1]] > Squared[i]; at--)
            {
                nearest[at] = nearest[at - 1];
            }

            nearest[at] = i;
        }

        return nearest;
    }

    /// <summary>The median distance of the last measured row to the others; 0 when there are none.</summary>
    public double Median(int place)
    {
        if (_rows == 1)
        {
            return 0;
        }

        // In place of the differences, which the next measurement overwrites anyway; the row itself is the one left out.
        Squared.CopyTo(_differences, 0);
        (_differences[place], _differences[^1]) = (_differences[^1], _differences[place]);
        Span<float> others = _differences.AsSpan(0, _rows - 1);
        others.Sort();
        return 0.5 * (Math.Sqrt(others[(others.Length - 1) / 2]) + Math.Sqrt(others[others.Length / 2]));
    }
}
