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
            int start = block * ElementsPerBlock;
            DropoutFormula.Apply(X + start, Rate, Stream, start, Y + start, Math.Min(ElementsPerBlock, Count - start));
        }
    }
}
