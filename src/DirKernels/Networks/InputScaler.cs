using System.Numerics;
using System.Runtime.InteropServices;

namespace DirKernels.Networks;

/// <summary>An <see cref="InputScaling"/> ready for use: <c>(x - mean) / scale</c> in double precision, rounded to single, of many rows at once.</summary>
/// <remarks>The same subtraction, division and rounding of each number in registers and one by one. Immutable and thread-safe.</remarks>
internal sealed class InputScaler
{
    // Constants of so many rows that they fill a register of single precision.
    private readonly double[] _means;
    private readonly double[] _scales;
    private readonly double[]? _missing;
    private readonly int _columns;

    /// <summary>Prepares a scaling.</summary>
    /// <param name="scaling">Copied.</param>
    /// <param name="columns">Inputs of a row; as many constants count.</param>
    public InputScaler(InputScaling scaling, int columns)
    {
        int rows = Math.Max(1, (Vector<float>.Count + columns - 1) / columns);
        _columns = columns;
        _means = Repeat(scaling.Mean.AsSpan(0, columns), rows);
        _scales = Repeat(scaling.Scale.AsSpan(0, columns), rows);
        _missing = scaling.Missing is { } missing ? Repeat(missing.AsSpan(0, columns), rows) : null;
    }

    /// <summary>Scales rows.</summary>
    /// <param name="raw">[n x columns]; where medians are known, NaN stands for them.</param>
    /// <param name="scaled">[n x columns]; other memory.</param>
    public void Apply<T>(ReadOnlySpan<T> raw, Span<float> scaled)
        where T : unmanaged, IFloatingPoint<T>
    {
        int done = 0;
        if (Vector.IsHardwareAccelerated && (typeof(T) == typeof(float) || typeof(T) == typeof(double)))
        {
            for (; done <= raw.Length - _means.Length; done += _means.Length)
            {
                ApplyVectors(raw.Slice(done, _means.Length), scaled.Slice(done, _means.Length));
            }
        }

        for (; done < raw.Length; done += _columns)
        {
            for (int c = 0; c < _columns; c++)
            {
                double value = double.CreateTruncating(raw[done + c]);
                scaled[done + c] = (float)(((_missing is not null && double.IsNaN(value) ? _missing[c] : value) - _means[c]) / _scales[c]);
            }
        }
    }

    private void ApplyVectors<T>(ReadOnlySpan<T> raw, Span<float> scaled)
        where T : unmanaged
    {
        int width = Vector<float>.Count, half = Vector<double>.Count, last = raw.Length - width;
        for (int c = 0; c < raw.Length; c += width)
        {
            // The last register begins earlier and computes some numbers again.
            int at = Math.Min(c, last);
            Vector<double> lower, upper;
            if (typeof(T) == typeof(float))
            {
                Vector.Widen(new Vector<float>(MemoryMarshal.Cast<T, float>(raw)[at..]), out lower, out upper);
            }
            else
            {
                ReadOnlySpan<double> numbers = MemoryMarshal.Cast<T, double>(raw);
                (lower, upper) = (new Vector<double>(numbers[at..]), new Vector<double>(numbers[(at + half)..]));
            }

            Vector.Narrow(Scale(lower, at), Scale(upper, at + half)).CopyTo(scaled[at..]);
        }
    }

    private Vector<double> Scale(Vector<double> values, int at)
    {
        if (_missing is not null)
        {
            values = Vector.ConditionalSelect(Vector.Equals(values, values), values, new Vector<double>(_missing, at));
        }

        return (values - new Vector<double>(_means, at)) / new Vector<double>(_scales, at);
    }

    private static double[] Repeat(ReadOnlySpan<double> constants, int times)
    {
        var repeated = new double[constants.Length * times];
        for (int i = 0; i < times; i++)
        {
            constants.CopyTo(repeated.AsSpan(i * constants.Length));
        }

        return repeated;
    }
}
