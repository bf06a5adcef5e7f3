namespace DirKernels.Networks;

/// <summary>How a table column becomes network inputs.</summary>
public enum EncodedColumnKind
{
    /// <summary>One input: <c>(value - Mean) / Scale</c>.</summary>
    Numeric,

    /// <summary>One input per category, 1 for the row's own and 0 for the others (one-hot).</summary>
    Categorical,
}
