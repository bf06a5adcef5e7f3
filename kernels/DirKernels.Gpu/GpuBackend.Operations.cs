using DirKernels.Backends;

namespace DirKernels.Gpu;

/// <summary>The operations: each hands the elements behind its views to its kernel.</summary>
public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public void GatherRows<T>(DeviceView<T> source, DeviceView<int> rows, int width, DeviceView<T> destination)
        where T : unmanaged
    {
        lock (_gpu.Gate)
        {
            GatherRowsKernel.Run(_gpu, Elements(source), Elements(rows), width, Elements(destination));
        }
    }

    /// <inheritdoc/>
    public void Dense(
        DeviceView<float> x, DeviceView<float> weights, DeviceView<float> bias, DenseShape shape, Activation activation, DeviceView<float> preActivation, DeviceView<float> y)
    {
        lock (_gpu.Gate)
        {
            DenseKernel.Run(_gpu, Elements(x), Elements(weights), Elements(bias), shape, activation, Elements(preActivation), !preActivation.IsAbsent, Elements(y));
        }
    }

    /// <inheritdoc/>
    public void DenseGradient(
        DeviceView<float> x, DeviceView<float> weights, DeviceView<float> dPre, DenseShape shape, DeviceView<float> dWeights, DeviceView<float> dBias, DeviceView<float> dX)
    {
        lock (_gpu.Gate)
        {
            DenseGradientKernel.Run(_gpu, Elements(x), Elements(weights), Elements(dPre), shape, Elements(dWeights), Elements(dBias), Elements(dX), !dX.IsAbsent);
        }
    }

    /// <inheritdoc/>
    public void Activate(Activation activation, DeviceView<float> preActivation, DeviceView<float> y)
    {
        lock (_gpu.Gate)
        {
            ActivateKernel.Run(_gpu, activation, Elements(preActivation), Elements(y));
        }
    }

    /// <inheritdoc/>
    public void ActivationGradient(
        Activation activation, DeviceView<float> preActivation, DeviceView<float> y, DeviceView<float> dY, DeviceView<float> dPre)
    {
        lock (_gpu.Gate)
        {
            ActivationGradientKernel.Run(_gpu, activation, Elements(preActivation), Elements(y), Elements(dY), Elements(dPre));
        }
    }

    /// <inheritdoc/>
    public void BatchNormalize(
        DeviceView<float> x, int width, DeviceView<float> gain, DeviceView<float> offset, float momentum, float epsilon, DeviceView<float> running, DeviceView<float> batch, DeviceView<float> y)
    {
        lock (_gpu.Gate)
        {
            BatchNormalizeKernel.Run(_gpu, Elements(x), width, Elements(gain), Elements(offset), momentum, epsilon, Elements(running), Elements(batch), Elements(y));
        }
    }

    /// <inheritdoc/>
    public void BatchNormalizeFixed(
        DeviceView<float> x, int width, DeviceView<float> gain, DeviceView<float> offset, float epsilon, DeviceView<float> running, DeviceView<float> y)
    {
        lock (_gpu.Gate)
        {
            BatchNormalizeFixedKernel.Run(_gpu, Elements(x), width, Elements(gain), Elements(offset), epsilon, Elements(running), Elements(y));
        }
    }

    /// <inheritdoc/>
    public void BatchNormalizeGradient(
        DeviceView<float> x, int width, DeviceView<float> gain, DeviceView<float> batch, DeviceView<float> dY, DeviceView<float> dGain, DeviceView<float> dOffset, DeviceView<float> dX)
    {
        lock (_gpu.Gate)
        {
            BatchNormalizeGradientKernel.Run(_gpu, Elements(x), width, Elements(gain), Elements(batch), Elements(dY), Elements(dGain), Elements(dOffset), Elements(dX));
        }
    }

    /// <inheritdoc/>
    public void Dropout(DeviceView<float> x, float rate, ulong stream, DeviceView<float> y)
    {
        lock (_gpu.Gate)
        {
            DropoutKernel.Run(_gpu, Elements(x), rate, stream, Elements(y));
        }
    }

    /// <inheritdoc/>
    public void LossGradient(
        RegressionLoss loss, DeviceView<float> prediction, DeviceView<float> target, DeviceView<float> weight, int targets, DeviceView<float> gradient, DeviceView<double> lossSum)
    {
        lock (_gpu.Gate)
        {
            LossGradientKernel.Run(_gpu, loss, Elements(prediction), Elements(target), Elements(weight), !weight.IsAbsent, targets, Elements(gradient), Elements(lossSum));
        }
    }

    /// <inheritdoc/>
    public void Predict(NetworkPlan plan, DeviceView<float> inputs, DeviceView<float> parameters, DeviceView<float> prediction)
    {
        lock (_gpu.Gate)
        {
            PredictKernel.Run(_gpu, plan, Elements(inputs), Elements(parameters), Elements(prediction));
        }
    }

    /// <inheritdoc/>
    public bool TakesNetwork(NetworkPlan plan, int rows) => NetworkGradientKernel.Takes(plan);

    /// <inheritdoc/>
    public void NetworkGradient(
        NetworkPlan plan,
        in NetworkBatch batch,
        in FeatureCalibration calibration,
        in ParameterUpdate update,
        DeviceView<float> parameters,
        DeviceView<float> features,
        DeviceView<float> gradient,
        DeviceView<double> lossSum)
    {
        lock (_gpu.Gate)
        {
            var rows = new NetworkRows(Elements(batch.Inputs), Elements(batch.Targets), Elements(batch.Weights), Elements(batch.Rows));
            var maps = new NetworkMaps(Elements(calibration.Bins), Elements(calibration.Means), Elements(calibration.Maps), Elements(calibration.Shifts));
            NetworkGradientKernel.Run(
                _gpu,
                plan,
                rows,
                batch.DropoutStream,
                !batch.Weights.IsAbsent,
                maps,
                calibration.IsAbsent ? 0 : calibration.Shape.BlockSize,
                Elements(parameters),
                Elements(features),
                !features.IsAbsent,
                Elements(gradient),
                Elements(lossSum));
            if (!update.IsAbsent)
            {
                UpdateParametersKernel.Run(_gpu, update.Step, Elements(parameters), Elements(gradient), Elements(update.FirstMoment), Elements(update.SecondMoment));
            }
        }
    }

    /// <inheritdoc/>
    public void UpdateParameters(
        in OptimizerStep step, DeviceView<float> parameters, DeviceView<float> gradient, DeviceView<float> firstMoment, DeviceView<float> secondMoment)
    {
        lock (_gpu.Gate)
        {
            UpdateParametersKernel.Run(_gpu, step, Elements(parameters), Elements(gradient), Elements(firstMoment), Elements(secondMoment));
        }
    }

    /// <inheritdoc/>
    public void GroupByBin(DeviceView<int> bins, DeviceView<int> rows, DeviceView<int> offsets)
    {
        lock (_gpu.Gate)
        {
            GroupByBinKernel.Run(_gpu, Elements(bins), Elements(rows), Elements(offsets));
        }
    }

    /// <inheritdoc/>
    public void AccumulateMoments(
        DeviceView<float> features, DeviceView<int> rows, DeviceView<int> offsets, BinShape shape, DeviceView<long> counts, DeviceView<double> means, DeviceView<double> scatters)
    {
        lock (_gpu.Gate)
        {
            AccumulateMomentsKernel.Run(_gpu, Elements(features), Elements(rows), Elements(offsets), shape, Elements(counts), Elements(means), Elements(scatters));
        }
    }

    /// <inheritdoc/>
    public void BlendBins(DeviceView<double> epoch, ReadOnlySpan<double> keep, ReadOnlySpan<double> take, int width, DeviceView<float> running)
    {
        lock (_gpu.Gate)
        {
            BlendBinsKernel.Run(_gpu, Elements(epoch), keep, take, width, Elements(running));
        }
    }

    /// <inheritdoc/>
    public void CombineBins(DeviceView<float> source, BinTaps taps, int width, DeviceView<float> destination)
    {
        lock (_gpu.Gate)
        {
            CombineBinsKernel.Run(_gpu, Elements(source), taps, width, Elements(destination));
        }
    }

    /// <inheritdoc/>
    public void SolveMaps(
        in MapOptions mapping, BinShape shape, BinStatistics running, BinStatistics smoothed, in SolvedMaps maps, Span<MapOutcome> outcomes)
    {
        lock (_gpu.Gate)
        {
            var statistics = new MapStatistics
            {
                RunningMeans = Elements(running.Means),
                Running = Elements(running.Covariances),
                SmoothedMeans = Elements(smoothed.Means),
                Smoothed = Elements(smoothed.Covariances),
            };
            SolveMapsKernel.Run(_gpu, mapping, shape, statistics, Elements(maps.Maps), Elements(maps.Shifts), outcomes);
        }
    }

    /// <inheritdoc/>
    public void TransposeMaps(DeviceView<float> maps, BinShape shape, DeviceView<float> transposed)
    {
        lock (_gpu.Gate)
        {
            TransposeMapsKernel.Run(_gpu, Elements(maps), shape, Elements(transposed));
        }
    }

    /// <inheritdoc/>
    public void Calibrate(
        DeviceView<float> features, DeviceView<int> bins, DeviceView<int> order, BinShape shape, DeviceView<float> means, DeviceView<float> maps, DeviceView<float> shifts, DeviceView<float> calibrated)
    {
        lock (_gpu.Gate)
        {
            CalibrateKernel.Run(
                _gpu, Elements(features), Elements(bins), Elements(order), !order.IsAbsent, shape, Elements(means), Elements(maps), Elements(shifts), Elements(calibrated));
        }
    }

    /// <inheritdoc/>
    public void CalibrateGradient(DeviceView<float> dCalibrated, DeviceView<int> bins, DeviceView<int> order, BinShape shape, DeviceView<float> maps, DeviceView<float> dFeatures)
    {
        lock (_gpu.Gate)
        {
            CalibrateGradientKernel.Run(_gpu, Elements(dCalibrated), Elements(bins), shape, Elements(maps), Elements(dFeatures));
        }
    }
}
