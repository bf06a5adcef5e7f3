using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    private static IEnumerable<OptimizerStep> OptimizerSteps =>
        from kind in Enum.GetValues<OptimizerKind>()
        from decay in new[] { 0f, 0.01f }
        select new OptimizerStep(kind, 1e-2f, 0.9f, 0.999f, 1e-8f, decay, 1);

    [Fact]
    public void UpdateParametersLengthsUpTo256()
    {
        foreach (OptimizerStep step in OptimizerSteps)
        {
            for (int length = 0; length <= 256; length++)
            {
                RunOptimizer(step with { Number = 3 }, length, steps: 1);
            }
        }
    }

    [Fact]
    public void UpdateParametersOverManySteps()
    {
        foreach (OptimizerStep step in OptimizerSteps)
        {
            RunOptimizer(step, 37, steps: 60);
        }
    }

    [Fact]
    public void UpdateParametersWithoutMomentumIsGradientDescent()
    {
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> parameters = operands.Updated([1f, 2, 3]), first = operands.Updated(new float[3]), second = operands.Updated(new float[3]);
        Backend.UpdateParameters(new OptimizerStep(OptimizerKind.Sgd, 0.5f, 0, 0, 1e-8f, 0, 1), parameters, operands.Input([2f, -4, 0.5f]), first, second);
        Assert.Equal([0f, 4, 2.75f], parameters.Read());
        Assert.Equal(new float[3], second.Read());
    }

    [Fact]
    public void UpdateParametersOfAdamFirstMovesByTheRate()
    {
        // After one step both corrected moments are the gradient itself: the parameter moves by rate sign(g), whatever the size of g.
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> parameters = operands.Updated(new float[3]), first = operands.Updated(new float[3]), second = operands.Updated(new float[3]);
        Backend.UpdateParameters(new OptimizerStep(OptimizerKind.Adam, 0.25f, 0.9f, 0.999f, 1e-12f, 0, 1), parameters, operands.Input([1e-3f, -50, 0]), first, second);
        ErrorBound.Check([-0.25, 0.25, 0], parameters.Read(), _ => 0.25 * 10 * U, "first step"); // ten roundings at most
    }

    [Fact]
    public void UpdateParametersLetsMomentsOfUnusedParametersReachZero()
    {
        foreach (OptimizerStep step in OptimizerSteps.Where(s => s.WeightDecay == 0))
        {
            const int Length = 37;
            using var operands = new GuardedOperands(Backend);
            float smallestFirst = MathF.Pow(2, -100), smallestSecond = MathF.Pow(2, -126);
            float[] tiny = [.. Enumerable.Range(0, Length).Select(i => (i % 2 == 0 ? 1 : -1) * (i % 3 == 0 ? float.Epsilon * i : smallestFirst * (1 + i / 37f)))];
            float[] squares = [.. Enumerable.Range(0, Length).Select(i => i % 3 == 0 ? float.Epsilon * i : smallestSecond * (1 + 1e-3f * i))];
            GuardedBuffer<float> parameters = operands.Updated(new float[Length]), first = operands.Updated(tiny), second = operands.Updated(squares);
            Backend.UpdateParameters(step, parameters, operands.Input(new float[Length]), first, second);
            float[] m = first.Read(), v = second.Read();
            for (int i = 0; i < Length; i++)
            {
                float firstLeft = 0.9f * tiny[i], secondLeft = 0.999f * squares[i];
                Assert.Equal(MathF.Abs(firstLeft) < smallestFirst ? 0 : firstLeft, m[i]);
                if (step.Kind != OptimizerKind.Sgd)
                {
                    Assert.Equal(secondLeft < smallestSecond ? 0 : secondLeft, v[i]);
                }
            }
        }
    }

    [Fact]
    public void UpdateParametersKeepsNaNAtItsElement()
    {
        foreach (OptimizerStep step in OptimizerSteps)
        {
            using var operands = new GuardedOperands(Backend);
            GuardedBuffer<float> parameters = operands.Updated(new float[21]), first = operands.Updated(new float[21]), second = operands.Updated(new float[21]);
            Backend.UpdateParameters(step, parameters, operands.Input(WithNaN(SampleNumbers.Normal(1, 21), 3, 20)), first, second);
            Assert.Equal(Enumerable.Range(0, 21).Select(i => i is 3 or 20), parameters.Read().Select(float.IsNaN));
        }
    }

    [Fact]
    public void UpdateParametersGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        foreach (OptimizerStep step in OptimizerSteps)
        {
            using var operands = new GuardedOperands(backend);
            GuardedBuffer<float> parameters = operands.Updated(SampleNumbers.Normal(1, 100_003)), first = operands.Updated(new float[100_003]), second = operands.Updated(new float[100_003]);
            backend.UpdateParameters(step, parameters, operands.Input(SampleNumbers.Normal(2, 100_003)), first, second);
            bits.Add(parameters.Read());
        }
    });

    /// <summary>Each step is compared with the oracle's step from the state that the backend had before it, so that errors do not add up.</summary>
    private void RunOptimizer(OptimizerStep step, int length, int steps)
    {
        float[] p = SampleNumbers.Normal(1, length), m = SampleNumbers.Normal(2, length, deviation: 0.1), v = SampleNumbers.Uniform(3, length, 0.01, 1);
        if (step.Number == 1)
        {
            (m, v) = (new float[length], new float[length]);
        }

        for (int t = 0; t < steps; t++)
        {
            OptimizerStep numbered = step with { Number = step.Number + t };
            float[] g = SampleNumbers.Normal(100 + t, length);
            UpdateParametersReference[] expected =
                [.. Enumerable.Range(0, length).Select(i => UpdateParametersReference.Step(numbered, p[i], g[i], m[i], v[i]))];
            using var operands = new GuardedOperands(Backend);
            GuardedBuffer<float> parameters = operands.Updated(p), first = operands.Updated(m), second = operands.Updated(v);
            Backend.UpdateParameters(numbered, parameters, operands.Input(g), first, second);
            string what = $"{numbered.Kind} step {numbered.Number} of {length}";
            float[] before = p;
            (p, m, v) = (parameters.Read(), first.Read(), second.Read());

            // m: two products, one or two sums. v: three products and a sum, with twice the rounding of g. p: those of m and half of v's, the corrections,
            // root, quotient and product, and two roundings of p itself.
            ErrorBound.Check([.. expected.Select(e => e.First)], m, i => 5 * U * expected[i].FirstMagnitude, what + " m");
            double GradientSize(int i) => numbered.Kind == OptimizerKind.Adam ? Math.Pow(Math.Abs(g[i]) + numbered.WeightDecay * Math.Abs(before[i]), 2) : 0;
            ErrorBound.Check(
                [.. expected.Select(e => e.Second)], v, i => U * (6 * expected[i].Second + 6 * (1 - numbered.Beta2) * GradientSize(i)), what + " v");
            ErrorBound.Check(
                [.. expected.Select(e => e.Parameter)], p, i => U * (3 * Math.Abs(before[i]) + 16 * expected[i].UpdateMagnitude), what + " p");
            operands.CheckInputs();
        }
    }
}
