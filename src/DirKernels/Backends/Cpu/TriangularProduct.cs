using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// Products of some rows of features with the triangular blocks of one bin's map, by the tile kernel of the matrix product: what lies on the zero side of
/// the diagonal is skipped panel by panel, which halves the work. A panel that serves many rows is packed first.
/// </summary>
internal static unsafe class TriangularProduct
{
    /// <summary>Rows that one call takes.</summary>
    public const int MostRows = 36 * MatrixProduct.TileRows;

    /// <summary>Elements of a packed map that leaves room in the second-level cache, 640 KB, and of a block that stays in the first-level one strip by strip, 32 KB.</summary>
    private const long MostPacked = 160 * 1024;
    private const long FewestPacked = 8 * 1024;

    /// <summary>Elements of rows that are centred, and then meet a packed map, at a time: 32 KB.</summary>
    private const int RowsBudget = 8 * 1024;

    private const int TileRows = MatrixProduct.TileRows;

    private static int TileLength => TileRows * MatrixProduct.PanelWidth * MatrixProduct.PanelsOfTile;

    /// <summary>Rows from which reading a panel where it lies costs more than packing it.</summary>
    public const int PackingRows = 3 * TileRows;

    /// <summary>Columns that one row is multiplied with at a time.</summary>
    private static int StripWidth => InstructionSet.Bits >= 256 ? 8 * Simd256.Width : 8 * Simd128.Width;

    /// <summary>Elements of scratch that a call needs beside its operands.</summary>
    public static long ScratchLength(BinShape shape) => (shape.BlockSize + TileRows) * MatrixProduct.PanelWidth * MatrixProduct.PanelsOfTile;

    /// <summary>Elements that <see cref="Pack"/> writes.</summary>
    public static long PackedLength(BinShape shape)
    {
        long length = 0;
        for (int start = 0; start < shape.Dimensions; start += shape.BlockSize)
        {
            var block = new Block(null, 0, null, 0, start, Math.Min(shape.BlockSize, shape.Dimensions - start), upper: true);
            for (int column = 0, width; column < block.Size; column += width)
            {
                Strip strip = block.StripAt(column);
                width = strip.Width;
                length += (long)strip.Depth * width;
            }
        }

        return length;
    }

    /// <summary>Whether rows meet a whole packed map one tile after the other, rather than all rows one strip of it after the other.</summary>
    public static bool StaysPacked(BinShape shape) =>
        PackedLength(new BinShape(shape.Bins, shape.BlockSize, shape.BlockSize)) >= FewestPacked && PackedLength(shape) <= MostPacked;

    /// <summary>Rows to multiply at a time with a packed map, whole tiles.</summary>
    public static int RowsAtATime(BinShape shape) => Math.Clamp(RowsBudget / shape.Dimensions / TileRows, 1, MostRows / TileRows) * TileRows;

    /// <summary>
    /// Rows of a map from which two panels are multiplied at once, where a tile covers two: one of them has zeros in as many rows as a panel is wide, which a wide tile multiplies too.
    /// </summary>
    private static int WideDepth => 4 * MatrixProduct.PanelWidth;

    /// <summary>Packs an upper triangular map for <see cref="AddPacked"/>.</summary>
    /// <param name="map">M [D x g], the blocks row by row, zeros below the diagonal.</param>
    /// <param name="shape">D and g.</param>
    /// <param name="packed"><see cref="PackedLength"/> elements.</param>
    public static void Pack(float* map, BinShape shape, float* packed)
    {
        for (int start = 0; start < shape.Dimensions; start += shape.BlockSize)
        {
            var block = new Block(null, 0, map + (long)start * shape.BlockSize, shape.BlockSize, start, Math.Min(shape.BlockSize, shape.Dimensions - start), upper: true);
            for (int column = 0, width; column < block.Size; column += width)
            {
                Strip strip = block.StripAt(column);
                width = strip.Width;
                _ = InstructionSet.Bits switch
                {
                    512 => Pack<Simd512, Vector512<float>>(strip, packed),
                    256 => Pack<Simd256, Vector256<float>>(strip, packed),
                    _ => Pack<Simd128, Vector128<float>>(strip, packed),
                };
                packed += (long)strip.Depth * width;
            }
        }
    }

