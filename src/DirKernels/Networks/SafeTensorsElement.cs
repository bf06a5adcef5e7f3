using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DirKernels.Networks;

/// <summary>Sizes, names and byte order of the numbers in a safetensors file, which is little-endian on every machine.</summary>
internal static class SafeTensorsElement
{
    /// <summary>Bytes of one number.</summary>
    public static int Size(SafeTensorsElementType type) => type switch
    {
        SafeTensorsElementType.F64 or SafeTensorsElementType.I64 => 8,
        SafeTensorsElementType.F32 or SafeTensorsElementType.I32 => 4,
        _ => 1,
    };

    /// <summary>Name of the type in the header.</summary>
    public static string Name(SafeTensorsElementType type) => type switch
    {
        SafeTensorsElementType.F32 => "F32",
        SafeTensorsElementType.F64 => "F64",
        SafeTensorsElementType.I32 => "I32",
        SafeTensorsElementType.I64 => "I64",
        _ => "U8",
    };

    /// <summary>Type of a name in the header, or null.</summary>
    public static SafeTensorsElementType? Parse(string? name) => name switch
    {
        "F32" => SafeTensorsElementType.F32,
        "F64" => SafeTensorsElementType.F64,
        "I32" => SafeTensorsElementType.I32,
        "I64" => SafeTensorsElementType.I64,
        "U8" => SafeTensorsElementType.U8,
        _ => null,
    };

    /// <summary>The bytes of numbers.</summary>
    public static byte[] Encode<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        byte[] bytes = MemoryMarshal.AsBytes(values).ToArray();
        ToggleByteOrder(bytes, Unsafe.SizeOf<T>());
        return bytes;
    }

    /// <summary>The numbers of bytes.</summary>
    public static T[] Decode<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged
    {
        var values = new T[bytes.Length / Unsafe.SizeOf<T>()];
        Span<byte> target = MemoryMarshal.AsBytes(values.AsSpan());
        bytes.CopyTo(target);
        ToggleByteOrder(target, Unsafe.SizeOf<T>());
        return values;
    }

    private static void ToggleByteOrder(Span<byte> bytes, int size)
    {
        for (int i = 0; !BitConverter.IsLittleEndian && size > 1 && i < bytes.Length; i += size)
        {
            bytes.Slice(i, size).Reverse();
        }
    }
}
