using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DirKernels.Networks;

/// <summary>
/// The contents of a safetensors file: named tensors and a map of text to text. Reads and writes the format; what the tensors mean is the caller's.
/// </summary>
/// <remarks>
/// Format: 8 bytes of little-endian header length, a JSON header <c>{"__metadata__": {..}, "name": {"dtype", "shape", "data_offsets"}, ..}</c>, then
/// the bytes of the tensors without gaps. Types F32, F64, I32, I64, U8. Writing is deterministic: the same contents give the same bytes whatever the
/// order of adding. Reading believes nothing: whatever is wrong with a file is an <see cref="InvalidDataException"/> of one sentence, and
/// memory is bounded by a small multiple of what the file holds, not by what it claims.
/// Source: https://github.com/huggingface/safetensors, section "Format".
/// </remarks>
public sealed class SafeTensorsFile
{
    /// <summary>Largest header read or written, bytes.</summary>
    public const int MaximumHeaderBytes = 100_000_000;

    internal const string MetadataKey = "__metadata__";

    private static readonly UTF8Encoding _strictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SafeTensorsEntry> _tensors = new(StringComparer.Ordinal);

    /// <summary>Text that travels with the tensors, in ordinal order of the keys.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensors, in ordinal order of their names.</summary>
    public IReadOnlyCollection<SafeTensorsEntry> Tensors => _tensors.Values;

    /// <summary>Reads a file from a stream, to its end.</summary>
    /// <param name="stream">A readable stream at the start of the file; need not be seekable; left open.</param>
    /// <exception cref="InvalidDataException">The contents are not a valid safetensors file of the types known here.</exception>
    public static SafeTensorsFile Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return SafeTensorsReader.Read(stream);
    }

    /// <summary>Reads a file from memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="InvalidDataException">The contents are not a valid safetensors file of the types known here.</exception>
    public static SafeTensorsFile Read(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return Read(new MemoryStream(bytes, writable: false));
    }

    /// <summary>Writes the file: metadata by key, tensors by descending size of their numbers and then by name, so that all are aligned.</summary>
    /// <param name="stream">A writable stream; left open and not flushed.</param>
    /// <exception cref="InvalidDataException">The header is larger than <see cref="MaximumHeaderBytes"/>.</exception>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        SafeTensorsWriter.Write(this, stream);
    }

    /// <summary>Sets one text of the metadata.</summary>
    /// <exception cref="ArgumentException">Key or value is not valid Unicode.</exception>
    public void SetMetadata(string key, string value)
    {
        ThrowIfNotUnicode(key);
        ThrowIfNotUnicode(value);
        _metadata[key] = value;
    }

    /// <summary>Adds a tensor of single-precision numbers.</summary>
    /// <param name="name">A name not used yet.</param>
    /// <param name="values">The numbers, row-major; copied.</param>
    /// <param name="shape">Extent of each dimension; empty for a scalar.</param>
    /// <exception cref="ArgumentException">The name is taken, reserved or not valid Unicode, or the shape does not hold that many values.</exception>
    public void Add(string name, ReadOnlySpan<float> values, ReadOnlySpan<long> shape) => Add(name, SafeTensorsElementType.F32, values, shape);

    /// <summary>Adds a tensor of double-precision numbers; otherwise as for single precision.</summary>
    public void Add(string name, ReadOnlySpan<double> values, ReadOnlySpan<long> shape) => Add(name, SafeTensorsElementType.F64, values, shape);

    /// <summary>Adds a tensor of 32-bit integers; otherwise as for single precision.</summary>
    public void Add(string name, ReadOnlySpan<int> values, ReadOnlySpan<long> shape) => Add(name, SafeTensorsElementType.I32, values, shape);

    /// <summary>Adds a tensor of 64-bit integers; otherwise as for single precision.</summary>
    public void Add(string name, ReadOnlySpan<long> values, ReadOnlySpan<long> shape) => Add(name, SafeTensorsElementType.I64, values, shape);

    /// <summary>Adds a tensor of bytes; otherwise as for single precision.</summary>
    public void Add(string name, ReadOnlySpan<byte> values, ReadOnlySpan<long> shape) => Add(name, SafeTensorsElementType.U8, values, shape);

    /// <summary>Adds a vector: a tensor of one dimension.</summary>
    /// <exception cref="ArgumentException">The name is taken, reserved or not valid Unicode.</exception>
    public void Add(string name, ReadOnlySpan<float> values) => Add(name, values, [values.Length]);

    /// <summary>Adds a vector: a tensor of one dimension.</summary>
    /// <exception cref="ArgumentException">The name is taken, reserved or not valid Unicode.</exception>
    public void Add(string name, ReadOnlySpan<double> values) => Add(name, values, [values.Length]);

    /// <summary>Adds a vector: a tensor of one dimension.</summary>
    /// <exception cref="ArgumentException">The name is taken, reserved or not valid Unicode.</exception>
    public void Add(string name, ReadOnlySpan<int> values) => Add(name, values, [values.Length]);

    /// <summary>Adds a vector: a tensor of one dimension.</summary>
    /// <exception cref="ArgumentException">The name is taken, reserved or not valid Unicode.</exception>
    public void Add(string name, ReadOnlySpan<long> values) => Add(name, values, [values.Length]);

    /// <summary>Adds a vector: a tensor of one dimension.</summary>
    /// <exception cref="ArgumentException">The name is taken, reserved or not valid Unicode.</exception>
    public void Add(string name, ReadOnlySpan<byte> values) => Add(name, values, [values.Length]);

    /// <summary>The tensor of a name, if there is one.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out SafeTensorsEntry? tensor) => _tensors.TryGetValue(name, out tensor);

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="InvalidDataException">There is none; the message names it.</exception>
    public SafeTensorsEntry Get(string name) => _tensors.TryGetValue(name, out SafeTensorsEntry? tensor)
        ? tensor
        : throw new InvalidDataException($"safetensors: there is no tensor '{name}'");

    /// <summary>The tensor of a name, whose shape must be the one given.</summary>
    /// <exception cref="InvalidDataException">There is none, or it has another shape; the message carries both shapes.</exception>
    public SafeTensorsEntry Get(string name, params ReadOnlySpan<long> shape)
    {
        SafeTensorsEntry tensor = Get(name);
        tensor.ThrowIfShapeIsNot(shape);
        return tensor;
    }

    /// <summary>Adds a tensor that was read and checked.</summary>
    internal void Add(SafeTensorsEntry tensor) => _tensors.Add(tensor.Name, tensor);

    private void Add<T>(string name, SafeTensorsElementType type, ReadOnlySpan<T> values, ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ThrowIfNotUnicode(name);
        if (name == MetadataKey)
        {
            throw new ArgumentException($"safetensors: '{MetadataKey}' is not a name for a tensor", nameof(name));
        }

        if (_tensors.ContainsKey(name))
        {
            throw new ArgumentException($"safetensors: there is a tensor '{name}' already", nameof(name));
        }

        if (SafeTensorsHeader.ElementCount(shape) != values.Length)
        {
            throw new ArgumentException(
                $"safetensors: tensor '{name}' has {values.Length} values but its shape is {SafeTensorsEntry.Describe(shape)}", nameof(shape));
        }

        _tensors.Add(name, new SafeTensorsEntry(name, type, shape.ToArray(), SafeTensorsElement.Encode(values)));
    }

    private static void ThrowIfNotUnicode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _strictUtf8.GetByteCount(text);
    }
}
