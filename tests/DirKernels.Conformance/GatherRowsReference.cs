namespace DirKernels.Conformance;

public static class GatherRowsReference
{
    public static T[] Gather<T>(T[] source, int[] rows, int width) =>
        [.. rows.SelectMany(row => Enumerable.Range(0, width).Select(column => source[row * width + column]))];
}
