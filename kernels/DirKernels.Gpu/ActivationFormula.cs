namespace DirKernels.Gpu;

/// <summary>The activations and their slopes for one element, the formulas of <see cref="Activation"/>; also the epilogue of the matrix product.</summary>
internal static class ActivationFormula
{
    private const float RootHalf = 0.70710678f;
    private const float RootTwoPiInverse = 0.39894228f;

    /// <summary>activation(x); <paramref name="activation"/> is the same for a whole launch.</summary>
    public static float Apply(int activation, float x)
    {
        if (activation == (int)Activation.Relu)
        {
            // NaN stays NaN: it is not below 0.
            return x < 0f ? 0f : x;
        }

        if (activation == (int)Activation.Gelu)
        {
            return x * NormalDistribution(x);
        }

        if (activation == (int)Activation.Silu)
        {
            return x / (1f + ScalarFunctions.Exp(-x));
        }

        return activation == (int)Activation.Tanh ? ScalarFunctions.Tanh(x) : x;
    }

    /// <summary>dY activation'(x), from the argument x (gelu, silu) or the value y (relu, tanh).</summary>
    public static float Gradient(int activation, float x, float y, float dY)
    {
        if (activation == (int)Activation.Relu)
        {
            return y > 0f ? dY : 0f;
        }

        if (activation == (int)Activation.Gelu)
        {
            return dY * (NormalDistribution(x) + x * (RootTwoPiInverse * ScalarFunctions.Exp(x * x * -0.5f)));
        }

        if (activation == (int)Activation.Silu)
        {
            float sigmoid = 1f / (1f + ScalarFunctions.Exp(-x));
            return dY * sigmoid * (1f + x * (1f - sigmoid));
        }

        return activation == (int)Activation.Tanh ? dY * (1f - y * y) : dY;
    }

    /// <summary>Normal distribution function by Abramowitz and Stegun 7.1.26 for erf, absolute error below 1e-7.</summary>
    private static float NormalDistribution(float x)
    {
        float u = MathF.Abs(x) * RootHalf;
        float t = 1f / (1f + 0.3275911f * u);
        float p = 1.061405429f * t - 1.453152027f;
        p = p * t + 1.421413741f;
        p = p * t - 0.284496736f;
        p = p * t + 0.254829592f;
        float upperTail = p * t * ScalarFunctions.Exp(-u * u) * 0.5f;
        return x >= 0f ? 1f - upperTail : upperTail;
    }
}
