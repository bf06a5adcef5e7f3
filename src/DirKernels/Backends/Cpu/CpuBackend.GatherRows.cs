namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void GatherRows<T>(DeviceView<T> source, DeviceView<int> rows, int width, DeviceView<T> destination)
        where T : unmanaged
    {
        var job = new GatherRowsJob<T> { Source = Pointer(source), Rows = Pointer(rows), Count = (int)rows.Length, Width = width, Destination = Pointer(destination) };
        _team.Run(ref job, DivideUp(job.Count, GatherRowsJob<T>.RowsPerBlock), (long)job.Count * width > WorthSharing);
        GC.KeepAlive(source.Buffer);
        GC.KeepAlive(rows.Buffer);
        GC.KeepAlive(destination.Buffer);
    }

    private unsafe struct GatherRowsJob<T> : IBlockJob
        where T : unmanaged
    {
        public const int RowsPerBlock = 64;

        public T* Source;
        public int* Rows;
        public int Count;
        public int Width;
        public T* Destination;

        public readonly void Run(int block)
        {
            int end = Math.Min(Count, (block + 1) * RowsPerBlock);
            for (int i = block * RowsPerBlock; i < end; i++)
            {
                T* from = Source + (long)Rows[i] * Width, to = Destination + (long)i * Width;
                if (Width == 1)
                {
                    *to = *from;
                }
                else
                {
                    new ReadOnlySpan<T>(from, Width).CopyTo(new Span<T>(to, Width));
                }
            }
        }
    }
}
