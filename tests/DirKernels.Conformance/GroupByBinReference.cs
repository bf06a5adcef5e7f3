namespace DirKernels.Conformance;

public static class GroupByBinReference
{
    public static (int[] Rows, int[] Offsets) Group(int[] bins, int binCount)
    {
        int[] rows = [.. Enumerable.Range(0, binCount).SelectMany(b => Enumerable.Range(0, bins.Length).Where(i => bins[i] == b))];
        int[] offsets = [.. Enumerable.Range(0, binCount + 1).Select(b => bins.Count(x => x < b))];
        return (rows, offsets);
    }
}
