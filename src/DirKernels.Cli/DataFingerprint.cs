using System.Globalization;

namespace DirKernels.Cli;

/// <summary>A 64-bit number that tells data apart: it differs when any value or its place differs, but for accidents of 1 in 2^64.</summary>
internal struct DataFingerprint
{
    private ulong _state;

    /// <summary>Takes in values in order, and their number.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            Mix(BitConverter.SingleToUInt32Bits(value));
        }

        Mix((ulong)values.Length);
    }

    /// <summary>Takes in values in order, and their number.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
        {
            Mix(BitConverter.DoubleToUInt64Bits(value));
        }

        Mix((ulong)values.Length);
    }

    /// <summary>Sixteen hexadecimal digits.</summary>
    public override readonly string ToString() => _state.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>One step of splitmix64 from the state and the word: a bijection of each, so that one changed word always changes the result.</summary>
    private void Mix(ulong word)
    {
        ulong mixed = (_state ^ word) + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        _state = mixed ^ (mixed >> 31);
    }
}
