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

        public readonly void Run(int bin)
        {
            double keep = Keep[bin], take = Take[bin];
            if (keep == 1 && take == 0)
            {
                return;
            }

            double* from = Epoch + (long)bin * Width;
            float* to = Running + (long)bin * Width;
            for (int i = 0; i < Width; i++)
            {
                // A bin that is overwritten must not read what was there: 0 times infinity is not 0.
                to[i] = (float)(keep == 0 ? take * from[i] : keep * to[i] + take * from[i]);
            }
        }
    }
}
