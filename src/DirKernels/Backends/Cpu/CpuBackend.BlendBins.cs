namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void BlendBins(DeviceView<double> epoch, ReadOnlySpan<double> keep, ReadOnlySpan<double> take, int width, DeviceView<float> running)
    {
        fixed (double* keepPointer = keep, takePointer = take)
        {
            var job = new BlendBinsJob { Epoch = Pointer(epoch), Keep = keepPointer, Take = takePointer, Width = width, Running = Pointer(running) };
            _team.Run(ref job, keep.Length, (long)keep.Length * width > WorthSharing);
        }

        GC.KeepAlive(epoch.Buffer);
        GC.KeepAlive(running.Buffer);
    }

    private unsafe struct BlendBinsJob : IBlockJob
    {
        public double* Epoch;
        public double* Keep;
        public double* Take;
        public int Width;
        public float* Running;

        public readonly void Run(int bin) => BinBlend.Apply(Epoch + (long)bin * Width, Keep[bin], Take[bin], Width, Running + (long)bin * Width);
    }
}
