using DirKernels.Backends;

namespace DirKernels.Tests.Backends;

/// <summary>A backend that computes what another one does, but is not the CPU: for the paths that devices take, whose memory the host cannot read.</summary>
internal sealed class DeviceLikeBackend(IBackend inner) : IBackend
{
    public string Description => inner.Description;

    public DeviceBuffer<T> Allocate<T>(long length)
        where T : unmanaged => inner.Allocate<T>(length);

    public void CopyIn<T>(ReadOnlySpan<T> source, DeviceView<T> destination)
        where T : unmanaged => inner.CopyIn(source, destination);

    public void CopyOut<T>(DeviceView<T> source, Span<T> destination)
        where T : unmanaged => inner.CopyOut(source, destination);

    public void Copy<T>(DeviceView<T> source, DeviceView<T> destination)
        where T : unmanaged => inner.Copy(source, destination);

    public void Clear<T>(DeviceView<T> destination)
        where T : unmanaged => inner.Clear(destination);

    public void Synchronize() =>
        inner.Synchronize();

    public void GatherRows<T>(DeviceView<T> source, DeviceView<int> rows, int width, DeviceView<T> destination)
        where T : unmanaged => inner.GatherRows(source, rows, width, destination);

    public void Dense(DeviceView<float> x, DeviceView<float> weights, DeviceView<float> bias, DenseShape shape, Activation activation, DeviceView<float> preActivation, DeviceView<float> y) =>
        inner.Dense(x, weights, bias, shape, activation, preActivation, y);

    public void DenseGradient(DeviceView<float> x, DeviceView<float> weights, DeviceView<float> dPre, DenseShape shape, DeviceView<float> dWeights, DeviceView<float> dBias, DeviceView<float> dX) =>
        inner.DenseGradient(x, weights, dPre, shape, dWeights, dBias, dX);

    public void Activate(Activation activation, DeviceView<float> preActivation, DeviceView<float> y) =>
        inner.Activate(activation, preActivation, y);

    public void ActivationGradient(Activation activation, DeviceView<float> preActivation, DeviceView<float> y, DeviceView<float> dY, DeviceView<float> dPre) =>
        inner.ActivationGradient(activation, preActivation, y, dY, dPre);

    public void BatchNormalize(DeviceView<float> x, int width, DeviceView<float> gain, DeviceView<float> offset, float momentum, float epsilon, DeviceView<float> running, DeviceView<float> batch, DeviceView<float> y) =>
        inner.BatchNormalize(x, width, gain, offset, momentum, epsilon, running, batch, y);

    public void BatchNormalizeFixed(DeviceView<float> x, int width, DeviceView<float> gain, DeviceView<float> offset, float epsilon, DeviceView<float> running, DeviceView<float> y) =>
        inner.BatchNormalizeFixed(x, width, gain, offset, epsilon, running, y);

    public void BatchNormalizeGradient(DeviceView<float> x, int width, DeviceView<float> gain, DeviceView<float> batch, DeviceView<float> dY, DeviceView<float> dGain, DeviceView<float> dOffset, DeviceView<float> dX) =>
        inner.BatchNormalizeGradient(x, width, gain, batch, dY, dGain, dOffset, dX);

    public void Dropout(DeviceView<float> x, float rate, ulong stream, DeviceView<float> y) =>
        inner.Dropout(x, rate, stream, y);

    public void LossGradient(RegressionLoss loss, DeviceView<float> prediction, DeviceView<float> target, DeviceView<float> weight, int targets, DeviceView<float> gradient, DeviceView<double> lossSum) =>
        inner.LossGradient(loss, prediction, target, weight, targets, gradient, lossSum);

    public void Predict(NetworkPlan plan, DeviceView<float> inputs, DeviceView<float> parameters, DeviceView<float> prediction) =>
        inner.Predict(plan, inputs, parameters, prediction);

    public bool TakesNetwork(NetworkPlan plan, int rows) =>
        inner.TakesNetwork(plan, rows);

    public void NetworkGradient(NetworkPlan plan, in NetworkBatch batch, in FeatureCalibration calibration, in ParameterUpdate update, DeviceView<float> parameters, DeviceView<float> features, DeviceView<float> gradient, DeviceView<double> lossSum) =>
        inner.NetworkGradient(plan, in batch, in calibration, in update, parameters, features, gradient, lossSum);

    public void UpdateParameters(in OptimizerStep step, DeviceView<float> parameters, DeviceView<float> gradient, DeviceView<float> firstMoment, DeviceView<float> secondMoment) =>
        inner.UpdateParameters(in step, parameters, gradient, firstMoment, secondMoment);

    public void GroupByBin(DeviceView<int> bins, DeviceView<int> rows, DeviceView<int> offsets) =>
        inner.GroupByBin(bins, rows, offsets);

    public void AccumulateMoments(DeviceView<float> features, DeviceView<int> rows, DeviceView<int> offsets, BinShape shape, DeviceView<long> counts, DeviceView<double> means, DeviceView<double> scatters) =>
        inner.AccumulateMoments(features, rows, offsets, shape, counts, means, scatters);

    public void BlendBins(DeviceView<double> epoch, ReadOnlySpan<double> keep, ReadOnlySpan<double> take, int width, DeviceView<float> running) =>
        inner.BlendBins(epoch, keep, take, width, running);

    public long PackedCalibrationLength(BinShape shape) => inner.PackedCalibrationLength(shape);

    public void PackCalibration(BinShape shape, DeviceView<float> means, DeviceView<float> maps, DeviceView<float> shifts, DeviceView<float> packed) =>
        inner.PackCalibration(shape, means, maps, shifts, packed);

    public void CombineBins(DeviceView<float> source, BinTaps taps, int width, DeviceView<float> destination) =>
        inner.CombineBins(source, taps, width, destination);

    public void SolveMaps(in MapOptions mapping, BinShape shape, BinStatistics running, BinStatistics smoothed, in SolvedMaps maps, Span<MapOutcome> outcomes) =>
        inner.SolveMaps(in mapping, shape, running, smoothed, in maps, outcomes);

    public void TransposeMaps(DeviceView<float> maps, BinShape shape, DeviceView<float> transposed) =>
        inner.TransposeMaps(maps, shape, transposed);

    public void Calibrate(DeviceView<float> features, DeviceView<int> bins, DeviceView<int> order, BinShape shape, DeviceView<float> means, DeviceView<float> maps, DeviceView<float> shifts, DeviceView<float> calibrated) =>
        inner.Calibrate(features, bins, order, shape, means, maps, shifts, calibrated);

    public void CalibrateGradient(DeviceView<float> dCalibrated, DeviceView<int> bins, DeviceView<int> order, BinShape shape, DeviceView<float> maps, DeviceView<float> dFeatures) =>
        inner.CalibrateGradient(dCalibrated, bins, order, shape, maps, dFeatures);

    public void Dispose() => inner.Dispose();
}
