namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void UpdateParameters(
        in OptimizerStep step, DeviceView<float> parameters, DeviceView<float> gradient, DeviceView<float> firstMoment, DeviceView<float> secondMoment)
    {
        var job = new UpdateParametersJob
        {
            Step = ParameterStep.Of(step, Pointer(parameters), Pointer(firstMoment), Pointer(secondMoment)),
            Gradient = Pointer(gradient),
            Count = (int)parameters.Length,
        };
        _team.Run(ref job, DivideUp(job.Count, UpdateParametersJob.ElementsPerBlock), job.Count > UpdateParametersJob.ElementsPerBlock);
        GC.KeepAlive(parameters.Buffer);
        GC.KeepAlive(gradient.Buffer);
        GC.KeepAlive(firstMoment.Buffer);
        GC.KeepAlive(secondMoment.Buffer);
    }

    private unsafe struct UpdateParametersJob : IBlockJob
    {
        /// <summary>A root and a quotient for each element make a block of these worth a waking worker.</summary>
        public const int ElementsPerBlock = 2048;

        public ParameterStep Step;
        public float* Gradient;
        public int Count;

        public readonly void Run(int block)
        {
            int at = block * ElementsPerBlock;
            Step.Apply(Gradient + at, at, Math.Min(Count - at, ElementsPerBlock));
        }
    }
}
