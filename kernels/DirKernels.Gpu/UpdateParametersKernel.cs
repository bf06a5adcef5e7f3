using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// One step of Adam, AdamW or gradient descent over all parameters of a network in one launch; formulas at <see cref="OptimizerKind"/>. Launch: groups of 256
/// in a loop over the parameters. 28 bytes a parameter (Adam), 20 (descent). Deterministic; each result rounds at most eight times.
/// </summary>
internal static class UpdateParametersKernel
{
    public static void Run(
        GpuRuntime gpu, in OptimizerStep step, ArrayView<float> parameters, ArrayView<float> gradient, ArrayView<float> first, ArrayView<float> second)
    {
        if (parameters.Length == 0)
        {
            return;
        }

        var rates = new Rates
        {
            FirstDecay = step.Beta1,
            SecondDecay = step.Beta2,
            Epsilon = step.Epsilon,
            CoupledDecay = step.Kind == OptimizerKind.AdamW ? 0 : step.WeightDecay,
            Keep = step.Kind == OptimizerKind.AdamW ? 1 - step.Rate * step.WeightDecay : 1,
        };
        if (step.Kind == OptimizerKind.Sgd)
        {
            rates.Rate = step.Rate;
            gpu.Launch(gpu.Elements(parameters.Length), Descend, parameters, gradient, first, parameters.Length, rates);
        }
        else
        {
            rates.Rate = step.Rate * step.FirstCorrection;
            rates.RootSecondCorrection = MathF.Sqrt(step.SecondCorrection);
            gpu.Launch(gpu.Elements(parameters.Length), Adapt, parameters, gradient, first, second, parameters.Length, rates);
        }
    }

    public static void Descend(ArrayView<float> parameters, ArrayView<float> gradient, ArrayView<float> first, long count, Rates rates)
    {
        long stride = (long)Grid.DimX * Group.DimX;
        for (long i = Grid.GlobalIndex.X; i < count; i += stride)
        {
            float m = ZeroBelow(OptimizerStep.SmallestFirst, rates.FirstDecay * first[i] + (gradient[i] + rates.CoupledDecay * parameters[i]));
            first[i] = m;
            parameters[i] -= rates.Rate * m;
        }
    }

    public static void Adapt(
        ArrayView<float> parameters, ArrayView<float> gradient, ArrayView<float> first, ArrayView<float> second, long count, Rates rates)
    {
        long stride = (long)Grid.DimX * Group.DimX;
        for (long i = Grid.GlobalIndex.X; i < count; i += stride)
        {
            float m = first[i], v = second[i];
            parameters[i] = Adapted(parameters[i], gradient[i], ref m, ref v, rates);
            first[i] = m;
            second[i] = v;
        }
    }

    /// <summary>The parameter after one step of Adam or AdamW.</summary>
    public static float Adapted(float parameter, float gradient, ref float first, ref float second, in Rates rates)
    {
        float g = gradient + rates.CoupledDecay * parameter;
        first = ZeroBelow(OptimizerStep.SmallestFirst, rates.FirstDecay * first + (1f - rates.FirstDecay) * g);
        second = ZeroBelow(OptimizerStep.SmallestSecond, rates.SecondDecay * second + (1f - rates.SecondDecay) * (g * g));
        float root = MathF.Sqrt(second) * rates.RootSecondCorrection + rates.Epsilon;
        return parameter * rates.Keep - first * rates.Rate / root;
    }

    // As on the CPU, so that moments that have decayed are 0 on both.
    private static float ZeroBelow(float smallest, float moment) => MathF.Abs(moment) < smallest ? 0f : moment;

    /// <summary>The constants of a step, corrections for its number included.</summary>
    internal struct Rates
    {
        public float Rate;
        public float FirstDecay;
        public float SecondDecay;
        public float Epsilon;
        public float CoupledDecay;
        public float Keep;
        public float RootSecondCorrection;
    }
}
