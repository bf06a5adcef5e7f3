using System.Numerics;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void UpdateParameters(
        in OptimizerStep step, DeviceView<float> parameters, DeviceView<float> gradient, DeviceView<float> firstMoment, DeviceView<float> secondMoment)
    {
        var job = new UpdateParametersJob
        {
            Step = step,
            FirstCorrection = step.FirstCorrection,
            RootSecondCorrection = MathF.Sqrt(step.SecondCorrection),
            Parameters = Pointer(parameters),
            Gradient = Pointer(gradient),
            First = Pointer(firstMoment),
            Second = Pointer(secondMoment),
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

        public OptimizerStep Step;
        public float FirstCorrection;
        public float RootSecondCorrection;
        public float* Parameters;
        public float* Gradient;
        public float* First;
        public float* Second;
        public int Count;

        public readonly void Run(int block)
        {
            int i = block * ElementsPerBlock, end = Math.Min(Count, i + ElementsPerBlock);
            if (Step.Kind == OptimizerKind.Sgd)
            {
                DescendRange(i, end);
            }
            else
            {
                AdaptRange(i, end);
            }
        }

        private readonly void DescendRange(int i, int end)
        {
            for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<float> parameter = Vector.Load(Parameters + i);
                Vector<float> m = Vector.Load(First + i) * Step.Beta1 + (Vector.Load(Gradient + i) + parameter * Step.WeightDecay);
                m = ZeroBelow(OptimizerStep.SmallestFirst, m);
                m.Store(First + i);
                (parameter - m * Step.Rate).Store(Parameters + i);
            }

            for (; i < end; i++)
            {
                First[i] = ZeroBelow(OptimizerStep.SmallestFirst, Step.Beta1 * First[i] + (Gradient[i] + Step.WeightDecay * Parameters[i]));
                Parameters[i] -= Step.Rate * First[i];
            }
        }

        private readonly void AdaptRange(int i, int end)
        {
            float coupledDecay = Step.Kind == OptimizerKind.Adam ? Step.WeightDecay : 0;
            float keep = Step.Kind == OptimizerKind.AdamW ? 1 - Step.Rate * Step.WeightDecay : 1;
            float rate = Step.Rate * FirstCorrection;
            for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<float> parameter = Vector.Load(Parameters + i);
                Vector<float> g = Vector.Load(Gradient + i) + parameter * coupledDecay;
                Vector<float> m = Vector.Load(First + i) * Step.Beta1 + g * (1 - Step.Beta1);
                Vector<float> v = Vector.Load(Second + i) * Step.Beta2 + g * g * (1 - Step.Beta2);
                m = ZeroBelow(OptimizerStep.SmallestFirst, m);
                v = ZeroBelow(OptimizerStep.SmallestSecond, v);
                m.Store(First + i);
                v.Store(Second + i);
                Vector<float> root = Vector.SquareRoot(v) * RootSecondCorrection + new Vector<float>(Step.Epsilon);
                (parameter * keep - m * rate / root).Store(Parameters + i);
            }

            for (; i < end; i++)
            {
                float g = Gradient[i] + Parameters[i] * coupledDecay;
                First[i] = ZeroBelow(OptimizerStep.SmallestFirst, First[i] * Step.Beta1 + g * (1 - Step.Beta1));
                Second[i] = ZeroBelow(OptimizerStep.SmallestSecond, Second[i] * Step.Beta2 + g * g * (1 - Step.Beta2));
                float root = MathF.Sqrt(Second[i]) * RootSecondCorrection + Step.Epsilon;
                Parameters[i] = Parameters[i] * keep - First[i] * rate / root;
            }
        }

        // NaN is not below anything.
        private static float ZeroBelow(float smallest, float moment) => MathF.Abs(moment) < smallest ? 0 : moment;

        private static Vector<float> ZeroBelow(float smallest, Vector<float> moments) =>
            Vector.AndNot(moments, Vector.LessThan(Vector.Abs(moments), new Vector<float>(smallest)).As<int, float>());
    }
}
