namespace DirKernels.Data;

/// <summary>
/// Collects a column of unknown length in chunks, so that growing copies nothing and at the end only one column at a time exists twice.
/// </summary>
internal sealed class NumericColumnBuilder
{
    private const int FirstChunk = 4;
    private const int LargestChunk = 1 << 15;

    private readonly List<double[]> _full = [];
    private double[] _chunk = [];
    private int _used;

    public int Count { get; private set; }

    public void Add(double value)
    {
        if (_used == _chunk.Length)
        {
            NextChunk();
        }

        _chunk[_used++] = value;
        Count++;
    }

    /// <summary>The values; the builder is empty afterwards.</summary>
    public double[] ToArray()
    {
        double[] values = GC.AllocateUninitializedArray<double>(Count);
        int at = 0;
        foreach (double[] chunk in _full)
        {
            chunk.CopyTo(values, at);
            at += chunk.Length;
        }

        Array.Copy(_chunk, 0, values, at, _used);
        _full.Clear();
        _chunk = [];
        _used = Count = 0;
        return values;
    }

    private void NextChunk()
    {
        if (_chunk.Length > 0)
        {
            _full.Add(_chunk);
        }

        _chunk = GC.AllocateUninitializedArray<double>(Math.Clamp(_chunk.Length * 2, FirstChunk, LargestChunk));
        _used = 0;
    }
}
