namespace DirKernels.Data;

/// <summary>How a table is read. The defaults suit a training table without missing values.</summary>
public sealed record TableOptions
{
    /// <summary>The defaults.</summary>
    public static TableOptions Default { get; } = new();

    /// <summary>What a missing value means; an error by default.</summary>
    public MissingValues Missing { get; init; } = MissingValues.Error;

    /// <summary>
    /// The columns to keep, or null for all of them. Others are neither parsed nor stored, so what they hold cannot be an error; only the number
    /// of fields of every row is checked still. Names that the file does not have are passed over here and reported by whoever needs them.
    /// </summary>
    public IReadOnlyCollection<string>? Columns { get; init; }

    /// <summary>Columns that are text whatever their values look like, such as the categorical columns of a trained model; null for none.</summary>
    public IReadOnlyCollection<string>? TextColumns { get; init; }

    /// <summary>
    /// Columns that are numeric even when no row has a value, such as the numeric columns of a trained model of which a few rows are to be predicted;
    /// null for none.
    /// </summary>
    public IReadOnlyCollection<string>? NumericColumns { get; init; }

    /// <summary>Field separator: an ASCII character other than quote and line ends, by default comma, or tab for a source named <c>.tsv</c> or <c>.tsv.gz</c>.</summary>
    public char? Delimiter { get; init; }
}
