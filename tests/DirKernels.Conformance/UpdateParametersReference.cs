namespace DirKernels.Conformance;

/// <summary>One optimiser step of one parameter, from the formulas of the papers.</summary>
public readonly record struct UpdateParametersReference(double Parameter, double First, double Second, double UpdateMagnitude, double FirstMagnitude)
{
    public static UpdateParametersReference Step(in OptimizerStep step, double parameter, double gradient, double first, double second)
    {
        double rate = step.Rate, decay = step.WeightDecay, b1 = step.Beta1, b2 = step.Beta2;
        if (step.Kind == OptimizerKind.Sgd)
        {
            double m = b1 * first + gradient + decay * parameter;
            double size = Math.Abs(b1 * first) + Math.Abs(gradient) + Math.Abs(decay * parameter);
            return new(parameter - rate * m, m, second, rate * size, size);
        }

        double g = step.Kind == OptimizerKind.Adam ? gradient + decay * parameter : gradient;
        double gSize = Math.Abs(gradient) + (step.Kind == OptimizerKind.Adam ? Math.Abs(decay * parameter) : 0);
        double newFirst = b1 * first + (1 - b1) * g;
        double newSecond = b2 * second + (1 - b2) * g * g;
        double firstSize = Math.Abs(b1 * first) + (1 - b1) * gSize;
        double firstHat = newFirst / (1 - Math.Pow(b1, step.Number));
        double root = Math.Sqrt(newSecond / (1 - Math.Pow(b2, step.Number))) + step.Epsilon;
        double decayed = step.Kind == OptimizerKind.AdamW ? parameter - rate * decay * parameter : parameter;
        return new(
            decayed - rate * firstHat / root,
            newFirst,
            newSecond,
            rate * firstSize / (1 - Math.Pow(b1, step.Number)) / root,
            firstSize);
    }
}
