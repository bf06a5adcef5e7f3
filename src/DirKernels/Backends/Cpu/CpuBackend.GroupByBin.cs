using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <summary>Rows below which threads are not worth waking: grouped in the time that they take to meet twice.</summary>
    private const int FewestRowsOfSharedGrouping = 32 * 1024;

    /// <inheritdoc/>
    public unsafe void GroupByBin(DeviceView<int> bins, DeviceView<int> rows, DeviceView<int> offsets)
    {
        // Rows are counted and placed by address: what does not fit would be written anywhere.
        if (rows.Length < bins.Length || offsets.Length == 0)
        {
            throw new ArgumentException($"{bins.Length} rows with a bin are to be grouped into {rows.Length}, with {offsets.Length} offsets.", nameof(rows));
        }

        int count = checked((int)bins.Length), binCount = checked((int)offsets.Length - 1);
        RequireBins(HostSpan(bins), binCount);
        bool shared = _team.Size > 1 && count >= FewestRowsOfSharedGrouping;
        int strands = BinGrouping.StrandsFor(count, binCount, shared ? _team.Size : 1);
        var job = new BinGrouping
        {
            Bins = Pointer(bins),
            Rows = Pointer(rows),
            Count = count,
            BinCount = binCount,
            Strands = strands,
            Cursors = ScratchMemory.Request<int>((long)strands * binCount),
        };
        _team.Run(ref job, job.Blocks, shared);
        job.BeginPlaces(Pointer(offsets));
        _team.Run(ref job, job.Blocks, shared);
        GC.KeepAlive(bins.Buffer);
        GC.KeepAlive(rows.Buffer);
        GC.KeepAlive(offsets.Buffer);
    }

    private static void RequireBins(ReadOnlySpan<int> bins, int binCount)
    {
        if (bins.Length > 0 && TensorPrimitives.Max(MemoryMarshal.Cast<int, uint>(bins)) >= (uint)binCount)
        {
            int row = bins.IndexOfAnyExceptInRange(0, binCount - 1);
            throw new ArgumentException($"Row {row} is in bin {bins[row]} of {binCount}.", nameof(bins));
        }
    }
}