    /// <summary><see cref="Add"/> with a map that <see cref="Pack"/> has packed.</summary>
    /// <param name="x">[rows x D], contiguous, in memory for a multiple of six rows.</param>
    /// <param name="rows">At least 1; <see cref="RowsAtATime"/> stay near the core.</param>
    /// <param name="packed">The map.</param>
    /// <param name="shape">D and g.</param>
    /// <param name="sources">[rows] rows of D.</param>
    /// <param name="shift">[D], or null.</param>
    /// <param name="results">[rows] rows of D; may be the sources.</param>
    /// <param name="around">Stores past the caches.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> elements.</param>
    public static void AddPacked(float* x, int rows, float* packed, BinShape shape, float** sources, float* shift, float** results, bool around, float* scratch)
    {
        for (int start = 0; start < shape.Dimensions; start += shape.BlockSize)
        {
            var block = new Block(x + start, shape.Dimensions, null, shape.BlockSize, start, Math.Min(shape.BlockSize, shape.Dimensions - start), upper: true);
            packed = InstructionSet.Bits switch
            {
                512 => AddPackedTiles<Simd512, Vector512<float>>(block, rows, packed, sources, shift, results, around, scratch),
                256 => AddPackedTiles<Simd256, Vector256<float>>(block, rows, packed, sources, shift, results, around, scratch),
                _ => AddPackedTiles<Simd128, Vector128<float>>(block, rows, packed, sources, shift, results, around, scratch),
            };
        }
    }

