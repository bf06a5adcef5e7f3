using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// Rows of one bin, centred and laid out in panels as wide as two registers, one after the other as the kernel of scatter matrices reads them.
/// </summary>
/// <remarks>
/// A group of rows is centred on its own mean while it is still in the second-level cache: rows are fetched from memory once. What the groups' means
/// scatter about the mean of all rows is appended as one more row for each group, <c>sqrt(n_g) (m_g - m)</c>: the products of all rows of a panel sum to the
/// scatter about the common mean.
/// </remarks>
internal readonly unsafe struct CentredPanels
{
    /// <summary>Rows centred on their own mean.</summary>
    private const int RowsPerGroup = 128;

    /// <summary>Rows of the largest pass: a scatter matrix is visited once for so many.</summary>
    private const int MostRows = 512;

    /// <summary>Elements of panels that stay near the core.</summary>
    private const int PanelBudget = 1 << 20;

    private readonly BinShape _shape;
    private readonly int _panelsPerBlock;
    private readonly int _depth;
    private readonly double* _groupMeans;
    private readonly float* _centre;
    private readonly float* _panels;

    /// <summary>Lays panels out in scratch memory.</summary>
    /// <param name="shape">D and the block size: a block begins a new panel.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> elements, aligned.</param>
    public CentredPanels(BinShape shape, float* scratch)
    {
        _shape = shape;
        _panelsPerBlock = PanelsPerBlock(shape);
        RowsPerPass = PassRows(shape);
        _depth = Depth(shape);
        Mean = (double*)scratch;
        _groupMeans = Mean + shape.Dimensions;
        _centre = scratch + MeansLength(shape);
        _panels = _centre + CentreLength(shape);
    }

    /// <summary>Rows that one pass takes.</summary>
    public int RowsPerPass { get; }

    /// <summary>[D] mean of the rows of the pass.</summary>
    public double* Mean { get; }

    private static int PanelWidth => MatrixProduct.PanelWidth;

    /// <summary>Elements of scratch, of single precision.</summary>
    public static long ScratchLength(BinShape shape) => MeansLength(shape) + CentreLength(shape) + Panels(shape) * PanelWidth * Depth(shape);

    /// <summary>A panel of a block: [depth x 2 registers].</summary>
    public float* Panel(int block, int panel) => _panels + ((long)block * _panelsPerBlock + panel) * PanelWidth * _depth;

    /// <summary>Centres rows into the panels and gives the number of rows in them.</summary>
    /// <param name="features">[n x D].</param>
    /// <param name="rows">Rows of the bin from the first of this pass.</param>
    /// <param name="count">Rows of this pass, 1 to <see cref="RowsPerPass"/>.</param>
    /// <param name="rowsLeft">Rows of the bin from the first of this pass: the next ones are fetched early.</param>
    public int Fill<TSimd, TVector, TWide, TWideVector>(float* features, int* rows, int count, int rowsLeft)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        int width = _shape.Dimensions, groups = 0;
        for (int done = 0; done < count; done += RowsPerGroup, groups++)
        {
            double* mean = _groupMeans + (long)groups * width;
            int size = Math.Min(RowsPerGroup, count - done);
            Average<TWide, TWideVector>(features, rows + done, size, rowsLeft - done, width, mean);
            Split<TWide, TWideVector>(mean);
            int k = 0;
            for (; k <= size - 4; k += 4)
            {
                CenterFour<TSimd, TVector>(features, rows + done + k, done + k);
            }

            for (; k < size; k++)
            {
                Center<TSimd, TVector>(features + (long)rows[done + k] * width, done + k);
            }
        }

        if (groups == 1)
        {
            new ReadOnlySpan<double>(_groupMeans, width).CopyTo(new Span<double>(Mean, width));
            return count;
        }

        for (int i = 0; i < width; i++)
        {
            double sum = 0;
            for (int g = 0; g < groups; g++)
            {
                sum += _groupMeans[(long)g * width + i] * Math.Min(RowsPerGroup, count - g * RowsPerGroup);
            }

            Mean[i] = sum / count;
        }

        for (int g = 0; g < groups; g++)
        {
            AppendMean(_groupMeans + (long)g * width, Math.Sqrt(Math.Min(RowsPerGroup, count - g * RowsPerGroup)), count + g);
        }

        return count + groups;
    }

    // The mean in two parts: x less the first is exact for the x near it, and so the difference is as good as one of double precision.
    [MethodImpl(KernelMethod.Options)]
    private void Split<TWide, TWideVector>(double* mean)
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        int width = _shape.Dimensions, i = 0;
        float* rest = _centre + width;
        for (; i <= width - TWide.Width; i += TWide.Width)
        {
            TWideVector whole = TWide.Load(mean + i);
            TWide.StoreNarrow(whole, _centre + i);
            TWide.StoreNarrow(TWide.Subtract(whole, TWide.LoadWide(_centre + i)), rest + i);
        }

        for (; i < width; i++)
        {
            _centre[i] = (float)mean[i];
            rest[i] = (float)(mean[i] - _centre[i]);
        }
    }

    private static int PanelsPerBlock(BinShape shape) => (shape.BlockSize + PanelWidth - 1) / PanelWidth;

    private static int Blocks(BinShape shape) => (shape.Dimensions + shape.BlockSize - 1) / shape.BlockSize;

    private static long Panels(BinShape shape) => (long)Blocks(shape) * PanelsPerBlock(shape);

    private static int PassRows(BinShape shape) => (int)Math.Clamp(PanelBudget / (Panels(shape) * PanelWidth) / RowsPerGroup * RowsPerGroup, RowsPerGroup, MostRows);

    private static int Depth(BinShape shape) => PassRows(shape) + MostRows / RowsPerGroup;

    // The means are of double precision: two elements each; whole cache lines.
    private static long MeansLength(BinShape shape) => ((1 + MostRows / RowsPerGroup) * 2L * shape.Dimensions + 15) / 16 * 16;

    private static long CentreLength(BinShape shape) => (2L * shape.Dimensions + 15) / 16 * 16;

    [MethodImpl(KernelMethod.Options)]
    private static void Average<TWide, TWideVector>(float* features, int* rows, int count, int rowsLeft, int width, double* mean)
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        new Span<double>(mean, width).Clear();
        int vectors = width / TWide.Width * TWide.Width, ahead = CacheLine.RowsAhead(width), k = 0;
        for (; k <= count - 4; k += 4)
        {
            float* x0 = features + (long)rows[k] * width, x1 = features + (long)rows[k + 1] * width;
            float* x2 = features + (long)rows[k + 2] * width, x3 = features + (long)rows[k + 3] * width;
            float* y0 = features + (long)rows[Math.Min(k + ahead, rowsLeft - 1)] * width, y1 = features + (long)rows[Math.Min(k + ahead + 1, rowsLeft - 1)] * width;
            float* y2 = features + (long)rows[Math.Min(k + ahead + 2, rowsLeft - 1)] * width, y3 = features + (long)rows[Math.Min(k + ahead + 3, rowsLeft - 1)] * width;
            int j = 0;
            for (; j <= vectors - 2 * TWide.Width; j += 2 * TWide.Width)
            {
                CacheLine.FetchFar(y0 + j);
                CacheLine.FetchFar(y1 + j);
                CacheLine.FetchFar(y2 + j);
                CacheLine.FetchFar(y3 + j);
                AddFour<TWide, TWideVector>(x0 + j, x1 + j, x2 + j, x3 + j, mean + j);
                AddFour<TWide, TWideVector>(x0 + j + TWide.Width, x1 + j + TWide.Width, x2 + j + TWide.Width, x3 + j + TWide.Width, mean + j + TWide.Width);
            }

            for (; j < vectors; j += TWide.Width)
            {
                AddFour<TWide, TWideVector>(x0 + j, x1 + j, x2 + j, x3 + j, mean + j);
            }

            for (; j < width; j++)
            {
                mean[j] += ((double)x0[j] + x1[j]) + ((double)x2[j] + x3[j]);
            }
        }

        for (; k < count; k++)
        {
            float* x = features + (long)rows[k] * width;
            for (int j = 0; j < vectors; j += TWide.Width)
            {
                TWide.Store(TWide.Add(TWide.Load(mean + j), TWide.LoadWide(x + j)), mean + j);
            }

            for (int j = vectors; j < width; j++)
            {
                mean[j] += x[j];
            }
        }

        for (int j = 0; j < width; j++)
        {
            mean[j] /= count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddFour<TWide, TWideVector>(float* x0, float* x1, float* x2, float* x3, double* sums)
        where TWide : struct, IWideSimd<TWideVector>
        where TWideVector : unmanaged
    {
        TWideVector left = TWide.Add(TWide.LoadWide(x0), TWide.LoadWide(x1)), right = TWide.Add(TWide.LoadWide(x2), TWide.LoadWide(x3));
        TWide.Store(TWide.Add(TWide.Load(sums), TWide.Add(left, right)), sums);
    }

    [MethodImpl(KernelMethod.Options)]
    private void Center<TSimd, TVector>(float* x, int k)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int panelWidth = PanelWidth;
        for (int start = 0, block = 0; start < _shape.Dimensions; start += _shape.BlockSize, block++)
        {
            int size = Math.Min(_shape.BlockSize, _shape.Dimensions - start);
            float* to = Panel(block, 0) + (long)k * panelWidth;
            for (int column = 0; column < size; column += panelWidth, to += (long)panelWidth * _depth)
            {
                float* from = x + start + column, centre = _centre + start + column, rest = centre + _shape.Dimensions;
                int columns = Math.Min(panelWidth, size - column), j = 0;
                for (; j <= columns - TSimd.Width; j += TSimd.Width)
                {
                    TSimd.Store(TSimd.Subtract(TSimd.Subtract(TSimd.Load(from + j), TSimd.Load(centre + j)), TSimd.Load(rest + j)), to + j);
                }

                for (; j < columns; j++)
                {
                    to[j] = from[j] - centre[j] - rest[j];
                }

                // The kernel reads whole panels.
                for (; j < panelWidth; j++)
                {
                    to[j] = 0;
                }
            }
        }
    }

    // The same of four rows, whose centres are loaded once for whole panels.
    [MethodImpl(KernelMethod.Options)]
    private void CenterFour<TSimd, TVector>(float* features, int* rows, int k)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int width = _shape.Dimensions, panelWidth = 2 * TSimd.Width;
        float* x0 = features + (long)rows[0] * width, x1 = features + (long)rows[1] * width, x2 = features + (long)rows[2] * width, x3 = features + (long)rows[3] * width;
        if (_shape.BlockSize % panelWidth != 0 || width % panelWidth != 0)
        {
            Center<TSimd, TVector>(x0, k);
            Center<TSimd, TVector>(x1, k + 1);
            Center<TSimd, TVector>(x2, k + 2);
            Center<TSimd, TVector>(x3, k + 3);
            return;
        }

        // Panels of all blocks follow each other.
        float* to = Panel(0, 0) + (long)k * panelWidth;
        for (int column = 0; column < width; column += panelWidth, to += (long)panelWidth * _depth)
        {
            TVector left = TSimd.Load(_centre + column), right = TSimd.Load(_centre + column + TSimd.Width);
            TVector leftRest = TSimd.Load(_centre + width + column), rightRest = TSimd.Load(_centre + width + column + TSimd.Width);
            CenterHalves<TSimd, TVector>(x0 + column, left, leftRest, right, rightRest, to);
            CenterHalves<TSimd, TVector>(x1 + column, left, leftRest, right, rightRest, to + panelWidth);
            CenterHalves<TSimd, TVector>(x2 + column, left, leftRest, right, rightRest, to + 2 * panelWidth);
            CenterHalves<TSimd, TVector>(x3 + column, left, leftRest, right, rightRest, to + 3 * panelWidth);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CenterHalves<TSimd, TVector>(float* x, TVector left, TVector leftRest, TVector right, TVector rightRest, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TSimd.Store(TSimd.Subtract(TSimd.Subtract(TSimd.Load(x), left), leftRest), to);
        TSimd.Store(TSimd.Subtract(TSimd.Subtract(TSimd.Load(x + TSimd.Width), right), rightRest), to + TSimd.Width);
    }

    private void AppendMean(double* groupMean, double weight, int k)
    {
        int panelWidth = PanelWidth;
        for (int start = 0, block = 0; start < _shape.Dimensions; start += _shape.BlockSize, block++)
        {
            int size = Math.Min(_shape.BlockSize, _shape.Dimensions - start);
            for (int j = 0; j < _panelsPerBlock * panelWidth; j++)
            {
                float value = j < size ? (float)(weight * (groupMean[start + j] - Mean[start + j])) : 0;
                Panel(block, j / panelWidth)[k * panelWidth + j % panelWidth] = value;
            }
        }
    }
}
