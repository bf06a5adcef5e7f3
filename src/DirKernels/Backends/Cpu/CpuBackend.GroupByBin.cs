namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public void GroupByBin(DeviceView<int> bins, DeviceView<int> rows, DeviceView<int> offsets)
    {
        ReadOnlySpan<int> bin = HostSpan(bins);
        Span<int> grouped = HostSpan(rows), start = HostSpan(offsets);
        start.Clear();
        foreach (int b in bin)
        {
            start[b + 1]++;
        }

        for (int b = 1; b < start.Length; b++)
        {
            start[b] += start[b - 1];
        }

        // Each start moves to its end while its rows are placed, and is put back by shifting the table one bin on.
        for (int i = 0; i < bin.Length; i++)
        {
            grouped[start[bin[i]]++] = i;
        }

        start[..^1].CopyTo(start[1..]);
        start[0] = 0;
        GC.KeepAlive(bins.Buffer);
        GC.KeepAlive(rows.Buffer);
        GC.KeepAlive(offsets.Buffer);
    }
}
