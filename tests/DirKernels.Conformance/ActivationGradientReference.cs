namespace DirKernels.Conformance;

/// <summary>Slopes of activations by their definitions.</summary>
public static class ActivationGradientReference
{
    public static double Slope(Activation activation, double x)
    {
        switch (activation)
        {
            case Activation.Identity:
                return 1;
            case Activation.Relu:
                return x > 0 ? 1 : 0;
            case Activation.Tanh:
                double tanh = Math.Tanh(x);
                return 1 - tanh * tanh;
            case Activation.Silu:
                double sigmoid = 1 / (1 + Math.Exp(-x));
                return sigmoid * (1 + x * (1 - sigmoid));
            default:
                return NormalDistributionReference.Distribution(x) + x * NormalDistributionReference.Density(x);
        }
    }
}
