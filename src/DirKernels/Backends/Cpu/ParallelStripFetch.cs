using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <summary>Asks for the same columns of the rows to come.</summary>
/// <param name="rows">Rows to come, one for each of the pass.</param>
internal readonly unsafe struct ParallelStripFetch(float** rows) : IStripFetch
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next(int row, int column, int lines)
    {
        if (lines > 0)
        {
            float* next = rows[row] + column;
            CacheLine.FetchFar(next);
            CacheLine.FetchFar(next + (lines - 1) * CacheLine.Floats);
        }
    }
}
