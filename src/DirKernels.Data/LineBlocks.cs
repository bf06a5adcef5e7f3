namespace DirKernels.Data;

/// <summary>
/// Reads a text and cuts it into blocks of complete records. What a source has ready is given at once: a block never waits for more than the end of its
/// first record.
/// </summary>
internal sealed class LineBlocks
{
    private const int Capacity = 1 << 18;

    /// <summary>Guards against an unclosed quote that swallows the file.</summary>
    private const int LargestRecord = 64 << 20;

    private readonly Stream _text;
    private readonly string _name;
    private readonly RecordEnds _ends;
    private byte[] _buffer = new byte[Capacity];
    private int _start;
    private int _end;
    private long _line = 1;

    /// <param name="text">UTF-8; left open.</param>
    /// <param name="name">Name of the source for messages.</param>
    /// <param name="ends">How records end.</param>
    public LineBlocks(Stream text, string name, RecordEnds ends)
    {
        _text = text;
        _name = name;
        _ends = ends;
    }

    /// <summary>The next records, empty lines among them; waits for a source that is slow.</summary>
    /// <param name="most">At most so many, at least 1.</param>
    /// <returns>At least one record, the last one perhaps without an end; null when there are no more.</returns>
    /// <exception cref="InvalidDataException">A record is too long.</exception>
    public LineBlock? Next(int most)
    {
        int length;
        while ((length = _ends.Find(_buffer.AsSpan(_start.._end), most)) == 0)
        {
            if (!ReadMore())
            {
                length = _end - _start;
                break;
            }
        }

        if (length == 0)
        {
            return null;
        }

        ReadOnlySpan<byte> records = _buffer.AsSpan(_start, length);
        var block = new LineBlock(records, _line);
        _line += RecordEnds.CountLines(records);
        _start += length;
        return block;
    }

    private bool ReadMore()
    {
        // No record is complete, so that what is left is little, unless it is one long record.
        Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
        {
            if (_end >= LargestRecord)
            {
                throw new InvalidDataException($"{_name}: row {_line}: no end of the row within {LargestRecord >> 20} MiB; is there a quote that is never closed?");
            }

            Array.Resize(ref _buffer, 2 * _end);
        }

        int read = _text.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }
}
