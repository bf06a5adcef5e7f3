namespace DirKernels.Networks;

/// <summary>How one column of a table becomes inputs of a model: plain data, to be stored in a model file and restored from it.</summary>
public sealed record EncodedColumn
{
    /// <summary>Most categories that a text column may have: beyond, it is an identifier rather than a category.</summary>
    public const int LargestCategoryCount = 64;

    private EncodedColumn(string name, EncodedColumnKind kind, double mean, double scale, double median, IReadOnlyList<string> categories)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        Kind = kind;
        Mean = mean;
        Scale = scale;
        Median = median;
        Categories = categories;
    }

    /// <summary>Name of the table column.</summary>
    public string Name { get; }

    /// <summary>How it is encoded.</summary>
    public EncodedColumnKind Kind { get; }

    /// <summary>Mean over the training rows, missing values replaced; 0 for a categorical column.</summary>
    public double Mean { get; }

    /// <summary>Population standard deviation over the training rows (divisor N), or 1 when they are all equal; 1 for a categorical column.</summary>
    public double Scale { get; }

    /// <summary>Median of the training rows, which stands for a missing value; 0 for a categorical column.</summary>
    public double Median { get; }

    /// <summary>The categories in the order of their inputs; empty for a numeric column.</summary>
    public IReadOnlyList<string> Categories { get; }

    /// <summary>Number of inputs that the column becomes.</summary>
    public int Width => Kind == EncodedColumnKind.Numeric ? 1 : Categories.Count;

    /// <summary>A numeric column.</summary>
    /// <exception cref="ArgumentException">A number is not finite, or the scale is not positive.</exception>
    public static EncodedColumn Numeric(string name, double mean, double scale, double median)
    {
        if (!double.IsFinite(mean) || !double.IsFinite(median) || !double.IsFinite(scale) || scale <= 0)
        {
            throw new ArgumentException($"column '{name}': mean {mean}, scale {scale}, median {median}; they must be finite and the scale positive");
        }

        return new EncodedColumn(name, EncodedColumnKind.Numeric, mean, scale, median, []);
    }

    /// <summary>A text column.</summary>
    /// <exception cref="ArgumentException">No categories, more than <see cref="LargestCategoryCount"/>, or one occurs twice.</exception>
    public static EncodedColumn Categorical(string name, IReadOnlyList<string> categories)
    {
        ArgumentNullException.ThrowIfNull(categories);
        if (categories.Count is < 1 or > LargestCategoryCount || categories.Distinct(StringComparer.Ordinal).Count() != categories.Count)
        {
            throw new ArgumentException($"column '{name}': there must be 1..{LargestCategoryCount} different categories, but there are {categories.Count}", nameof(categories));
        }

        return new EncodedColumn(name, EncodedColumnKind.Categorical, 0, 1, 0, [.. categories]);
    }

    /// <summary>Whether both describe the same encoding.</summary>
    public bool Equals(EncodedColumn? other) =>
        other is not null && Name == other.Name && Kind == other.Kind && Mean.Equals(other.Mean) && Scale.Equals(other.Scale)
        && Median.Equals(other.Median) && Categories.SequenceEqual(other.Categories, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Kind, Mean, Scale, Median, Categories.Count);
}
