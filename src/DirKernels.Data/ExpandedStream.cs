using System.IO.Compression;

namespace DirKernels.Data;

/// <summary>
/// A read-only view of a stream that may be compressed with gzip, as its first two bytes tell: expanded when it is, itself when it is not.
/// </summary>
/// <remarks>
/// The runtime's decompressor takes the end of a truncated file for the end of the data. The last four bytes of a gzip member hold the length of
/// its data, so that the loss shows here, except when several members are joined: these need the runtime's own strict validation.
/// </remarks>
internal sealed class ExpandedStream : Stream
{
    /// <summary>The runtime's switch for checking that compressed data is complete; a program sets it in its runtime configuration.</summary>
    private const string StrictValidationSwitch = "System.IO.Compression.UseStrictValidation";

    private readonly string _name;
    private readonly PrefixedStream _source;
    private readonly GZipStream? _gzip;
    private uint _expandedLength;

    /// <summary>Reads <paramref name="stream"/> from its present position; leaves it open when disposed.</summary>
    public ExpandedStream(Stream stream, string name)
    {
        _name = name;
        Span<byte> magic = stackalloc byte[2];
        int read = stream.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        _source = new PrefixedStream(magic[..read].ToArray(), stream);
        IsCompressed = read == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
        _gzip = IsCompressed ? new GZipStream(_source, CompressionMode.Decompress, leaveOpen: true) : null;
    }

    public bool IsCompressed { get; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (_gzip is null)
        {
            return _source.Read(buffer);
        }

        int read;
        try
        {
            read = _gzip.Read(buffer);
        }
        catch (InvalidDataException damaged)
        {
            throw new InvalidDataException($"{_name}: the gzip data is damaged or cut off ({damaged.Message})", damaged);
        }

        _expandedLength += (uint)read;
        if (read == 0 && !buffer.IsEmpty && _expandedLength != _source.LastFourBytes
            && !(AppContext.TryGetSwitch(StrictValidationSwitch, out bool strict) && strict))
        {
            throw new InvalidDataException($"{_name}: the gzip data is cut off (or made of several joined parts)");
        }

        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _gzip?.Dispose();
        base.Dispose(disposing);
    }
}
