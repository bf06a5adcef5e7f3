using System.Buffers.Binary;

namespace DirKernels.Data;

/// <summary>Reads NumPy array files (<c>.npy</c>) as tables with columns named c0, c1, ...</summary>
/// <remarks>
/// Format versions 1 to 3; one dimension (one column) or two (rows x columns, C or Fortran order); little-endian <c>f4 f8 i4 i8</c> and <c>u1 b1</c>.
/// A NaN is a missing value, infinity an error. Memory grows with the values that are really there, whatever the header claims. Rows are numbered from 1.
/// </remarks>
public static class NumpyArray
{
    private const int BlockBytes = 1 << 16;

    private const int BlocksBetweenCancellationChecks = 64;

    /// <summary>Reads a stream that starts with an array file and holds nothing else; leaves it open.</summary>
    /// <param name="stream">The file; need not be seekable.</param>
    /// <param name="name">Name of the source for messages.</param>
    /// <param name="options"><see cref="TableOptions.Missing"/> and <see cref="TableOptions.Columns"/> count here; null for the defaults.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="InvalidDataException">Not such a file, cut off, longer than its shape says, or a value that is not finite; the message says where.</exception>
    public static Table Read(Stream stream, string name, TableOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        options ??= TableOptions.Default;
        NumpyHeader header = NumpyHeader.Read(stream, name);
        HashSet<string>? kept = options.Columns?.ToHashSet(StringComparer.Ordinal);
        var builders = new NumericColumnBuilder?[header.Columns];
        ReadValues(stream, name, header, options.Missing, kept, builders, cancellation);

        var names = new string[header.Columns];
        var columns = new List<TableColumn>();
        for (int c = 0; c < names.Length; c++)
        {
            names[c] = ColumnName(c);
            if (builders[c] is { } builder)
            {
                columns.Add(new NumericColumn(names[c], builder.ToArray()));
                builders[c] = null;
            }
        }

        return columns.Count > 0
            ? new Table(name, columns, names, 1, null)
            : throw new InvalidDataException(UnknownColumn.Message(name, names, kept!.FirstOrDefault() ?? ""));
    }

    private static string ColumnName(int column) => FormattableString.Invariant($"c{column}");

    private static void ReadValues(
        Stream stream, string name, NumpyHeader header, MissingValues missing, HashSet<string>? kept, NumericColumnBuilder?[] builders, CancellationToken cancellation)
    {
        int size = header.ElementSize;
        long total = (long)header.Rows * header.Columns, position = 0;
        var block = new byte[BlockBytes];
        for (int blocks = 0; position < total; blocks++)
        {
            if (blocks % BlocksBetweenCancellationChecks == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            int wanted = (int)Math.Min(BlockBytes, (total - position) * size);
            if (stream.ReadAtLeast(block.AsSpan(0, wanted), wanted, throwOnEndOfStream: false) < wanted)
            {
                throw new InvalidDataException($"{name}: the array is cut off: its shape is {header.Rows} x {header.Columns}, but the values end after {position} or a little more");
            }

            for (int at = 0; at < wanted; at += size, position++)
            {
                int row = (int)(header.FortranOrder ? position % header.Rows : position / header.Columns);
                int column = (int)(header.FortranOrder ? position / header.Rows : position % header.Columns);
                double value = Value(block.AsSpan(at), header.ElementType);
                NumericColumnBuilder? builder = builders[column];
                if (builder is null)
                {
                    if (kept is not null && !kept.Contains(ColumnName(column)))
                    {
                        continue;
                    }

                    builders[column] = builder = new NumericColumnBuilder();
                }

                if (!double.IsFinite(value) && (double.IsInfinity(value) || missing == MissingValues.Error))
                {
                    throw new InvalidDataException($"{name}: row {row + 1L}, column '{ColumnName(column)}': {value} is not a finite number");
                }

                builder.Add(value);
            }
        }

        if (stream.ReadByte() >= 0)
        {
            throw new InvalidDataException($"{name}: there is more data than the shape {header.Rows} x {header.Columns} says");
        }
    }

    internal static double Value(ReadOnlySpan<byte> bytes, string elementType) => elementType switch
    {
        "<f4" => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        "<f8" => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        "<i4" => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        "<i8" => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        _ => bytes[0],
    };
}
