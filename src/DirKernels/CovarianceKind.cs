namespace DirKernels;

/// <summary>Which entries of the feature covariance are kept: the diagonal, blocks along it, or all.</summary>
public readonly record struct CovarianceKind
{
    private readonly int _blockSize;

    private CovarianceKind(int blockSize) => _blockSize = blockSize;

    /// <summary>Variances only: block size 1.</summary>
    public static CovarianceKind Diagonal => new(1);

    /// <summary>All entries: block size D.</summary>
    public static CovarianceKind Full => new(0);

    /// <summary>Blocks of g neighbouring dimensions; g = 1 is diagonal, g &gt;= D is full.</summary>
    /// <exception cref="ArgumentException">g is below 1.</exception>
    public static CovarianceKind Block(int g) =>
        g >= 1 ? new(g) : throw new ArgumentException($"covariance: the block size must be at least 1, but is {g}", nameof(g));

    /// <summary>Block size g for D dimensions, 1..D.</summary>
    public int BlockSize(int dimensions) => _blockSize == 0 ? dimensions : Math.Min(_blockSize, dimensions);

    /// <summary><c>diagonal</c>, <c>full</c> or <c>block:G</c>.</summary>
    public override string ToString() => _blockSize switch
    {
        0 => "full",
        1 => "diagonal",
        _ => $"block:{_blockSize}",
    };

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="ArgumentException">Neither diagonal, full nor block:G with G at least 1.</exception>
    public static CovarianceKind Parse(string text)
    {
        if (text == "diagonal")
        {
            return Diagonal;
        }

        if (text == "full")
        {
            return Full;
        }

        if (text.StartsWith("block:", StringComparison.Ordinal) && int.TryParse(text.AsSpan(6), out int g) && g >= 1)
        {
            return Block(g);
        }

        throw new ArgumentException($"covariance must be diagonal, full or block:G with G at least 1, but is '{text}'", nameof(text));
    }
}
