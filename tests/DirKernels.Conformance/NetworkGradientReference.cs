using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>
/// Loss and gradient of a network on one batch, row by row in double precision, and beside every value the sum of the magnitudes of its terms, which bounds
/// what rounding can do to it.
/// </summary>
public sealed class NetworkGradientReference
{
    private readonly NetworkProblem _problem;
    private readonly double[] _parameters;
    private readonly bool[][] _kept;

    public NetworkGradientReference(NetworkProblem problem)
    {
        _problem = problem;
        _parameters = [.. problem.Parameters];
        NetworkPlan plan = problem.Plan;
        _kept = [.. plan.Layers.SkipLast(1).Select((layer, l) =>
            DropoutReference.Kept(problem.Rows.Length * layer.Outputs, plan.Dropout, DropoutReference.Stream(NetworkProblem.DropoutStream, l)))];
        Features = new double[problem.Rows.Length * plan.FeatureDimensions];
        FeatureMagnitudes = new double[Features.Length];
        Gradient = new double[plan.ParameterLength];
        Magnitudes = new double[plan.ParameterLength];
        for (int row = 0; row < problem.Rows.Length; row++)
        {
            AddRow(row);
        }
    }

    /// <summary>Sum over rows, divided by the targets: n times the loss.</summary>
    public double LossSum { get; private set; }

    /// <summary>Bound of the magnitude of the loss sum's terms.</summary>
    public double LossMagnitude { get; private set; }

    public double[] Gradient { get; }

    public double[] Magnitudes { get; }

    /// <summary>[n x D], before calibration.</summary>
    public double[] Features { get; }

    public double[] FeatureMagnitudes { get; }

    /// <summary>Smallest distance of an argument of relu from its kink, and of an error from the loss's, relative to the magnitudes that bound their rounding.</summary>
    public double SmallestMargin { get; private set; } = double.PositiveInfinity;

    private void AddRow(int row)
    {
        NetworkPlan plan = _problem.Plan;
        int hidden = plan.Layers.Count - 1, d = plan.FeatureDimensions;
        double slope = ActivateReference.Slope(plan.Activation), scale = 1 / (1 - (double)plan.Dropout);
        double[][] inputs = new double[hidden + 1][], sizes = new double[hidden + 1][], pre = new double[hidden][];
        inputs[0] = [.. _problem.Inputs.Skip(_problem.Rows[row] * plan.Inputs).Take(plan.Inputs)];
        sizes[0] = [.. inputs[0].Select(Math.Abs)];
        for (int l = 0; l < hidden; l++)
        {
            double[] size;
            (pre[l], size) = Multiply(plan.Layers[l], inputs[l], sizes[l]);
            if (plan.Activation == Activation.Relu)
            {
                SmallestMargin = Math.Min(SmallestMargin, pre[l].Zip(size, (p, s) => Math.Abs(p) / s).Min());
            }

            int outputs = plan.Layers[l].Outputs;
            inputs[l + 1] = [.. pre[l].Select((p, j) => _kept[l][row * outputs + j] ? ActivateReference.Value(plan.Activation, p) * scale : 0)];
            sizes[l + 1] = [.. size.Select((s, j) => _kept[l][row * outputs + j] ? (slope * s + 1) * scale : 0)];
        }

        inputs[hidden].CopyTo(Features, row * d);
        sizes[hidden].CopyTo(FeatureMagnitudes, row * d);
        (double[] x, double[] xSize) = Calibrate(row, inputs[hidden], sizes[hidden]);
        (double[] prediction, double[] predictionSize) = Multiply(plan.Layers[hidden], x, xSize);
        (double[] gradient, double[] gradientSize) = Differentiate(row, prediction, predictionSize);
        AddParameters(plan.Layers[hidden], x, xSize, gradient, gradientSize);
        (gradient, gradientSize) = MultiplyBack(plan.Layers[hidden], gradient, gradientSize);
        (gradient, gradientSize) = CalibrateGradient(row, gradient, gradientSize);
        for (int l = hidden - 1; l >= 0; l--)
        {
            for (int j = 0; j < gradient.Length; j++)
            {
                double factor = _kept[l][row * gradient.Length + j] ? scale : 0;
                gradient[j] *= factor * ActivationGradientReference.Slope(plan.Activation, pre[l][j]);

                // An error of the argument moves the slope too: by at most as much, for no second derivative here exceeds 1.
                gradientSize[j] *= factor * slope * (1 + Math.Abs(pre[l][j]));
            }

            AddParameters(plan.Layers[l], inputs[l], sizes[l], gradient, gradientSize);
            (gradient, gradientSize) = MultiplyBack(plan.Layers[l], gradient, gradientSize);
        }
    }

