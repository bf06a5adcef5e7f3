namespace DirKernels.Backends;

/// <summary>For each bin the bins it is combined from and their weights.</summary>
public sealed class BinTaps
{
    /// <summary>Creates a table.</summary>
    /// <param name="binCount">B.</param>
    /// <param name="tapCount">K entries a bin.</param>
    public BinTaps(int binCount, int tapCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(binCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(tapCount, 1);
        BinCount = binCount;
        TapCount = tapCount;
        Indices = new int[binCount * tapCount];
        Weights = new float[binCount * tapCount];
    }

    /// <summary>B.</summary>
    public int BinCount { get; }

    /// <summary>K.</summary>
    public int TapCount { get; }

    /// <summary>[B x K] bins to read.</summary>
    public int[] Indices { get; }

    /// <summary>[B x K] weights; 0 where a tap is not used.</summary>
    public float[] Weights { get; }
}
