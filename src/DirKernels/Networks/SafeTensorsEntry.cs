namespace DirKernels.Networks;

/// <summary>One named tensor of a safetensors file: type, shape, and row-major little-endian bytes.</summary>
public sealed class SafeTensorsEntry
{
    private readonly long[] _shape;
    private readonly byte[] _data;

    internal SafeTensorsEntry(string name, SafeTensorsElementType elementType, long[] shape, byte[] data)
    {
        Name = name;
        ElementType = elementType;
        _shape = shape;
        _data = data;
    }

    /// <summary>Name, unique in its file.</summary>
    public string Name { get; }

    /// <summary>Type of the numbers.</summary>
    public SafeTensorsElementType ElementType { get; }

    /// <summary>Extent of each dimension; empty for a scalar.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>Number of elements, the product of the shape.</summary>
    public long Count => _data.LongLength / SafeTensorsElement.Size(ElementType);

    /// <summary>The bytes as they are in the file.</summary>
    public ReadOnlyMemory<byte> Data => _data;

    /// <summary>The numbers as a new array.</summary>
    /// <exception cref="InvalidDataException">The type is not F32.</exception>
    public float[] ToSingles() => To<float>(SafeTensorsElementType.F32);

    /// <summary>The numbers as a new array.</summary>
    /// <exception cref="InvalidDataException">The type is not F64.</exception>
    public double[] ToDoubles() => To<double>(SafeTensorsElementType.F64);

    /// <summary>The numbers as a new array.</summary>
    /// <exception cref="InvalidDataException">The type is not I32.</exception>
    public int[] ToIntegers() => To<int>(SafeTensorsElementType.I32);

    /// <summary>The numbers as a new array.</summary>
    /// <exception cref="InvalidDataException">The type is not I64.</exception>
    public long[] ToLongIntegers() => To<long>(SafeTensorsElementType.I64);

    /// <summary>The numbers as a new array.</summary>
    /// <exception cref="InvalidDataException">The type is not U8.</exception>
    public byte[] ToBytes() => To<byte>(SafeTensorsElementType.U8);

    /// <summary>Throws unless the shape is the one that the reader of a model needs.</summary>
    /// <exception cref="InvalidDataException">The shapes differ; the message carries both.</exception>
    public void ThrowIfShapeIsNot(params ReadOnlySpan<long> shape)
    {
        if (!shape.SequenceEqual(_shape))
        {
            throw new InvalidDataException($"safetensors: tensor '{Name}' is {Describe(_shape)} but must be {Describe(shape)}");
        }
    }

    /// <summary>For people: <c>weight F32 [128x64]</c>.</summary>
    public override string ToString() => $"{Name} {SafeTensorsElement.Name(ElementType)} {Describe(_shape)}";

    internal static string Describe(ReadOnlySpan<long> shape) => $"[{string.Join('x', shape.ToArray())}]";

    private T[] To<T>(SafeTensorsElementType needed)
        where T : unmanaged
    {
        if (ElementType != needed)
        {
            throw new InvalidDataException(
                $"safetensors: tensor '{Name}' holds {SafeTensorsElement.Name(ElementType)} but must hold {SafeTensorsElement.Name(needed)}");
        }

        return SafeTensorsElement.Decode<T>(_data);
    }
}
