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
            int first = block * RowsPerBlock, end = Math.Min(Count, first + RowsPerBlock);
            if (Width == 1)
            {
                // Addresses in registers: elements could be those of the job, for all that a compiler knows.
                T* source = Source, to = Destination;
                int* rows = Rows;
                for (int i = first; i < end; i++)
                {
                    to[i] = source[rows[i]];
                }

                return;
            }

            for (int i = first; i < end; i++)
            {
                new ReadOnlySpan<T>(Source + (long)Rows[i] * Width, Width).CopyTo(new Span<T>(Destination + (long)i * Width, Width));
            }
        }
    }
}
