using System.Runtime.InteropServices;
using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

/// <summary>
/// An operand that starts at an odd element of a larger buffer, between sentinels. All bits of a sentinel are 1, which is NaN in floating point: an
/// operation that reads past its operand spoils its result, one that writes past it is found out by <see cref="Read"/>.
/// </summary>
public sealed class GuardedBuffer<T> : IDisposable
    where T : unmanaged
{
    // Odd, so that no row is aligned; wide enough behind to catch a whole tile of six rows and 65 columns before it does harm elsewhere.
    private const int Before = 71;
    private const int After = 6 * 65;

    private readonly IBackend _backend;
    private readonly DeviceBuffer<T> _buffer;
    private readonly T[] _initial;
    private readonly int _length;

    /// <summary>An operand with contents.</summary>
    public GuardedBuffer(IBackend backend, ReadOnlySpan<T> contents)
        : this(backend, contents.Length)
    {
        contents.CopyTo(_initial.AsSpan(Before));
        _backend.CopyIn<T>(_initial, _buffer);
    }

    /// <summary>A destination, full of sentinels: an element that is not written stays one.</summary>
    public GuardedBuffer(IBackend backend, int length)
    {
        _backend = backend;
        _length = length;
        _initial = new T[Before + length + After];
        MemoryMarshal.AsBytes(_initial.AsSpan()).Fill(0xFF);
        _buffer = backend.Upload(_initial);
    }

    public DeviceView<T> View => _buffer.Slice(Before, _length);

    public static implicit operator DeviceView<T>(GuardedBuffer<T> buffer) => buffer.View;

    /// <summary>The contents, after a look at the sentinels.</summary>
    public T[] Read()
    {
        T[] all = _backend.Download(_buffer);
        Assert.True(SameBits(all.AsSpan(0, Before), _initial.AsSpan(0, Before)), "elements before the operand were written");
        Assert.True(SameBits(all.AsSpan(Before + _length), _initial.AsSpan(Before + _length)), "elements behind the operand were written");
        return all.AsSpan(Before, _length).ToArray();
    }

    /// <summary>Asserts that an operand which is only read still has its bits.</summary>
    public void AssertUnchanged() => Assert.True(SameBits<T>(_backend.Download(_buffer), _initial), "an operand that is only read was written");

    public void Dispose() => _buffer.Dispose();

    private static bool SameBits<TElement>(ReadOnlySpan<TElement> a, ReadOnlySpan<TElement> b)
        where TElement : unmanaged => MemoryMarshal.AsBytes(a).SequenceEqual(MemoryMarshal.AsBytes(b));
}
