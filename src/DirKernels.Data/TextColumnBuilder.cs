using System.Text;

namespace DirKernels.Data;

/// <summary>Collects a dictionary-coded text column; only the first appearance of a value allocates.</summary>
internal sealed class TextColumnBuilder
{
    /// <summary>Throws on bytes that are not UTF-8, rather than replace them and so merge different categories.</summary>
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<int> _codes = [];
    private readonly List<string> _categories = [];
    private readonly Dictionary<string, int> _codeOf;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _codeOfCharacters;
    private char[] _characters = new char[64];

    public TextColumnBuilder()
    {
        _codeOf = new Dictionary<string, int>(StringComparer.Ordinal);
        _codeOfCharacters = _codeOf.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Adds a value.</summary>
    /// <exception cref="DecoderFallbackException">It is not valid UTF-8.</exception>
    public void Add(ReadOnlySpan<byte> utf8)
    {
        if (_characters.Length < utf8.Length)
        {
            _characters = new char[Math.Max(utf8.Length, 2 * _characters.Length)];
        }

        Add(_characters.AsSpan(0, _strict.GetChars(utf8, _characters)));
    }

    public void Add(ReadOnlySpan<char> value)
    {
        if (!_codeOfCharacters.TryGetValue(value, out int code))
        {
            code = _categories.Count;
            _categories.Add(value.ToString());
            _codeOf.Add(_categories[code], code);
        }

        _codes.Add(code);
    }

    /// <summary>The column.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="count">Values to keep, the first ones.</param>
    public TextColumn ToColumn(string name, int count) => new(name, _codes.GetRange(0, count).ToArray(), [.. _categories]);
}
