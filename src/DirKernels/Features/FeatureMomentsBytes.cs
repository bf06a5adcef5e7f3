using System.Buffers;
using System.Numerics.Tensors;
using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Exchange;

namespace DirKernels.Features;

/// <summary>The bytes of feature moments; the format is described with <see cref="FeatureMoments"/>.</summary>
internal static class FeatureMomentsBytes
{
    private const string What = "feature moments";
    private const int SizesLength = 4 * sizeof(int);

    /// <summary>Number of bytes.</summary>
    /// <exception cref="InvalidOperationException">More than an array holds.</exception>
    public static int Length(BinShape shape) => StatisticsHeader.TotalLength(ContentsLength(shape), What);

    public static void Write(FeatureMoments moments, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        BinShape shape = moments.Shape;
        _ = Length(shape);
        long[] counts = moments.Counts();
        double[] mean = new double[shape.Dimensions], scatter = new double[shape.CovarianceWidth], triangles = new double[TriangleLength(shape)];
        var writer = new StatisticsWriter(destination, StatisticsKind.FeatureMoments);
        writer.Write(shape.Bins);
        writer.Write(shape.Dimensions);
        writer.Write(shape.BlockSize);
        writer.Write(0);
        writer.Write(counts);
        for (int b = 0; b < shape.Bins; b++)
        {
            moments.OnBackend.CopyOut(b, mean, scatter);
            Pack(shape, scatter, triangles);
            Check(shape, b, counts[b], mean, triangles);
            writer.Write(mean);
            writer.Write(triangles);
        }

        writer.Finish();
    }

    public static FeatureMoments Read(ReadOnlySpan<byte> bytes, IBackend? backend)
    {
        var reader = new StatisticsReader(bytes, StatisticsKind.FeatureMoments, What);
        int bins = reader.ReadInt32(), dimensions = reader.ReadInt32(), blockSize = reader.ReadInt32(), reserved = reader.ReadInt32();
        if (bins < 1 || dimensions < 1 || blockSize < 1 || blockSize > dimensions || (long)dimensions * blockSize > Array.MaxLength || reserved != 0)
        {
            throw reader.Fault($"the sizes are {bins} bins of {dimensions} dimensions in blocks of {blockSize} (and {reserved}), which no moments have");
        }

        var shape = new BinShape(bins, dimensions, blockSize);
        reader.CheckLengthAndChecksum(ContentsLength(shape));
        var counts = new long[bins];
        long total = reader.ReadCounts(counts);
        double[] mean = new double[dimensions], scatter = new double[shape.CovarianceWidth], triangles = new double[TriangleLength(shape)];
        StatisticsReader firstPass = reader;
        for (int b = 0; b < bins; b++)
        {
            firstPass.Read(mean);
            firstPass.Read(triangles);
            Check(shape, b, counts[b], mean, triangles);
        }

        // Nothing below throws: memory of the backend is reserved for good numbers only.
        var moments = new FeatureMoments(shape, backend ?? new CpuBackend(threads: 1), ownsBackend: backend is null);
        for (int b = 0; b < bins; b++)
        {
            reader.Read(mean);
            reader.Read(triangles);
            Unpack(shape, triangles, scatter);
            moments.OnBackend.CopyIn(b, mean, scatter);
        }

        moments.SetCounts(counts, total);
        return moments;
    }

    private static Int128 ContentsLength(BinShape shape) =>
        SizesLength + (Int128)shape.Bins * (sizeof(long) + sizeof(double) * (shape.Dimensions + TriangleLength(shape)));

    /// <summary>Entries on and below the diagonals of the blocks, of which the last may be smaller.</summary>
    private static long TriangleLength(BinShape shape)
    {
        long blocks = shape.Dimensions / shape.BlockSize, rest = shape.Dimensions % shape.BlockSize;
        return (blocks * shape.BlockSize * (shape.BlockSize + 1L) + rest * (rest + 1)) / 2;
    }

    private static void Pack(BinShape shape, ReadOnlySpan<double> scatter, Span<double> triangles)
    {
        for (int i = 0; i < shape.Dimensions; i++)
        {
            int entries = i % shape.BlockSize + 1;
            scatter.Slice(i * shape.BlockSize, entries).CopyTo(triangles);
            triangles = triangles[entries..];
        }
    }

    private static void Unpack(BinShape shape, ReadOnlySpan<double> triangles, Span<double> scatter)
    {
        for (int i = 0; i < shape.Dimensions; i++)
        {
            int entries = i % shape.BlockSize + 1;
            triangles[..entries].CopyTo(scatter[(i * shape.BlockSize)..]);
            triangles = triangles[entries..];
        }
    }

    private static void Check(BinShape shape, int bin, long count, ReadOnlySpan<double> mean, ReadOnlySpan<double> triangles)
    {
        if (!TensorPrimitives.IsFiniteAll(mean) || !TensorPrimitives.IsFiniteAll(triangles))
        {
            throw new InvalidDataException($"{What}: bin {bin} has a mean or scatter that is not finite; features must be finite");
        }

        if (count == 0 && (mean.ContainsAnyExcept(0) || triangles.ContainsAnyExcept(0)))
        {
            throw new InvalidDataException($"{What}: bin {bin} has no samples, but a mean or scatter other than 0");
        }

        int diagonal = 0;
        for (int i = 0; i < shape.Dimensions; i++)
        {
            diagonal += i % shape.BlockSize;
            if (triangles[diagonal] < 0)
            {
                throw new InvalidDataException($"{What}: dimension {i} of bin {bin} has the scatter {triangles[diagonal]}; it must not be negative");
            }

            diagonal++;
        }
    }
}
