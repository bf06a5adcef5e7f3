namespace DirKernels.Networks;

/// <summary>One array of parameters in the flat buffer.</summary>
/// <param name="Name"><c>layers.0.weight</c>, <c>head.bias</c>, ...</param>
/// <param name="Offset">First element.</param>
/// <param name="Rows">Rows; weights are [inputs x outputs].</param>
/// <param name="Columns">Columns.</param>
public sealed record ParameterEntry(string Name, long Offset, int Rows, int Columns)
{
    /// <summary>Rows times columns.</summary>
    public long Length => (long)Rows * Columns;
}
