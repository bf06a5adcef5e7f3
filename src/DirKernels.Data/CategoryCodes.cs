namespace DirKernels.Data;

/// <summary>Codes of the values of a text column that comes in parts, each with codes of its own.</summary>
/// <param name="name">Name of the column, for messages.</param>
internal sealed class CategoryCodes(string name)
{
    private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);
    private readonly List<string> _categories = [];

    /// <summary>The different values so far, in order of appearance.</summary>
    public IReadOnlyList<string> Categories => _categories;

    /// <summary>Code of a missing value; null when there was none.</summary>
    public int? MissingCode => _codes.TryGetValue(TextColumn.MissingCategory, out int code) ? code : null;

    /// <summary>The codes of a part.</summary>
    /// <exception cref="InvalidDataException">Too many different values.</exception>
    public int[] CodesOf(TextColumn part)
    {
        int[] codeOf = Array.ConvertAll(part.Categories, CodeOf);
        return Array.ConvertAll(part.Codes, code => codeOf[code]);
    }

    private int CodeOf(string category)
    {
        if (!_codes.TryGetValue(category, out int code))
        {
            code = _categories.Count;
            if (code == ColumnChunk.LargestCategoryCount)
            {
                throw new InvalidDataException($"column '{name}' holds text with more than {ColumnChunk.LargestCategoryCount} different values; leave it out");
            }

            _codes.Add(category, code);
            _categories.Add(category);
        }

        return code;
    }
}
