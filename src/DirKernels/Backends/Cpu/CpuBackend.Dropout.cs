namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void Dropout(DeviceView<float> x, float rate, ulong stream, DeviceView<float> y)
    {
        var job = new DropoutJob { X = Pointer(x), Y = Pointer(y), Rate = rate, Stream = stream, Count = (int)x.Length };
        _team.Run(ref job, DivideUp(job.Count, ElementsPerBlock), job.Count > WorthSharing / 4);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    private unsafe struct DropoutJob : IBlockJob
    {
        public float* X;
        public float* Y;
        public float Rate;
        public ulong Stream;
        public int Count;

        public readonly void Run(int block)
        {
            float scale = 1 / (1 - Rate);
            int end = Math.Min(Count, (block + 1) * ElementsPerBlock);
            for (int i = block * ElementsPerBlock; i < end; i++)
            {
                Y[i] = CounterRandom.Uniform(Stream, (ulong)i) >= Rate ? X[i] * scale : 0;
            }
        }
    }
}
