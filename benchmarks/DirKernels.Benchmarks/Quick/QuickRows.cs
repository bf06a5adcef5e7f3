using DirKernels.Backends;
using DirKernels.Backends.Cpu;

namespace DirKernels.Benchmarks.Quick;

/// <summary>All rows of the table.</summary>
internal static class QuickRows
{
    public static IEnumerable<QuickRow> All(CpuBackend backend) =>
        [QuickLabelRows.Weights(backend), .. QuickFeatureRows.All(backend), .. QuickNetworkRows.All(backend)];

    /// <summary>A buffer of numbers in [-1, 1).</summary>
    public static DeviceBuffer<float> Uniform(IBackend backend, long length, ulong stream)
    {
        DeviceBuffer<float> buffer = backend.Allocate<float>(length);
        const int Piece = 1 << 20;
        var values = new float[Math.Min(length, Piece)];
        for (long start = 0; start < length; start += values.Length)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = 2 * CounterRandom.Uniform(stream, (ulong)(start + i)) - 1;
            }

            int count = (int)Math.Min(values.Length, length - start);
            backend.CopyIn<float>(values.AsSpan(0, count), buffer.Slice(start, count));
        }

        return buffer;
    }
}
