using DirKernels.Networks;

namespace DirKernels.Conformance;

/// <summary>The loss of one training batch as a function of the parameters, forwards only, in double precision.</summary>
public sealed class NetworkLossReference(NetworkShape shape, ParameterLayout layout, float[] inputs, float[] targets, float[]? weights, RegressionLoss loss)
{
    private readonly int _rows = targets.Length / shape.Targets;

    /// <summary>Key of the dropout of this batch.</summary>
    public ulong DropoutStream { get; init; }

    /// <summary>Added to variances in batch normalisation.</summary>
    public double NormalizationEpsilon { get; init; } = 1e-5f;

    /// <summary>Calibration of the features [rows x D] before the head; its statistics are constants.</summary>
    public Func<double[], double[]> Calibrate { get; init; } = features => features;

    /// <summary>The loss of outputs [rows x outputs] and uncalibrated features [rows x D]; null for the weighted mean of the formula.</summary>
    public Func<double[], double[], double>? Objective { get; init; }

    public double Loss(double[] parameters)
    {
        double[] features = Features(parameters), x = Calibrate(features);
        double[] prediction = Layer(parameters, "head.", x, shape.FeatureDimensions, shape.Outputs);
        if (Objective is not null)
        {
            return Objective(prediction, features);
        }

        double sum = 0;
        for (int i = 0; i < prediction.Length; i++)
        {
            sum += (weights?[i / shape.Targets] ?? 1) * LossGradientReference.Value(loss, prediction[i] - targets[i]);
        }

        return sum / prediction.Length;
    }

    /// <summary>Central differences of <see cref="Loss"/> for every parameter.</summary>
    public double[] Slopes(double[] parameters, double step)
    {
        var slopes = new double[parameters.Length];
        for (int i = 0; i < parameters.Length; i++)
        {
            double at = parameters[i];
            parameters[i] = at + step;
            double above = Loss(parameters);
            parameters[i] = at - step;
            slopes[i] = (above - Loss(parameters)) / (2 * step);
            parameters[i] = at;
        }

        return slopes;
    }

    /// <summary>Output of the last hidden layer, dropout included.</summary>
    public double[] Features(double[] parameters)
    {
        double[] x = [.. inputs];
        for (int layer = 0; layer < shape.Hidden.Count; layer++)
        {
            string prefix = $"layers.{layer}.";
            x = Layer(parameters, prefix, x, shape.LayerInputs(layer), shape.Hidden[layer]);
            if (shape.BatchNormalization)
            {
                x = new BatchNormalizeReference(
                    x, shape.Hidden[layer], Entry(parameters, prefix + "gain"), Entry(parameters, prefix + "offset"), NormalizationEpsilon).Y;
            }

            bool[] kept = DropoutReference.Kept(x.Length, shape.Dropout, DropoutReference.Stream(DropoutStream, layer));
            x = [.. x.Select((v, i) => kept[i] ? ActivateReference.Value(shape.Activation, v) / (1.0 - shape.Dropout) : 0)];
        }

        return x;
    }

    private double[] Entry(double[] parameters, string name)
    {
        ParameterEntry entry = layout.Entries.Single(e => e.Name == name);
        return parameters[(int)entry.Offset..(int)(entry.Offset + entry.Length)];
    }

    private double[] Layer(double[] parameters, string prefix, double[] x, int inputCount, int outputCount)
    {
        double[] weight = Entry(parameters, prefix + "weight"), bias = Entry(parameters, prefix + "bias");
        var y = new double[_rows * outputCount];
        for (int i = 0; i < y.Length; i++)
        {
            (int row, int output) = (i / outputCount, i % outputCount);
            y[i] = bias[output];
            for (int k = 0; k < inputCount; k++)
            {
                y[i] += x[row * inputCount + k] * weight[k * outputCount + output];
            }
        }

        return y;
    }
}
