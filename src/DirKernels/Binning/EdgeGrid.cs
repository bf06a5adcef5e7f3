using System.Numerics;
using System.Runtime.CompilerServices;

namespace DirKernels.Binning;

/// <summary>Finds bins between explicit edges without a search: equal cells over the edges' range, each knowing the few edges inside it.</summary>
/// <remarks>
/// The bin of a label is the number of interior edges at or below it. The cell of a label (<see cref="UniformBinRule.IndexOf"/>) never falls as the
/// label grows, however it rounds: edges of earlier cells are below the label, those of later cells above it, and only the edges of its own cell are
/// compared. So the result is exactly that of a search over all edges. Immutable and thread-safe.
/// </remarks>
internal sealed unsafe class EdgeGrid
{
    private const int CellsPerBin = 16;
    private const int FewestCells = 256;
    private const int MostCells = 1 << 16;
    private const int Block = 256;

    private readonly double[] _edges;
    private readonly UniformBinRule _rule;
    private readonly Cell[] _cells;

    private EdgeGrid(double[] edges, UniformBinRule rule)
    {
        _edges = edges;
        _rule = rule;
        _cells = new Cell[rule.Count];
        int edge = 1, bins = edges.Length - 1;
        for (int c = 0; c < _cells.Length; c++)
        {
            int first = edge;
            while (edge < bins && rule.IndexOf(edges[edge]) == c)
            {
                edge++;
            }

            _cells[c] = new Cell(first < edge ? edges[first] : double.PositiveInfinity, first - 1, edge - first);
        }
    }

    /// <summary>Builds the cells.</summary>
    /// <param name="edges">B + 1 strictly increasing finite edges; kept.</param>
    /// <returns>Null where the edges' range is too wide or too narrow for double precision.</returns>
    public static EdgeGrid? TryBuild(double[] edges)
    {
        int bins = edges.Length - 1;
        int cells = (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((ulong)bins * CellsPerBin), FewestCells, MostCells);
        double width = (edges[^1] - edges[0]) / cells;
        return double.IsNormal(width) ? new EdgeGrid(edges, new UniformBinRule(edges[0], width, cells)) : null;
    }

    /// <summary>Assigns bins.</summary>
    /// <returns>Whether all labels are finite; if not, the bins are not to be used.</returns>
    [MethodImpl(KernelMethod.Options)]
    public bool TryAssign<TBin>(double* labels, int count, TBin* bins)
        where TBin : unmanaged, IBinaryInteger<TBin>
    {
        ushort* indices = stackalloc ushort[Block];
        fixed (Cell* cells = _cells)
        {
            for (int start = 0; start < count; start += Block)
            {
                int length = Math.Min(Block, count - start);
                double* block = labels + start;
                if (!UniformBinning.TryAssign(_rule, block, length, indices))
                {
                    return false;
                }

                for (int i = 0; i < length; i++)
                {
                    double label = block[i];
                    Cell* cell = cells + indices[i];
                    int bin = cell->First + (label >= cell->Edge ? 1 : 0);
                    if (cell->Edges > 1)
                    {
                        bin = Search(_edges, cell->First, cell->Edges, label);
                    }

                    bins[start + i] = TBin.CreateTruncating(bin);
                }
            }
        }

        return true;
    }

    /// <summary>The bin of a label among <c>length + 1</c> bins from <paramref name="first"/> on, by halving without branches on the data.</summary>
    public static int Search(double[] edges, int first, int length, double label)
    {
        int bin = first;
        while (length > 0)
        {
            int half = (length + 1) >> 1;
            bin += label >= edges[bin + half] ? half : 0;
            length -= half;
        }

        return bin;
    }

    /// <summary>The first edge inside a cell, the bin below it, and how many edges there are.</summary>
    private readonly struct Cell(double edge, int first, int edges)
    {
        public readonly double Edge = edge;
        public readonly int First = first;
        public readonly int Edges = edges;
    }
}
