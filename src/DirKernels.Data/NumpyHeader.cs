using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace DirKernels.Data;

/// <summary>The header of a NumPy array file, versions 1 to 3: <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>.</summary>
/// <param name="ElementType">Code of the element type, one of <see cref="SupportedTypes"/>.</param>
/// <param name="FortranOrder">Whether columns, not rows, are contiguous.</param>
/// <param name="Rows">Number of rows, at least 1.</param>
/// <param name="Columns">Number of columns, 1..<see cref="LargestColumnCount"/>; 1 for a one-dimensional array.</param>
/// <param name="Dimensions">1 or 2.</param>
internal readonly record struct NumpyHeader(string ElementType, bool FortranOrder, int Rows, int Columns, int Dimensions)
{
    public const int LargestColumnCount = 1 << 20;

    /// <summary>NumPy itself writes well under 200 bytes for a plain array and by default refuses to parse more than 10,000.</summary>
    private const int LargestHeader = 10_000;

    private static readonly string[] _supportedTypes = ["<f4", "<f8", "<i4", "<i8", "|u1", "|b1"];

    /// <summary>Number of bytes that tell an array file.</summary>
    public const int MagicLength = 6;

    public static string SupportedTypes => string.Join(", ", _supportedTypes);

    public int ElementSize => ElementType[2] - '0';

    /// <summary>Whether the first bytes of a file are those of an array file.</summary>
    public static bool StartsArray(ReadOnlySpan<byte> start) => start.Length >= MagicLength && start[0] == 0x93 && start[1..MagicLength].SequenceEqual("NUMPY"u8);

    /// <summary>Reads the header, leaving the stream at the first element.</summary>
    /// <exception cref="InvalidDataException">It is not the header of an array that can be read.</exception>
    public static NumpyHeader Read(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[8];
        if (stream.ReadAtLeast(start, 8, throwOnEndOfStream: false) < 8 || !StartsArray(start))
        {
            throw new InvalidDataException($"{name}: this is not a NumPy array file");
        }

        int version = start[6];
        if (version is < 1 or > 3)
        {
            throw new InvalidDataException($"{name}: NumPy format version {version} is not known (1 to 3 are)");
        }

        Span<byte> lengthBytes = stackalloc byte[version == 1 ? 2 : 4];
        if (stream.ReadAtLeast(lengthBytes, lengthBytes.Length, throwOnEndOfStream: false) < lengthBytes.Length)
        {
            throw new InvalidDataException($"{name}: the NumPy header is cut off");
        }

        uint length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes) : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > LargestHeader)
        {
            throw new InvalidDataException($"{name}: the NumPy header claims {length} bytes; more than {LargestHeader} are not read");
        }

        var header = new byte[length];
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
        {
            throw new InvalidDataException($"{name}: the NumPy header is cut off");
        }

        return Parse(Encoding.UTF8.GetString(header).ReplaceLineEndings(" "), name);
    }

    private static NumpyHeader Parse(string header, string name)
    {
        string elementType = Value(header, "descr", name).Trim('\'', '"');
        if (!_supportedTypes.Contains(elementType))
        {
            throw new InvalidDataException($"{name}: element type '{elementType}' is not supported (supported: {SupportedTypes})");
        }

        bool fortranOrder = Value(header, "fortran_order", name) switch
        {
            "True" => true,
            "False" => false,
            string other => throw new InvalidDataException($"{name}: the NumPy header has fortran_order {other}"),
        };
        string shape = Value(header, "shape", name);
        string[] sizes = shape.Trim('(', ')').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (sizes.Length is < 1 or > 2)
        {
            throw new InvalidDataException($"{name}: the array has shape {shape}; one or two dimensions can be read");
        }

        long rows = Size(sizes[0], shape, name), columns = sizes.Length == 2 ? Size(sizes[1], shape, name) : 1;
        if (rows == 0 || columns == 0)
        {
            throw new InvalidDataException($"{name}: the array has shape {shape}; there are no values");
        }

        if (rows > Array.MaxLength || columns > LargestColumnCount)
        {
            throw new InvalidDataException($"{name}: the array has shape {shape}; at most {Array.MaxLength} rows and {LargestColumnCount} columns can be read");
        }

        return new NumpyHeader(elementType, fortranOrder && sizes.Length == 2, (int)rows, (int)columns, sizes.Length);
    }

    private static long Size(string text, string shape, string name) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            ? size
            : throw new InvalidDataException($"{name}: the NumPy header has shape {shape}");

    /// <summary>The text of one entry of the header's dictionary: up to the closing bracket for a tuple or list, otherwise up to the comma or brace.</summary>
    private static string Value(string header, string key, string name)
    {
        int at = header.IndexOf($"'{key}':", StringComparison.Ordinal);
        if (at >= 0)
        {
            ReadOnlySpan<char> rest = header.AsSpan(at + key.Length + 3).TrimStart();
            int end = rest.StartsWith("(") ? rest.IndexOf(')') + 1 : rest.IndexOfAny(',', '}');
            if (end > 0)
            {
                return rest[..end].Trim().ToString();
            }
        }

        throw new InvalidDataException($"{name}: the NumPy header has no valid '{key}'");
    }
}