    private (double[] Value, double[] Size) Multiply(DenseLayer layer, double[] x, double[] size)
    {
        var y = new double[layer.Outputs];
        var ySize = new double[layer.Outputs];
        for (int j = 0; j < layer.Outputs; j++)
        {
            y[j] = _parameters[layer.BiasAt + j];
            ySize[j] = Math.Abs(y[j]);
            for (int k = 0; k < layer.Inputs; k++)
            {
                double w = _parameters[layer.WeightsAt + k * layer.Outputs + j];
                y[j] += x[k] * w;
                ySize[j] += size[k] * Math.Abs(w);
            }
        }

        return (y, ySize);
    }

    private (double[] Value, double[] Size) MultiplyBack(DenseLayer layer, double[] dY, double[] size)
    {
        var dX = new double[layer.Inputs];
        var dXSize = new double[layer.Inputs];
        for (int k = 0; k < layer.Inputs; k++)
        {
            for (int j = 0; j < layer.Outputs; j++)
            {
                double w = _parameters[layer.WeightsAt + k * layer.Outputs + j];
                dX[k] += dY[j] * w;
                dXSize[k] += size[j] * Math.Abs(w);
            }
        }

        return (dX, dXSize);
    }

    private void AddParameters(DenseLayer layer, double[] x, double[] xSize, double[] dY, double[] dYSize)
    {
        for (int j = 0; j < layer.Outputs; j++)
        {
            Gradient[layer.BiasAt + j] += dY[j];
            Magnitudes[layer.BiasAt + j] += dYSize[j];
            for (int k = 0; k < layer.Inputs; k++)
            {
                Gradient[layer.WeightsAt + k * layer.Outputs + j] += x[k] * dY[j];
                Magnitudes[layer.WeightsAt + k * layer.Outputs + j] += xSize[k] * dYSize[j];
            }
        }
    }

    private (double[] Gradient, double[] Size) Differentiate(int row, double[] prediction, double[] size)
    {
        int targets = prediction.Length, number = _problem.Rows[row];
        RegressionLoss loss = _problem.Plan.Loss;
        double weight = _problem.Weights?[number] ?? 1, share = weight / ((double)_problem.Rows.Length * targets);
        var gradient = new double[targets];
        var gradientSize = new double[targets];
        for (int j = 0; j < targets; j++)
        {
            double target = _problem.Targets[number * targets + j], error = prediction[j] - target, errorSize = size[j] + Math.Abs(target);
            LossSum += weight * LossGradientReference.Value(loss, error) / targets;
            LossMagnitude += weight * (1 + errorSize) * (1 + errorSize) / targets;
            gradient[j] = share * LossGradientReference.Derivative(loss, error);

            // Derivatives change by at most 2 for a change of 1 of the error, but for the jumps, which the margin keeps away from.
            gradientSize[j] = share * (1 + 2 * errorSize);
            if (loss.Kind is RegressionLossKind.L1 or RegressionLossKind.FocalL1)
            {
                SmallestMargin = Math.Min(SmallestMargin, Math.Abs(error) / errorSize);
            }
        }

        return (gradient, gradientSize);
    }

    private (double[] Value, double[] Size) Calibrate(int row, double[] z, double[] size)
    {
        if (_problem.Bins.Length == 0)
        {
            return (z, size);
        }

        int d = _problem.Shape.Dimensions, g = _problem.Shape.BlockSize, b = _problem.Bins[row];
        var value = new double[d];
        var valueSize = new double[d];
        for (int i = 0; i < d; i++)
        {
            double shift = _problem.Shifts[b * d + i];
            value[i] = z[i] + shift;
            valueSize[i] = size[i] + Math.Abs(shift);
            for (int j = i / g * g; j <= i; j++)
            {
                double map = _problem.Maps[(b * d + i) * g + j % g], mean = _problem.Means[b * d + j];
                value[i] += map * (z[j] - mean);
                valueSize[i] += Math.Abs(map) * (size[j] + Math.Abs(mean));
            }
        }

        return (value, valueSize);
    }

    private (double[] Value, double[] Size) CalibrateGradient(int row, double[] gradient, double[] size)
    {
        if (_problem.Bins.Length == 0)
        {
            return (gradient, size);
        }

        int d = _problem.Shape.Dimensions, g = _problem.Shape.BlockSize, b = _problem.Bins[row];
        double[] value = [.. gradient], valueSize = [.. size];
        for (int i = 0; i < d; i++)
        {
            for (int j = i / g * g; j <= i; j++)
            {
                double map = _problem.Maps[(b * d + i) * g + j % g];
                value[j] += map * gradient[i];
                valueSize[j] += Math.Abs(map) * size[i];
            }
        }

        return (value, valueSize);
    }
}
