namespace DirKernels.Networks;

/// <summary>One array of a network that was trained elsewhere.</summary>
/// <param name="Name">Its name there, such as <c>0.weight</c>.</param>
/// <param name="Shape">Extent of each dimension; empty for a scalar.</param>
/// <param name="Values">Row-major.</param>
public sealed record NamedTensor(string Name, IReadOnlyList<long> Shape, double[] Values)
{
    /// <summary>For people: <c>0.weight [128x64]</c>.</summary>
    public override string ToString() => $"{Name} {SafeTensorsEntry.Describe([.. Shape])}";

    /// <summary>The tensors of a safetensors file, integers included.</summary>
    public static IReadOnlyList<NamedTensor> Of(SafeTensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return [.. file.Tensors.Select(tensor => new NamedTensor(tensor.Name, tensor.Shape.ToArray(), ValuesOf(tensor)))];
    }

    private static double[] ValuesOf(SafeTensorsEntry tensor) => tensor.ElementType switch
    {
        SafeTensorsElementType.F64 => tensor.ToDoubles(),
        SafeTensorsElementType.F32 => Array.ConvertAll(tensor.ToSingles(), value => (double)value),
        SafeTensorsElementType.I64 => Array.ConvertAll(tensor.ToLongIntegers(), value => (double)value),
        SafeTensorsElementType.I32 => Array.ConvertAll(tensor.ToIntegers(), value => (double)value),
        _ => Array.ConvertAll(tensor.ToBytes(), value => (double)value),
    };
}
