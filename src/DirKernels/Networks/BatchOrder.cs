namespace DirKernels.Networks;

/// <summary>How the rows of an epoch are dealt into mini-batches; each row is in one of them whichever it is.</summary>
public enum BatchOrder
{
    /// <summary>At random.</summary>
    Shuffled,

    /// <summary>At random, but so that every batch has its share of the rows of each label bin, to within one row.</summary>
    Stratified,
}
