namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    private const int ElementsPerBlock = 8192;

    /// <inheritdoc/>
    public unsafe void Activate(Activation activation, DeviceView<float> preActivation, DeviceView<float> y)
    {
        var job = new ActivateJob { Activation = activation, X = Pointer(preActivation), Y = Pointer(y), Count = (int)y.Length };
        _team.Run(ref job, DivideUp(job.Count, ElementsPerBlock), job.Count > WorthSharing);
        GC.KeepAlive(preActivation.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    /// <inheritdoc/>
    public unsafe void ActivationGradient(
        Activation activation, DeviceView<float> preActivation, DeviceView<float> y, DeviceView<float> dY, DeviceView<float> dPre)
    {
        var job = new ActivationGradientJob
        {
            Activation = activation,
            X = Pointer(preActivation),
            Y = Pointer(y),
            DY = Pointer(dY),
            DPre = Pointer(dPre),
            Count = (int)dY.Length,
        };
        _team.Run(ref job, DivideUp(job.Count, ElementsPerBlock), job.Count > WorthSharing);
        GC.KeepAlive(preActivation.Buffer);
        GC.KeepAlive(y.Buffer);
        GC.KeepAlive(dY.Buffer);
        GC.KeepAlive(dPre.Buffer);
    }

    private unsafe struct ActivateJob : IBlockJob
    {
        public Activation Activation;
        public float* X;
        public float* Y;
        public int Count;

        public readonly void Run(int block)
        {
            int start = block * ElementsPerBlock;
            ActivationFormula.Apply(Activation, X + start, Y + start, Math.Min(ElementsPerBlock, Count - start));
        }
    }

    private unsafe struct ActivationGradientJob : IBlockJob
    {
        public Activation Activation;
        public float* X;
        public float* Y;
        public float* DY;
        public float* DPre;
        public int Count;

        public readonly void Run(int block)
        {
            int start = block * ElementsPerBlock;
            ActivationFormula.Gradient(Activation, X + start, Y + start, DY + start, DPre + start, Math.Min(ElementsPerBlock, Count - start));
        }
    }
}
