namespace DirKernels.Data;

/// <summary>Finds where records end in a text that arrives in pieces: at line ends outside of quotes. Looks at each byte once.</summary>
/// <param name="delimiter">What separates fields.</param>
/// <param name="quoted">Whether fields may be quoted (RFC 4180): then a quote at the start of a field, and nowhere else, opens it.</param>
internal sealed class RecordEnds(byte delimiter, bool quoted)
{
    private const byte LineFeed = (byte)'\n', CarriageReturn = (byte)'\r', Quote = (byte)'"';

    private int _seen;
    private bool _inQuotes;
    private int _closed = -1;

    /// <summary>Finds the end of the next records.</summary>
    /// <param name="text">Begins where the result of the last call ended; grows from call to call.</param>
    /// <param name="most">At most so many records; empty lines count.</param>
    /// <returns>Length of the records that are complete; 0 when none is.</returns>
    public int Find(ReadOnlySpan<byte> text, int most)
    {
        int at = _seen, end = 0;
        for (int found = 0; found < most && at < text.Length;)
        {
            int step = _inQuotes ? text[at..].IndexOf(Quote)
                : quoted ? text[at..].IndexOfAny(LineFeed, CarriageReturn, Quote)
                : text[at..].IndexOfAny(LineFeed, CarriageReturn);
            if (step < 0)
            {
                at = text.Length;
                break;
            }

            int here = at + step;
            at = here + 1;
            if (text[here] == Quote)
            {
                // Two of them in a quoted field stand for one: the second one opens it again.
                _inQuotes = !_inQuotes && (here == end || here == _closed || text[here - 1] == delimiter);
                _closed = _inQuotes ? -1 : at;
                continue;
            }

            if (text[here] == CarriageReturn)
            {
                if (at == text.Length)
                {
                    at = here; // a line feed that belongs to it may follow
                    break;
                }

                at += text[at] == LineFeed ? 1 : 0;
            }

            end = at;
            found++;
        }

        _seen = at - end;
        _closed -= end;
        return end;
    }

    /// <summary>Lines that end in a text: CR, LF and CR LF each end one.</summary>
    public static int CountLines(ReadOnlySpan<byte> text)
    {
        int lines = text.Count(LineFeed);
        return text.Contains(CarriageReturn) ? lines + text.Count(CarriageReturn) - text.Count("\r\n"u8) : lines;
    }
}
