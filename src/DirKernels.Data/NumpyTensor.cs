using DirKernels.Networks;

namespace DirKernels.Data;

/// <summary>Reads NumPy array files as arrays of a network; memory grows with the values that are really there.</summary>
internal static class NumpyTensor
{
    private const int BlockBytes = 1 << 16;

    /// <summary>Reads an array of one or two dimensions.</summary>
    /// <param name="stream">The file, to its end.</param>
    /// <param name="source">Name of the source for messages.</param>
    /// <param name="name">Name of the tensor.</param>
    /// <exception cref="InvalidDataException">Not such a file, cut off, or longer than its shape says.</exception>
    public static NamedTensor Read(Stream stream, string source, string name)
    {
        NumpyHeader header = NumpyHeader.Read(stream, source);
        long total = (long)header.Rows * header.Columns;
        var values = new NumericColumnBuilder();
        var block = new byte[BlockBytes];
        for (long left = total; left > 0;)
        {
            int wanted = (int)Math.Min(BlockBytes, left * header.ElementSize);
            if (stream.ReadAtLeast(block.AsSpan(0, wanted), wanted, throwOnEndOfStream: false) < wanted)
            {
                throw new InvalidDataException($"{source}: the array is cut off: its shape is {header.Rows} x {header.Columns}, but the values end after {values.Count} or a little more");
            }

            for (int at = 0; at < wanted; at += header.ElementSize)
            {
                values.Add(NumpyArray.Value(block.AsSpan(at), header.ElementType));
            }

            left -= wanted / header.ElementSize;
        }

        if (stream.ReadByte() >= 0)
        {
            throw new InvalidDataException($"{source}: there is more data than the shape {header.Rows} x {header.Columns} says");
        }

        double[] read = values.ToArray();
        return header.Dimensions == 1
            ? new NamedTensor(name, [header.Rows], read)
            : new NamedTensor(name, [header.Rows, header.Columns], header.FortranOrder ? Transposed(read, header.Rows, header.Columns) : read);
    }

    private static double[] Transposed(double[] byColumn, int rows, int columns)
    {
        var byRow = new double[byColumn.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                byRow[row * columns + column] = byColumn[column * rows + row];
            }
        }

        return byRow;
    }
}
