using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>What a head behind calibration reads of a bin in every step of a training, in one run of memory: its mean, where calibration moves it, and its map in panels.</summary>
/// <remarks>
/// The map is <c>A = I + T</c>, the lower triangles of its blocks alone. A panel holds W columns of a block from the row on where they meet the diagonal, row after row, zeros above the diagonal and beyond
/// the block. A triangle of 64 dimensions takes 10 KB in one piece here; in a square it lies in 12 of 16 KB, and the processor fetches the holes too.
/// </remarks>
internal static unsafe class PackedCalibration
{
    /// <summary>W: a register, or a smaller one for smaller blocks.</summary>
    public static int Width(int blockSize) => Math.Min(InstructionSet.Bits / (8 * sizeof(float)), blockSize > 8 ? 16 : blockSize > 4 ? 8 : 4);

    /// <summary>First element of the mean moved by the shift, [D]; the mean is at 0.</summary>
    public static long CentreAt(BinShape shape) => ScratchPieces.WholeLines(shape.Dimensions);

    /// <summary>First element of the panels.</summary>
    public static long PanelsAt(BinShape shape) => 2 * CentreAt(shape);

    /// <summary>Elements of one bin, whole cache lines.</summary>
    public static long LengthOfBin(BinShape shape)
    {
        int whole = shape.Dimensions / shape.BlockSize, rest = shape.Dimensions % shape.BlockSize, width = Width(shape.BlockSize);
        return PanelsAt(shape) + ScratchPieces.WholeLines(whole * LengthOfBlock(shape.BlockSize, width) + LengthOfBlock(rest, width));
    }

    /// <summary>Elements of the panels of one block.</summary>
    /// <param name="size">Its dimensions.</param>
    /// <param name="width">W.</param>
    public static long LengthOfBlock(int size, int width)
    {
        long panels = (size + width - 1) / width;
        return width * (panels * size - width * panels * (panels - 1) / 2);
    }

    /// <summary>Copies one bin.</summary>
    /// <param name="shape">D and g.</param>
    /// <param name="mean">[D].</param>
    /// <param name="map">T [D x g], lower triangles of the blocks, zeros above.</param>
    /// <param name="shift">[D].</param>
    /// <param name="packed">[<see cref="LengthOfBin"/>].</param>
    public static void Pack(BinShape shape, float* mean, float* map, float* shift, float* packed)
    {
        PackMean(shape, mean, shift, packed);
        PackMap(shape, map, packed);
    }

    /// <summary>Copies what is not the map.</summary>
    public static void PackMean(BinShape shape, float* mean, float* shift, float* packed)
    {
        float* centre = packed + CentreAt(shape);
        for (int i = 0; i < shape.Dimensions; i++)
        {
            packed[i] = mean[i];
            centre[i] = mean[i] + shift[i];
        }
    }

    /// <summary>Copies the map.</summary>
    public static void PackMap(BinShape shape, float* map, float* packed)
    {
        int g = shape.BlockSize, width = Width(g);
        float* panels = packed + PanelsAt(shape);
        for (int start = 0; start < shape.Dimensions; start += g, map += (long)g * g)
        {
            int size = Math.Min(g, shape.Dimensions - start);
            for (int column = 0; column < size; column += width)
            {
                float* from = map + (long)column * g + column;
                PackPanel(from, g, size - column, width, panels);
                for (int i = 0; i < Math.Min(width, size - column); i++)
                {
                    panels[i * width + i] += 1;
                }

                panels += (long)(size - column) * width;
            }
        }
    }

    private static void PackPanel(float* from, int stride, int size, int width, float* panel)
    {
        switch (size < width ? 0 : width)
        {
            case 16:
                PackWhole<Simd512, Vector512<float>>(from, stride, size, panel);
                break;
            case 8:
                PackWhole<Simd256, Vector256<float>>(from, stride, size, panel);
                break;
            case 4:
                PackWhole<Simd128, Vector128<float>>(from, stride, size, panel);
                break;
            default:
                for (int row = 0; row < size; row++)
                {
                    var to = new Span<float>(panel + (long)row * width, width);
                    new ReadOnlySpan<float>(from + (long)row * stride, size).CopyTo(to);
                    to[size..].Clear();
                }

                break;
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void PackWhole<TSimd, TVector>(float* from, int stride, int rows, float* panel)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (int row = 0; row < rows; row++)
        {
            TSimd.Store(TSimd.Load(from + (long)row * stride), panel + (long)row * TSimd.Width);
        }
    }
}
