namespace DirKernels.Data;

/// <summary>A column of text, dictionary-coded: row i holds <c>Categories[Codes[i]]</c>.</summary>
public sealed class TextColumn : TableColumn
{
    /// <summary>The category of missing values, when these are allowed.</summary>
    public const string MissingCategory = "(missing)";

    /// <summary>A column from codes and their meaning; both arrays are kept, not copied.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="codes">N indices into <paramref name="categories"/>.</param>
    /// <param name="categories">The distinct values, usually in order of first appearance.</param>
    /// <exception cref="ArgumentException">A code is outside the categories.</exception>
    public TextColumn(string name, int[] codes, string[] categories)
        : base(name)
    {
        foreach (int code in codes)
        {
            if ((uint)code >= (uint)categories.Length)
            {
                throw new ArgumentException($"column '{name}' has code {code} but only {categories.Length} categories", nameof(codes));
            }
        }

        Codes = codes;
        Categories = categories;
    }

    /// <summary>N indices into <see cref="Categories"/>.</summary>
    public int[] Codes { get; }

    /// <summary>The distinct values.</summary>
    public string[] Categories { get; }

    /// <inheritdoc/>
    public override int RowCount => Codes.Length;
}
