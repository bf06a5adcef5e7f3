namespace DirKernels.Networks;

/// <summary>Types of the numbers in a tensor of a safetensors file, by their names in the format.</summary>
public enum SafeTensorsElementType
{
    /// <summary>IEEE single precision, 4 bytes.</summary>
    F32,

    /// <summary>IEEE double precision, 8 bytes.</summary>
    F64,

    /// <summary>Signed integer, 4 bytes.</summary>
    I32,

    /// <summary>Signed integer, 8 bytes.</summary>
    I64,

    /// <summary>Unsigned integer, 1 byte.</summary>
    U8,
}
