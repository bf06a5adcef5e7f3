namespace DirKernels.Data;

/// <summary>Finds out, number by number, whether values are decimal numbers of few digits, see <see cref="DecimalChunk"/>.</summary>
internal struct DecimalFit
{
    private static readonly long _nan = BitConverter.DoubleToInt64Bits(double.NaN);

    private int _digits;
    private double _largest;
    private bool _hasMissing;

    /// <summary>Whether a value was none.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The encoding of the values; null when they have none.</summary>
    public readonly DecimalChunk? Chunk
    {
        get
        {
            // More digits than a value needs: the quotient stays the same number.
            double whole = Math.Round(_largest * DecimalChunk.PowersOfTen[_digits]);
            return HasFailed || whole > int.MaxValue ? null : new DecimalChunk(_digits, whole > short.MaxValue, _hasMissing);
        }
    }

    /// <summary>Takes a value in.</summary>
    public void Add(double value)
    {
        if (HasFailed)
        {
            return;
        }

        long bits = BitConverter.DoubleToInt64Bits(value);
        if (double.IsNaN(value))
        {
            // Every other NaN has bits that would be lost.
            _hasMissing = true;
            HasFailed = bits != _nan;
            return;
        }

        _largest = Math.Max(_largest, Math.Abs(value));
        for (; _digits <= DecimalChunk.MostDigits; _digits++)
        {
            double power = DecimalChunk.PowersOfTen[_digits], whole = Math.Round(value * power);
            if (Math.Abs(whole) <= int.MaxValue && BitConverter.DoubleToInt64Bits((int)whole / power) == bits)
            {
                return;
            }
        }

        (_digits, HasFailed) = (0, true);
    }
}
