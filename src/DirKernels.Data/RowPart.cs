namespace DirKernels.Data;

/// <summary>What a row is for.</summary>
public enum RowPart : byte
{
    /// <summary>It is trained on.</summary>
    Train = 0,

    /// <summary>It chooses the best epoch.</summary>
    Validation = 1,

    /// <summary>The model is judged by it.</summary>
    Test = 2,
}
