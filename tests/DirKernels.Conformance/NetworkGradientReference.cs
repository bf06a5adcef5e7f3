using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>
/// Loss and gradient of a network on one batch, row by row in double precision, and beside every value a bound of the error that single precision makes of it.
/// </summary>
/// <remarks>
/// Bounds are in units of u, to first order: a sum of n products rounds n + 2 times at most, relative to the sum of their magnitudes, and carries the errors of its factors on; a
/// function carries an error on by its slope and adds its own.
/// </remarks>
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
        FeatureErrors = new double[Features.Length];
        Gradient = new double[plan.ParameterLength];
        Errors = new double[plan.ParameterLength];
        for (int row = 0; row < problem.Rows.Length; row++)
        {
            AddRow(row);
        }
    }

    /// <summary>Sum over rows, divided by the targets: n times the loss.</summary>
    public double LossSum { get; private set; }

    /// <summary>Bound of its error.</summary>
    public double LossError { get; private set; }

    public double[] Gradient { get; }

    public double[] Errors { get; }

    /// <summary>[n x D], before calibration.</summary>
    public double[] Features { get; }

    public double[] FeatureErrors { get; }

    /// <summary>Whether an argument of relu, or an error of a loss with a kink, lies so near to it that rounding may take it to the other side.</summary>
    public bool IsNearKink { get; private set; }

    private void AddRow(int row)
    {
        NetworkPlan plan = _problem.Plan;
        int hidden = plan.Layers.Count - 1, d = plan.FeatureDimensions;
        double slope = ActivateReference.Slope(plan.Activation), scale = 1 / (1 - (double)plan.Dropout);
        double[][] inputs = new double[hidden + 1][], errors = new double[hidden + 1][], pre = new double[hidden][], preErrors = new double[hidden][];
        inputs[0] = [.. _problem.Inputs.Skip(_problem.Rows[row] * plan.Inputs).Take(plan.Inputs)];
        errors[0] = new double[plan.Inputs];
        for (int l = 0; l < hidden; l++)
        {
            (pre[l], preErrors[l]) = PredictReference.Multiply(_parameters, plan.Layers[l], inputs[l], errors[l]);
            int outputs = plan.Layers[l].Outputs;
            inputs[l + 1] = new double[outputs];
            errors[l + 1] = new double[outputs];
            for (int j = 0; j < outputs; j++)
            {
                double value = ActivateReference.Value(plan.Activation, pre[l][j]);
                IsNearKink |= plan.Activation == Activation.Relu && Math.Abs(pre[l][j]) <= preErrors[l][j] * ErrorBound.Unit;
                if (_kept[l][row * outputs + j])
                {
                    double own = ActivateReference.Bound(plan.Activation, pre[l][j], value) / ErrorBound.Unit + (plan.Dropout > 0 ? 3 * Math.Abs(value) : 0);
                    inputs[l + 1][j] = value * scale;
                    errors[l + 1][j] = (slope * preErrors[l][j] + own) * scale;
                }
            }
        }

        inputs[hidden].CopyTo(Features, row * d);
        errors[hidden].CopyTo(FeatureErrors, row * d);
        (double[] x, double[] xError) = Calibrate(row, inputs[hidden], errors[hidden]);
        (double[] prediction, double[] predictionError) = PredictReference.Multiply(_parameters, plan.Layers[hidden], x, xError);
        (double[] gradient, double[] gradientError) = Differentiate(row, prediction, predictionError);
        AddParameters(plan.Layers[hidden], x, xError, gradient, gradientError);
        (gradient, gradientError) = MultiplyBack(plan.Layers[hidden], gradient, gradientError);
        (gradient, gradientError) = CalibrateGradient(row, gradient, gradientError);
        for (int l = hidden - 1; l >= 0; l--)
        {
            for (int j = 0; j < gradient.Length; j++)
            {
                // No second derivative exceeds 1 beside the kink of relu; slopes round a dozen times, those of gelu as its value.
                double factor = _kept[l][row * gradient.Length + j] ? scale : 0, at = ActivationGradientReference.Slope(plan.Activation, pre[l][j]);
                double own = plan.Activation == Activation.Relu ? 4 : 12 * (1 + Math.Abs(pre[l][j])) + preErrors[l][j];
                gradientError[j] = factor * (gradientError[j] * Math.Abs(at) + Math.Abs(gradient[j]) * own);
                gradient[j] *= factor * at;
            }

            AddParameters(plan.Layers[l], inputs[l], errors[l], gradient, gradientError);
            (gradient, gradientError) = MultiplyBack(plan.Layers[l], gradient, gradientError);
        }
    }

    private (double[] Value, double[] Error) MultiplyBack(DenseLayer layer, double[] dY, double[] error)
    {
        var dX = new double[layer.Inputs];
        var dXError = new double[layer.Inputs];
        for (int k = 0; k < layer.Inputs; k++)
        {
            for (int j = 0; j < layer.Outputs; j++)
            {
                double w = _parameters[layer.WeightsAt + k * layer.Outputs + j];
                dX[k] += dY[j] * w;
                dXError[k] += (error[j] + (layer.Outputs + 2) * Math.Abs(dY[j])) * Math.Abs(w);
            }
        }

        return (dX, dXError);
    }

    private void AddParameters(DenseLayer layer, double[] x, double[] xError, double[] dY, double[] dYError)
    {
        int roundings = _problem.Rows.Length + 2;
        for (int j = 0; j < layer.Outputs; j++)
        {
            Gradient[layer.BiasAt + j] += dY[j];
            Errors[layer.BiasAt + j] += dYError[j] + roundings * Math.Abs(dY[j]);
            for (int k = 0; k < layer.Inputs; k++)
            {
                Gradient[layer.WeightsAt + k * layer.Outputs + j] += x[k] * dY[j];
                Errors[layer.WeightsAt + k * layer.Outputs + j] += Math.Abs(x[k]) * dYError[j] + xError[k] * Math.Abs(dY[j]) + roundings * Math.Abs(x[k] * dY[j]);
            }
        }
    }

    private (double[] Gradient, double[] Error) Differentiate(int row, double[] prediction, double[] error)
    {
        int targets = prediction.Length, number = _problem.Rows[row];
        RegressionLoss loss = _problem.Plan.Loss;
        double weight = _problem.Weights?[number] ?? 1, share = weight / ((double)_problem.Rows.Length * targets);
        var gradient = new double[targets];
        var gradientError = new double[targets];
        for (int j = 0; j < targets; j++)
        {
            double difference = prediction[j] - _problem.Targets[number * targets + j], moved = error[j] + Math.Abs(difference);
            double value = LossGradientReference.Value(loss, difference), derivative = LossGradientReference.Derivative(loss, difference);
            LossSum += weight * value / targets;
            LossError += weight * (Math.Abs(derivative) * moved + 16 * value) / targets;
            gradient[j] = share * derivative;

            // Derivatives change by at most 2 for a change of 1 of the error, but for the jump of l1; they round as the conformance of the loss says.
            gradientError[j] = share * (2 * moved + 16 * Math.Abs(derivative) + 4 * (1 + Math.Abs(difference)));
            IsNearKink |= loss.Kind == RegressionLossKind.L1 && Math.Abs(difference) <= moved * ErrorBound.Unit;
        }

        return (gradient, gradientError);
    }

    private (double[] Value, double[] Error) Calibrate(int row, double[] z, double[] error)
    {
        if (_problem.Bins.Length == 0)
        {
            return (z, error);
        }

        int d = _problem.Shape.Dimensions, g = _problem.Shape.BlockSize, b = _problem.Bins[row];
        var value = new double[d];
        var valueError = new double[d];
        for (int i = 0; i < d; i++)
        {
            double shift = _problem.Shifts[b * d + i], size = Math.Abs(z[i]) + Math.Abs(shift);
            value[i] = z[i] + shift;
            valueError[i] = error[i];
            for (int j = i / g * g; j <= i; j++)
            {
                double map = _problem.Maps[(b * d + i) * g + j % g], mean = _problem.Means[b * d + j];
                value[i] += map * (z[j] - mean);
                valueError[i] += Math.Abs(map) * error[j];
                size += Math.Abs(map) * (Math.Abs(z[j]) + Math.Abs(mean));
            }

            valueError[i] += (g + 4) * size;
        }

        return (value, valueError);
    }

    private (double[] Value, double[] Error) CalibrateGradient(int row, double[] gradient, double[] error)
    {
        if (_problem.Bins.Length == 0)
        {
            return (gradient, error);
        }

        int d = _problem.Shape.Dimensions, g = _problem.Shape.BlockSize, b = _problem.Bins[row];
        double[] value = [.. gradient], valueError = [.. gradient.Zip(error, (v, e) => e + (g + 4) * Math.Abs(v))];
        for (int i = 0; i < d; i++)
        {
            for (int j = i / g * g; j <= i; j++)
            {
                double map = _problem.Maps[(b * d + i) * g + j % g];
                value[j] += map * gradient[i];
                valueError[j] += Math.Abs(map) * (error[i] + (g + 4) * Math.Abs(gradient[i]));
            }
        }

        return (value, valueError);
    }
}