    /// <summary>A product and what is added to it: <c>result[r] = source[r] + shift + x[r] M</c>, block by block.</summary>
    /// <param name="x">[rows x D], contiguous, in memory for a multiple of six rows, at most <see cref="MostRows"/>.</param>
    /// <param name="rows">1 to <see cref="MostRows"/>.</param>
    /// <param name="map">M [D x g], the blocks row by row, zeros on the other side of the diagonal.</param>
    /// <param name="shape">D and g.</param>
    /// <param name="upper">Whether M is upper triangular; otherwise lower.</param>
    /// <param name="sources">[rows] rows of D.</param>
    /// <param name="shift">[D], or null.</param>
    /// <param name="results">[rows] rows of D; may be the sources.</param>
    /// <param name="around">Stores past the caches.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> elements.</param>
    public static void Add(float* x, int rows, float* map, BinShape shape, bool upper, float** sources, float* shift, float** results, bool around, float* scratch)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                Add<Simd512, Vector512<float>>(x, rows, map, shape, upper, sources, shift, results, around, scratch);
                break;
            case 256:
                Add<Simd256, Vector256<float>>(x, rows, map, shape, upper, sources, shift, results, around, scratch);
                break;
            default:
                Add<Simd128, Vector128<float>>(x, rows, map, shape, upper, sources, shift, results, around, scratch);
                break;
        }
    }

    private static void Add<TSimd, TVector>(float* x, int rows, float* map, BinShape shape, bool upper, float** sources, float* shift, float** results, bool around, float* scratch)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int width = shape.Dimensions;
        for (int start = 0; start < width; start += shape.BlockSize)
        {
            int size = Math.Min(shape.BlockSize, width - start);
            var block = new Block(x + start, width, map + (long)start * shape.BlockSize, shape.BlockSize, start, size, upper);

            // One or two rows that no tile takes read the block in longer runs than a tile would.
            int left = rows % TileRows;
            int single = left <= 2 && size % StripWidth == 0 ? left : 0;
            if (rows > single)
            {
                AddTiles<TSimd, TVector>(block, rows - single, sources, shift, results, around, scratch);
            }

            for (int row = rows - single; row < rows; row++)
            {
                AddSingle(block, row, sources[row], shift, results[row], around, scratch);
            }
        }
    }

    private static void AddTiles<TSimd, TVector>(Block block, int rows, float** sources, float* shift, float** results, bool around, float* scratch)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* tile = scratch, packed = scratch + TileLength;
        for (int column = 0, width; column < block.Size; column += width)
        {
            Strip strip = block.StripAt(column);
            width = strip.Width;
            if (strip.Columns < width || rows >= PackingRows)
            {
                strip = Pack<TSimd, TVector>(strip, packed);
            }

            for (int row = 0; row < rows; row += TileRows)
            {
                AddTile<TSimd, TVector>(block, strip, row, Math.Min(TileRows, rows - row), sources + row, shift, results + row, around, tile);
            }
        }
    }

    // Rows of a tile meet all of the block before the next ones: their results are written in order, and the block comes from the second-level cache as its strips would.
    private static float* AddPackedTiles<TSimd, TVector>(Block block, int rows, float* packed, float** sources, float* shift, float** results, bool around, float* tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        float* end = packed;
        for (int row = 0; row < rows; row += TileRows)
        {
            end = packed;
            for (int column = 0, width; column < block.Size; column += width)
            {
                Strip strip = block.StripAt(column).PackedAt(end);
                width = strip.Width;
                AddTile<TSimd, TVector>(block, strip, row, Math.Min(TileRows, rows - row), sources + row, shift, results + row, around, tile);
                end += (long)strip.Depth * width;
            }
        }

        return end;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTile<TSimd, TVector>(in Block block, in Strip strip, int row, int rows, float** sources, float* shift, float** results, bool around, float* tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int width = strip.Width, at = block.Start + strip.Column;
        float* x = block.X + (long)row * block.Width + strip.First;
        if (strip.Panels == 2)
        {
            TileKernel.RunWide<TSimd, TVector, ReplacingStore>(x, block.Width, 1, strip.Panel, strip.Next, strip.Stride, strip.Depth, null, tile, width);
        }
        else
        {
            Multiply<TSimd, TVector>(x, block.Width, rows, strip.Panel, strip.Stride, strip.Depth, tile);
        }

        for (int r = 0; r < rows; r++)
        {
            AddRow<TSimd, TVector>(tile + r * width, sources[r] + at, shift == null ? null : shift + at, results[r] + at, strip.Columns, around);
        }
    }

    private static Strip Pack<TSimd, TVector>(Strip strip, float* packed)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int panelWidth = MatrixProduct.PanelWidth;
        for (int p = 0; p < strip.Panels; p++)
        {
            Pack<TSimd, TVector>(strip.Panel + p * panelWidth, (int)strip.Stride, strip.Depth, Math.Min(panelWidth, strip.Columns), packed + (long)p * strip.Depth * panelWidth);
        }

        return strip.PackedAt(packed);
    }

    // Eight registers of columns at once: of 256 bits also where there are wider ones, since blocks of 64 are common.
    private static void AddSingle(Block block, int row, float* source, float* shift, float* result, bool around, float* sums)
    {
        for (int column = 0; column < block.Size; column += StripWidth)
        {
            int first = block.FirstRow(column), depth = block.EndRow(column + StripWidth) - first, at = block.Start + column;
            float* x = block.X + (long)row * block.Width + first, map = block.Map + (long)first * block.Stride + column, moved = shift == null ? null : shift + at;
            if (StripWidth == 8 * Simd256.Width)
            {
                TileKernel.RunRow<Simd256, Vector256<float>>(x, 1, map, block.Stride, depth, null, sums);
                AddRow<Simd256, Vector256<float>>(sums, source + at, moved, result + at, StripWidth, around);
            }
            else
            {
                TileKernel.RunRow<Simd128, Vector128<float>>(x, 1, map, block.Stride, depth, null, sums);
                AddRow<Simd128, Vector128<float>>(sums, source + at, moved, result + at, StripWidth, around);
            }
        }
    }

    private static void Multiply<TSimd, TVector>(float* x, int width, int rows, float* panel, nint stride, int depth, float* tile)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        // Beyond the last row lie others of the same memory, or rows of an earlier call: they are multiplied for nothing, which costs less than to leave them out.
        if (rows > 4)
        {
            TileKernel.Run<TSimd, TVector, ReplacingStore>(x, width, 1, panel, stride, depth, null, tile, MatrixProduct.PanelWidth);
            return;
        }

        // Rows past the last one repeat it.
        nint second = Math.Min(1, rows - 1) * width, third = Math.Min(2, rows - 1) * width, fourth = Math.Min(3, rows - 1) * width;
        TileKernel.RunFour<TSimd, TVector, ReplacingStore>(x, second, third, fourth, 1, panel, stride, depth, null, tile, MatrixProduct.PanelWidth, turned: 0);
    }

    // to = source + shift + sums.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TSimd, TVector>(float* sums, float* source, float* shift, float* to, int columns, bool around)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int i = 0;
        bool past = around && (nuint)to % (nuint)(TSimd.Width * sizeof(float)) == 0;
        for (; i <= columns - TSimd.Width; i += TSimd.Width)
        {
            TVector moved = shift == null ? TSimd.Load(source + i) : TSimd.Add(TSimd.Load(source + i), TSimd.Load(shift + i));
            TVector sum = TSimd.Add(moved, TSimd.Load(sums + i));
            if (past)
            {
                TSimd.StoreAround(sum, to + i);
            }
            else
            {
                TSimd.Store(sum, to + i);
            }
        }

        for (; i < columns; i++)
        {
            to[i] = source[i] + (shift == null ? 0 : shift[i]) + sums[i];
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static void Pack<TSimd, TVector>(float* from, int stride, int rows, int columns, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        // Rows of a panel lie a whole row of the map apart, further than the processor looks ahead.
        const int Ahead = 32;
        int panelWidth = MatrixProduct.PanelWidth;
        for (int k = 0; k < rows; k++, from += stride, to += panelWidth)
        {
            if (columns == panelWidth)
            {
                float* next = from + Ahead * (long)stride;
                CacheLine.FetchFar(next);
                CacheLine.FetchFar(next + TSimd.Width);
                TSimd.Store(TSimd.Load(from), to);
                TSimd.Store(TSimd.Load(from + TSimd.Width), to + TSimd.Width);
            }
            else
            {
                for (int j = 0; j < panelWidth; j++)
                {
                    to[j] = j < columns ? from[j] : 0;
                }
            }
        }
    }

    /// <summary>A triangular block of a map, and the columns of x that it takes.</summary>
    private readonly struct Block(float* x, int width, float* map, int stride, int start, int size, bool upper)
    {
        public float* X => x;

        /// <summary>Elements from row to row of x.</summary>
        public int Width => width;

        public float* Map => map;

        /// <summary>Elements from row to row of the map.</summary>
        public int Stride => stride;

        /// <summary>First dimension.</summary>
        public int Start => start;

        public int Size => size;

        /// <summary>First row that is not all zero from a column on.</summary>
        public int FirstRow(int column) => upper ? 0 : column;

        /// <summary>End of the rows that are not all zero before a column.</summary>
        public int EndRow(int column) => upper ? Math.Min(size, column) : size;

        /// <summary>What a tile multiplies with at a time, from a column on.</summary>
        public Strip StripAt(int column)
        {
            int panelWidth = MatrixProduct.PanelWidth, first = FirstRow(column), wideEnd = column + 2 * panelWidth;
            int panels = InstructionSet.Bits == 512 && wideEnd <= size && EndRow(wideEnd) - first >= WideDepth ? 2 : 1;
            return new Strip
            {
                Column = column,
                Columns = Math.Min(panels * panelWidth, size - column),
                Panels = panels,
                First = first,
                Depth = EndRow(column + panels * panelWidth) - first,
                Panel = map + (long)first * stride + column,
                Stride = stride,
                Next = panelWidth,
            };
        }
    }

    /// <summary>One or two panels of a block, where they lie or packed.</summary>
    private struct Strip
    {
        public int Column;

        /// <summary>Columns of the block; a panel that is not full has zeros behind them where it is packed.</summary>
        public int Columns;

        public int Panels;

        /// <summary>First row that is not all zero.</summary>
        public int First;

        /// <summary>Rows that are not all zero.</summary>
        public int Depth;

        public float* Panel;

        /// <summary>Elements from row to row.</summary>
        public nint Stride;

        /// <summary>Elements from panel to panel.</summary>
        public nint Next;

        /// <summary>Columns in whole panels.</summary>
        public readonly int Width => Panels * MatrixProduct.PanelWidth;

        /// <summary>The same, packed.</summary>
        public readonly Strip PackedAt(float* packed)
        {
            Strip strip = this;
            strip.Panel = packed;
            strip.Stride = MatrixProduct.PanelWidth;
            strip.Next = (nint)Depth * MatrixProduct.PanelWidth;
            return strip;
        }
    }
}
