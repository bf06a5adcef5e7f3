using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>Predictions of a network, row by row in double precision, and beside each a bound of the error that single precision makes of it, in units of u.</summary>
public static class PredictReference
{
    /// <summary>[n x targets] values and bounds.</summary>
    public static (double[] Values, double[] Errors) Predict(NetworkPlan plan, float[] inputs, float[] parameters)
    {
        int rows = inputs.Length / plan.Inputs;
        double[] exact = [.. parameters];
        var values = new List<double>();
        var errors = new List<double>();
        for (int row = 0; row < rows; row++)
        {
            double[] x = [.. inputs.Skip(row * plan.Inputs).Take(plan.Inputs)], error = new double[plan.Inputs];
            for (int l = 0; l < plan.Layers.Count; l++)
            {
                (x, error) = Multiply(exact, plan.Layers[l], x, error);
                for (int j = 0; j < x.Length && l + 1 < plan.Layers.Count; j++)
                {
                    double value = ActivateReference.Value(plan.Activation, x[j]);
                    error[j] = ActivateReference.Slope(plan.Activation) * error[j] + ActivateReference.Bound(plan.Activation, x[j], value) / ErrorBound.Unit;
                    x[j] = value;
                }
            }

            values.AddRange(x);
            errors.AddRange(error);
        }

        return ([.. values], [.. errors]);
    }

    /// <summary>One layer before its activation: a sum of n products rounds n + 2 times at most, relative to the sum of their magnitudes, and carries the errors of its inputs on.</summary>
    public static (double[] Value, double[] Error) Multiply(double[] parameters, DenseLayer layer, double[] x, double[] error)
    {
        var y = new double[layer.Outputs];
        var yError = new double[layer.Outputs];
        for (int j = 0; j < layer.Outputs; j++)
        {
            double size = Math.Abs(parameters[layer.BiasAt + j]);
            y[j] = parameters[layer.BiasAt + j];
            for (int k = 0; k < layer.Inputs; k++)
            {
                double w = parameters[layer.WeightsAt + k * layer.Outputs + j];
                y[j] += x[k] * w;
                size += Math.Abs(x[k] * w);
                yError[j] += error[k] * Math.Abs(w);
            }

            yError[j] += (layer.Inputs + 2) * size;
        }

        return (y, yError);
    }
}
