using System.Buffers;

namespace DirKernels.Data;

/// <summary>Complete records of a text, in memory of their own.</summary>
internal sealed class LineBlock : IDisposable
{
    private readonly int _length;
    private byte[] _buffer;

    /// <summary>Copies records.</summary>
    /// <param name="records">UTF-8.</param>
    /// <param name="firstLine">Number of their first line in the source.</param>
    public LineBlock(ReadOnlySpan<byte> records, long firstLine)
    {
        FirstLine = firstLine;
        _length = records.Length;
        _buffer = ArrayPool<byte>.Shared.Rent(_length + 1);
        _buffer[0] = (byte)'\n';
        records.CopyTo(_buffer.AsSpan(1));
    }

    /// <summary>Number of the first line in the source, from 1.</summary>
    public long FirstLine { get; }

    /// <summary>The records.</summary>
    public ReadOnlyMemory<byte> Text => _buffer.AsMemory(1, _length);

    /// <summary>The records below an empty line, so that what they begin with is not taken for a mark of another encoding.</summary>
    public ReadOnlyMemory<byte> TextBelowEmptyLine => _buffer.AsMemory(0, _length + 1);

    /// <summary>Whether all lines are empty.</summary>
    public bool IsBlank => !Text.Span.ContainsAnyExcept((byte)'\n', (byte)'\r');

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
