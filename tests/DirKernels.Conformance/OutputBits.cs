using System.Runtime.InteropServices;

namespace DirKernels.Conformance;

/// <summary>Collects the bits of results, to compare runs that must agree exactly.</summary>
public sealed class OutputBits
{
    private readonly List<byte[]> _results = [];

    public int Count => _results.Count;

    public void Add<T>(ReadOnlySpan<T> result)
        where T : unmanaged => _results.Add(MemoryMarshal.AsBytes(result).ToArray());

    public void Add<T>(T[] result)
        where T : unmanaged => Add<T>(result.AsSpan());

    /// <summary>Index of the first result that differs, or -1.</summary>
    public int FirstDifference(OutputBits other)
    {
        for (int i = 0; i < _results.Count; i++)
        {
            if (i >= other._results.Count || !_results[i].AsSpan().SequenceEqual(other._results[i]))
            {
                return i;
            }
        }

        return other._results.Count == _results.Count ? -1 : _results.Count;
    }
}
