using System.Runtime.CompilerServices;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// <c>destination[i, :] = source[rows[i], :]</c>, bits moved as they are. Launch: a power of two of neighbouring threads shares a row, up to a whole warp;
/// groups loop over the rows. Rows of floats whose length is a multiple of four move four at a time. 2 sizeof(T) bytes an element and 4 a row.
/// Deterministic, exact.
/// </summary>
internal static class GatherRowsKernel
{
    public static void Run<T>(GpuRuntime gpu, ArrayView<T> source, ArrayView<int> rows, int width, ArrayView<T> destination)
        where T : unmanaged
    {
        if (rows.Length == 0 || width == 0)
        {
            return;
        }

        switch (Unsafe.SizeOf<T>())
        {
            case 4 when width % 4 == 0 && Quads.Aligned(source) && Quads.Aligned(destination):
                Launch(gpu, KernelOfQuads, source.Cast<F4>(), rows, width / 4, destination.Cast<F4>());
                break;
            case 4:
                Launch(gpu, KernelOfInts, source.Cast<int>(), rows, width, destination.Cast<int>());
                break;
            case 8:
                Launch(gpu, KernelOfLongs, source.Cast<long>(), rows, width, destination.Cast<long>());
                break;
            default:
                Launch(gpu, KernelOfBytes, source.Cast<byte>(), rows, width * Unsafe.SizeOf<T>(), destination.Cast<byte>());
                break;
        }
    }

    public static void KernelOfQuads(ArrayView<F4> source, ArrayView<int> rows, ArrayView<F4> destination, long count, int width, int lanes) =>
        Gather(source, rows, destination, count, width, lanes);

    public static void KernelOfInts(ArrayView<int> source, ArrayView<int> rows, ArrayView<int> destination, long count, int width, int lanes) =>
        Gather(source, rows, destination, count, width, lanes);

    public static void KernelOfLongs(ArrayView<long> source, ArrayView<int> rows, ArrayView<long> destination, long count, int width, int lanes) =>
        Gather(source, rows, destination, count, width, lanes);

    public static void KernelOfBytes(ArrayView<byte> source, ArrayView<int> rows, ArrayView<byte> destination, long count, int width, int lanes) =>
        Gather(source, rows, destination, count, width, lanes);

    private static void Launch<T>(
        GpuRuntime gpu, Action<ArrayView<T>, ArrayView<int>, ArrayView<T>, long, int, int> kernel, ArrayView<T> source, ArrayView<int> rows, int width, ArrayView<T> destination)
        where T : unmanaged
    {
        int lanes = 1;
        while (lanes < 32 && lanes < width && lanes < gpu.Scale.GroupSize)
        {
            lanes *= 2;
        }

        gpu.Launch(gpu.Elements(rows.Length * lanes), kernel, source, rows, destination, rows.Length, width, lanes);
    }

    private static void Gather<T>(ArrayView<T> source, ArrayView<int> rows, ArrayView<T> destination, long count, int width, int lanes)
        where T : unmanaged
    {
        long thread = Grid.GlobalIndex.X, step = (long)Grid.DimX * Group.DimX / lanes;
        int lane = (int)(thread % lanes);
        for (long i = thread / lanes; i < count; i += step)
        {
            long from = (long)rows[i] * width, to = i * width;
            for (int j = lane; j < width; j += lanes)
            {
                destination[to + j] = source[from + j];
            }
        }
    }
}
