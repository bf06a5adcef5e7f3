using DirKernels.Conformance;
using DirKernels.Networks;

namespace DirKernels.Tests.Networks;

/// <summary>A network in double precision, every value with a bound on what single precision may make of it.</summary>
/// <remarks>
/// u = 2^-24, to first order in u. A product of K terms and a bias in any order of summation: <c>e' = sum |w| e + (K + 2) u (sum |w x| + |b|)</c>.
/// Normalisation, also when it is folded into the product: <c>a e' + 8 u (a sum |w x| + a |b| + a |mean| + |offset|)</c>, <c>a = gain / sqrt(var + epsilon)</c>.
/// An activation multiplies an error by its steepest slope (1; gelu 1.13, silu 1.1) and adds what its approximation may be off: 4e-7 (1 + |x|), the figure
/// documented for gelu, for all that are not exact. Target scaling rounds mean, scale, product and sum: <c>scale e + 4 u (|scale y| + |mean|)</c>.
/// </remarks>
internal sealed class BoundedNetwork(NetworkShape shape, float[] parameters, float[] statistics, TargetScaling scaling)
{
    private const double U = ErrorBound.Unit;

    private readonly ParameterLayout _layout = new(shape);

    /// <summary>Values of a row and their bounds.</summary>
    /// <param name="x">[inputs].</param>
    /// <param name="error">[inputs] bounds on what the row was off already.</param>
    public (double[] Values, double[] Bounds) Predict(double[] x, double[] error)
    {
        int at = 0;
        for (int layer = 0; layer < shape.Hidden.Count; layer++)
        {
            (x, error, double[] magnitude) = Product($"layers.{layer}.", x, error);
            if (shape.BatchNormalization)
            {
                Normalize(layer, at, x, error, magnitude);
                at += 2 * shape.Hidden[layer];
            }

            for (int j = 0; j < x.Length; j++)
            {
                (x[j], error[j]) = Activate(x[j], error[j]);
            }
        }

        (x, error, _) = Product("head.", x, error);
        for (int t = 0; t < x.Length; t++)
        {
            double scaled = scaling.Scale[t] * x[t];
            error[t] = scaling.Scale[t] * error[t] + 4 * U * (Math.Abs(scaled) + Math.Abs(scaling.Mean[t]));
            x[t] = scaled + scaling.Mean[t];
        }

        return (x, error);
    }

    private (double[] Values, double[] Errors, double[] Magnitudes) Product(string name, double[] x, double[] error)
    {
        ParameterEntry weights = Entry(name + "weight"), bias = Entry(name + "bias");
        double[] values = new double[weights.Columns], errors = new double[weights.Columns], magnitudes = new double[weights.Columns];
        for (int j = 0; j < values.Length; j++)
        {
            double b = parameters[bias.Offset + j];
            values[j] = b;
            magnitudes[j] = Math.Abs(b);
            for (int k = 0; k < x.Length; k++)
            {
                double w = parameters[weights.Offset + k * weights.Columns + j];
                values[j] += w * x[k];
                magnitudes[j] += Math.Abs(w * x[k]);
                errors[j] += Math.Abs(w) * error[k];
            }

            errors[j] += (x.Length + 2) * U * magnitudes[j];
        }

        return (values, errors, magnitudes);
    }

    private void Normalize(int layer, int at, double[] x, double[] error, double[] magnitude)
    {
        ParameterEntry gain = Entry($"layers.{layer}.gain"), offset = Entry($"layers.{layer}.offset");
        for (int j = 0; j < x.Length; j++)
        {
            double mean = statistics[at + j], slope = parameters[gain.Offset + j] / Math.Sqrt(statistics[at + x.Length + j] + 1e-5), shift = parameters[offset.Offset + j];
            error[j] = Math.Abs(slope) * error[j] + 8 * U * (Math.Abs(slope) * (magnitude[j] + Math.Abs(mean)) + Math.Abs(shift));
            x[j] = slope * (x[j] - mean) + shift;
        }
    }

    private (double Value, double Error) Activate(double x, double error)
    {
        double approximation = 4e-7 * (1 + Math.Abs(x));
        return shape.Activation switch
        {
            Activation.Identity => (x, error),
            Activation.Relu => (Math.Max(x, 0), error),
            Activation.Tanh => (Math.Tanh(x), error + approximation),
            Activation.Silu => (x / (1 + Math.Exp(-x)), 1.1 * error + approximation),
            _ => (x * NormalDistributionReference.Distribution(x), 1.13 * error + approximation),
        };
    }

    private ParameterEntry Entry(string name) => _layout.Entries.Single(entry => entry.Name == name);
}
