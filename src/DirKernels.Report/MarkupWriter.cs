using System.Globalization;
using System.Text;

namespace DirKernels.Report;

/// <summary>Writes well-formed markup that is HTML and XML at once: every element closed, every attribute quoted, text escaped.</summary>
internal sealed class MarkupWriter
{
    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();
    private bool _inTag;

    /// <summary>Starts an element.</summary>
    public MarkupWriter Open(string name)
    {
        EndTag();
        _text.Append('<').Append(name);
        _open.Push(name);
        _inTag = true;
        return this;
    }

    /// <summary>An attribute of the element just started.</summary>
    public MarkupWriter With(string attribute, string value)
    {
        _text.Append(' ').Append(attribute).Append("=\"");
        Escape(value);
        _text.Append('"');
        return this;
    }

    /// <summary>A coordinate: two decimals, which is a hundredth of a pixel.</summary>
    public MarkupWriter With(string attribute, double coordinate) => With(attribute, Coordinate(coordinate));

    /// <summary>Text inside the element.</summary>
    public MarkupWriter Text(string text)
    {
        EndTag();
        Escape(text);
        return this;
    }

    /// <summary>Markup that is written as it is.</summary>
    public MarkupWriter Raw(string markup)
    {
        EndTag();
        _text.Append(markup);
        return this;
    }

    /// <summary>Ends the innermost element; one without content by <c>/&gt;</c>.</summary>
    public MarkupWriter Close()
    {
        string name = _open.Pop();
        if (_inTag && IsVoid(name))
        {
            _text.Append("/>");
            _inTag = false;
            return this;
        }

        EndTag();
        _text.Append("</").Append(name).Append('>');
        return this;
    }

    /// <summary>An element with nothing but text.</summary>
    public MarkupWriter Element(string name, string text) => Open(name).Text(text).Close();

    /// <summary>A line end, for people who look at the source.</summary>
    public MarkupWriter NewLine() => Raw("\n");

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    /// <summary>A coordinate as text.</summary>
    public static string Coordinate(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    // HTML closes these elements by themselves, and takes no other element's "/>" for an end; SVG takes any.
    private static bool IsVoid(string name) => name is "meta" or "br" or "rect" or "line" or "path" or "circle" or "polygon";

    private void EndTag()
    {
        if (_inTag)
        {
            _text.Append('>');
            _inTag = false;
        }
    }

    private void Escape(string text)
    {
        foreach (char character in text)
        {
            _ = character switch
            {
                '<' => _text.Append("&lt;"),
                '>' => _text.Append("&gt;"),
                '&' => _text.Append("&amp;"),
                '"' => _text.Append("&quot;"),
                '\n' or '\t' => _text.Append(character),
                // Control characters are not allowed in XML, not even escaped.
                < ' ' => _text.Append('\uFFFD'),
                _ => _text.Append(character),
            };
        }
    }
}
