using System.Buffers.Binary;

namespace DirKernels.Data;

/// <summary>A stream whose first bytes were read already to see what it holds: gives them again, then the rest. Remembers the last four bytes given.</summary>
internal sealed class PrefixedStream(byte[] prefix, Stream rest) : Stream
{
    private readonly byte[] _tail = new byte[4];
    private int _given;

    /// <summary>The last four bytes given, little-endian; zeros stand for those not given yet.</summary>
    public uint LastFourBytes => BinaryPrimitives.ReadUInt32LittleEndian(_tail);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        int read;
        if (_given < prefix.Length)
        {
            read = Math.Min(buffer.Length, prefix.Length - _given);
            prefix.AsSpan(_given, read).CopyTo(buffer);
            _given += read;
        }
        else
        {
            read = rest.Read(buffer);
        }

        int kept = Math.Max(0, 4 - read);
        _tail.AsSpan(4 - kept).CopyTo(_tail);
        buffer[Math.Max(0, read - 4)..read].CopyTo(_tail.AsSpan(kept));
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
