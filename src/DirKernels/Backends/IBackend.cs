namespace DirKernels.Backends;

/// <summary>
/// The seam between what is computed and where: memory and the operations of label and feature distribution smoothing and of the network.
/// </summary>
/// <remarks>
/// Matrices are row-major and contiguous. Callers validate shapes, implementations assume them; every operation writes its destinations in full
/// unless it says "adds". Operations may be asynchronous: <see cref="Synchronize"/>, <see cref="CopyOut"/> and reading scalars wait.
/// The same call gives the same bits for every number of threads. Letters: N samples, n rows of a batch, D feature dimensions, B bins, K taps,
/// g covariance block size (1 diagonal, D full). Covariances and maps are stored [B x D x g]: entry (i, j) of the block that holds row i at
/// <c>(b D + i) g + j - g floor(i / g)</c>.
/// </remarks>
public interface IBackend : IDisposable
{
    /// <summary>For people: kind, instruction set and threads or device name.</summary>
    string Description { get; }

    /// <summary>Reserves zeroed memory.</summary>
    /// <param name="length">Number of elements, not negative.</param>
    DeviceBuffer<T> Allocate<T>(long length)
        where T : unmanaged;

    /// <summary>Copies from the host; lengths are equal.</summary>
    void CopyIn<T>(ReadOnlySpan<T> source, DeviceView<T> destination)
        where T : unmanaged;

    /// <summary>Copies to the host, after all operations issued before; lengths are equal.</summary>
    void CopyOut<T>(DeviceView<T> source, Span<T> destination)
        where T : unmanaged;

    /// <summary>Copies inside the device; lengths are equal, no overlap.</summary>
    void Copy<T>(DeviceView<T> source, DeviceView<T> destination)
        where T : unmanaged;

    /// <summary>Sets all elements to zero.</summary>
    void Clear<T>(DeviceView<T> destination)
        where T : unmanaged;

    /// <summary>Waits until all operations issued before have finished.</summary>
    void Synchronize();

    /// <summary>Selects rows: <c>destination[i, :] = source[rows[i], :]</c>.</summary>
    /// <param name="source">[N x width].</param>
    /// <param name="rows">[n] row numbers in 0..N-1.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="destination">[n x width].</param>
    void GatherRows<T>(DeviceView<T> source, DeviceView<int> rows, int width, DeviceView<T> destination)
        where T : unmanaged;

    /// <summary>Fully connected layer: <c>pre = x W + bias</c>, <c>y = activation(pre)</c>.</summary>
    /// <param name="x">[n x inputs].</param>
    /// <param name="weights">W [inputs x outputs].</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="shape">n, inputs, outputs.</param>
    /// <param name="activation">Applied element by element.</param>
    /// <param name="preActivation">[n x outputs], receives <c>pre</c>; absent when not wanted.</param>
    /// <param name="y">[n x outputs].</param>
    /// <remarks>Accuracy: |error| &lt;= (inputs + 4) 2^-24 (sum |x_k W_kj| + |bias_j|) before the activation.</remarks>
    void Dense(
        DeviceView<float> x, DeviceView<float> weights, DeviceView<float> bias, DenseShape shape, Activation activation, DeviceView<float> preActivation, DeviceView<float> y);

    /// <summary>
    /// Gradient of <see cref="Dense"/> before its activation: <c>dW = x^T dPre</c>, <c>dBias = column sums of dPre</c>, <c>dX = dPre W^T</c>.
    /// </summary>
    /// <param name="x">[n x inputs].</param>
    /// <param name="weights">W [inputs x outputs].</param>
    /// <param name="dPre">[n x outputs].</param>
    /// <param name="shape">n, inputs, outputs.</param>
    /// <param name="dWeights">[inputs x outputs].</param>
    /// <param name="dBias">[outputs].</param>
    /// <param name="dX">[n x inputs]; absent for the first layer.</param>
    void DenseGradient(
        DeviceView<float> x, DeviceView<float> weights, DeviceView<float> dPre, DenseShape shape, DeviceView<float> dWeights, DeviceView<float> dBias, DeviceView<float> dX);

    /// <summary><c>y = activation(pre)</c>, element by element.</summary>
    void Activate(Activation activation, DeviceView<float> preActivation, DeviceView<float> y);

    /// <summary><c>dPre = dY activation'(pre)</c>, element by element; <paramref name="dY"/> and <paramref name="dPre"/> may be the same.</summary>
    /// <param name="activation">The function.</param>
    /// <param name="preActivation">Its argument; used by gelu and silu.</param>
    /// <param name="y">Its value; used by relu and tanh.</param>
    /// <param name="dY">Gradient with respect to y.</param>
    /// <param name="dPre">Receives the gradient with respect to the argument.</param>
    void ActivationGradient(
        Activation activation, DeviceView<float> preActivation, DeviceView<float> y, DeviceView<float> dY, DeviceView<float> dPre);

    /// <summary>
    /// Batch normalisation in training: per column <c>y = gain (x - mean) / sqrt(var + epsilon) + offset</c> with the mean and the biased variance
    /// of the n rows; running mean and unbiased running variance move by <c>momentum</c> towards those of the batch. A single row has no variance and leaves
    /// them alone.
    /// </summary>
    /// <param name="x">[n x width].</param>
    /// <param name="width">Columns.</param>
    /// <param name="gain">[width].</param>
    /// <param name="offset">[width].</param>
    /// <param name="momentum">Weight of the batch in the running statistics.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="running">[2 x width]: running means, then running variances; updated.</param>
    /// <param name="batch">[2 x width]: receives the means and the reciprocal standard deviations of the batch, for the gradient.</param>
    /// <param name="y">[n x width].</param>
    void BatchNormalize(
        DeviceView<float> x, int width, DeviceView<float> gain, DeviceView<float> offset, float momentum, float epsilon, DeviceView<float> running, DeviceView<float> batch, DeviceView<float> y);

    /// <summary>Batch normalisation in prediction, with the running statistics: a fixed affine map of each column.</summary>
    void BatchNormalizeFixed(
        DeviceView<float> x, int width, DeviceView<float> gain, DeviceView<float> offset, float epsilon, DeviceView<float> running, DeviceView<float> y);

    /// <summary>Gradient of <see cref="BatchNormalize"/> through the batch statistics; dY and dX may be the same.</summary>
    /// <param name="x">[n x width], the argument.</param>
    /// <param name="width">Columns.</param>
    /// <param name="gain">[width].</param>
    /// <param name="batch">[2 x width], as left by the forward operation.</param>
    /// <param name="dY">[n x width].</param>
    /// <param name="dGain">[width].</param>
    /// <param name="dOffset">[width].</param>
    /// <param name="dX">[n x width].</param>
    void BatchNormalizeGradient(
        DeviceView<float> x, int width, DeviceView<float> gain, DeviceView<float> batch, DeviceView<float> dY, DeviceView<float> dGain, DeviceView<float> dOffset, DeviceView<float> dX);

    /// <summary>
    /// Dropout, and its own gradient: <c>y_i = x_i / (1 - rate)</c> where the counter-based random number of (stream, i) is at least rate, else 0;
    /// x and y may be the same.
    /// </summary>
    /// <param name="x">Elements.</param>
    /// <param name="rate">Probability to drop, 0 &lt;= rate &lt; 1.</param>
    /// <param name="stream">Key of the random numbers; the gradient passes the same one.</param>
    /// <param name="y">Receives the elements.</param>
    void Dropout(DeviceView<float> x, float rate, ulong stream, DeviceView<float> y);

    /// <summary>
    /// Weighted loss and its gradient: <c>L = (1/count) sum_i w_i l(p_i - t_i)</c>, <c>gradient_i = w_i l'(p_i - t_i) / count</c>.
    /// </summary>
    /// <param name="loss">The scalar formula.</param>
    /// <param name="prediction">[n x targets].</param>
    /// <param name="target">[n x targets].</param>
    /// <param name="weight">[n]; absent for all 1.</param>
    /// <param name="targets">Targets per row.</param>
    /// <param name="gradient">[n x targets].</param>
    /// <param name="lossSum">[1]; ADDS <c>n L</c>, so that an epoch's mean is one read.</param>
    void LossGradient(
        RegressionLoss loss, DeviceView<float> prediction, DeviceView<float> target, DeviceView<float> weight, int targets, DeviceView<float> gradient, DeviceView<double> lossSum);

    /// <summary>
    /// Predictions of a whole network, any of them: <see cref="Dense"/> with the activation for each hidden layer, then the linear head. Nothing is dropped, and
    /// the loss is not looked at.
    /// </summary>
    /// <remarks>A row gives the same bits whatever rows are beside it on the CPU. Accuracy: that of the operations it stands for.</remarks>
    /// <param name="plan">The network.</param>
    /// <param name="inputs">[n x inputs].</param>
    /// <param name="parameters">[parameter length].</param>
    /// <param name="prediction">[n x targets].</param>
    void Predict(NetworkPlan plan, DeviceView<float> inputs, DeviceView<float> parameters, DeviceView<float> prediction);

    /// <summary>Whether <see cref="NetworkGradient"/> takes this network, with every batch up to the largest; others go operation by operation.</summary>
    /// <param name="plan">The network.</param>
    /// <param name="rows">Rows of the largest batch.</param>
    bool TakesNetwork(NetworkPlan plan, int rows);

    /// <summary>
    /// Weighted loss of a batch and its gradient with respect to all parameters of a network, gathering, forwards and backwards in one operation:
    /// <see cref="GatherRows"/>, <see cref="Dense"/>, <see cref="Dropout"/>, <see cref="Calibrate"/>, <see cref="LossGradient"/> and their gradients in turn; then, where it is
    /// asked for, <see cref="UpdateParameters"/>.
    /// </summary>
    /// <remarks>
    /// Sums over rows, and those over the inputs of a layer, are made of sums over runs of them, which depend on the sizes and the kind of device alone, not on how the work is shared. Accuracy: that of the operations it stands for.
    /// </remarks>
    /// <param name="plan">A network that <see cref="TakesNetwork"/> accepts.</param>
    /// <param name="batch">The rows; n at least 1.</param>
    /// <param name="calibration">Calibration of the features; default for none.</param>
    /// <param name="update">The optimiser's step; default for none.</param>
    /// <param name="parameters">[parameter length], updated when that is asked for.</param>
    /// <param name="features">[n x D], receives the features before calibration; absent when not wanted.</param>
    /// <param name="gradient">[parameter length], receives the gradient; undefined afterwards where parameters are updated, which may use parts of it before others are known.</param>
    /// <param name="lossSum">[1]; ADDS n times the loss.</param>
    void NetworkGradient(
        NetworkPlan plan,
        in NetworkBatch batch,
        in FeatureCalibration calibration,
        in ParameterUpdate update,
        DeviceView<float> parameters,
        DeviceView<float> features,
        DeviceView<float> gradient,
        DeviceView<double> lossSum);

    /// <summary>Some steps of training, one after the other: <see cref="NetworkGradient"/> of each batch with an update behind it. Threads that share them need not meet the caller in between.</summary>
    /// <param name="plan">A network that <see cref="TakesNetwork"/> accepts.</param>
    /// <param name="batches">The rows of all batches; n at least 1. The random numbers of step t are keyed by <c>CounterRandom.Stream(DropoutStream, t - 1)</c>.</param>
    /// <param name="batchRows">Rows of a batch; the last one may have fewer.</param>
    /// <param name="calibration">Calibration of the features, with the bins of all rows; default for none.</param>
    /// <param name="update">The optimiser's first step; others are numbered from there on. Not absent.</param>
    /// <param name="parameters">[parameter length], updated.</param>
    /// <param name="features">[n x D], receives the features before calibration, each batch with the parameters it meets; absent when not wanted.</param>
    /// <param name="gradient">[parameter length], undefined afterwards.</param>
    /// <param name="lossSum">[1]; ADDS the rows of each batch times its loss.</param>
    void NetworkSteps(
        NetworkPlan plan,
        in NetworkBatch batches,
        int batchRows,
        in FeatureCalibration calibration,
        in ParameterUpdate update,
        DeviceView<float> parameters,
        DeviceView<float> features,
        DeviceView<float> gradient,
        DeviceView<double> lossSum)
    {
        var all = new NetworkOperands(batches, calibration, update, parameters, features, gradient, lossSum);
        var run = NetworkRun.Of(all, batchRows);
        for (int i = 0; i < run.Count; i++)
        {
            NetworkOperands step = run.Of(all, plan.FeatureDimensions, i);
            NetworkGradient(plan, step.Batch, step.Calibration, step.Update, step.Parameters, step.Features, step.Gradient, step.LossSum);
        }
    }

    /// <summary>One step of an optimiser over a flat run of parameters; formulas at <see cref="OptimizerKind"/>.</summary>
    /// <param name="step">Kind, rates and the number of this step.</param>
    /// <param name="parameters">Updated.</param>
    /// <param name="gradient">Of the loss.</param>
    /// <param name="firstMoment">State, updated: Adam's m, or the momentum buffer. Moments too small to matter become 0, see <see cref="OptimizerStep"/>.</param>
    /// <param name="secondMoment">State, updated: Adam's v; not used by SGD.</param>
    void UpdateParameters(
        in OptimizerStep step, DeviceView<float> parameters, DeviceView<float> gradient, DeviceView<float> firstMoment, DeviceView<float> secondMoment);

    /// <summary>
    /// Groups rows by bin, keeping their order (a counting sort): <c>rows[offsets[b] .. offsets[b+1]]</c> are the rows of bin b.
    /// </summary>
    /// <param name="bins">[n] in 0..B-1.</param>
    /// <param name="rows">[n].</param>
    /// <param name="offsets">[B + 1].</param>
    /// <exception cref="ArgumentException">On the CPU: a bin that does not exist, named with its row, or too little room; nothing has been written.</exception>
    void GroupByBin(DeviceView<int> bins, DeviceView<int> rows, DeviceView<int> offsets);

    /// <summary>
    /// Merges the rows of a batch into the moments of their bins, by the pairwise update of Chan, Golub and LeVeque (1979):
    /// <c>n = n_a + n_b, mean = mean_a + d n_b/n, M2 = M2_a + M2_b + d d^T n_a n_b/n, d = mean_b - mean_a</c>.
    /// </summary>
    /// <remarks>
    /// Accuracy: means and variances of the diagonal kind as in double precision; entries of blocks may pass through single precision for some rows at a
    /// time, at most 130 roundings, an error below 130 2^-24 = 7.8e-6 of the root of the product of the two variances.
    /// </remarks>
    /// <param name="features">[n x D].</param>
    /// <param name="rows">[n], grouped by <see cref="GroupByBin"/>.</param>
    /// <param name="offsets">[B + 1].</param>
    /// <param name="shape">B, D, g.</param>
    /// <param name="counts">[B]; ADDS.</param>
    /// <param name="means">[B x D]; merged.</param>
    /// <param name="scatters">M2 [B x D x g], lower triangles of the blocks; merged.</param>
    void AccumulateMoments(
        DeviceView<float> features, DeviceView<int> rows, DeviceView<int> offsets, BinShape shape, DeviceView<long> counts, DeviceView<double> means, DeviceView<double> scatters);

    /// <summary>
    /// Moves running statistics towards those of an epoch: <c>running[b, :] = keep[b] running[b, :] + take[b] epoch[b, :]</c>; a bin with
    /// <c>keep 1, take 0</c> is left as it is to the bit.
    /// </summary>
    /// <param name="epoch">[B x width].</param>
    /// <param name="keep">[B], on the host.</param>
    /// <param name="take">[B], on the host.</param>
    /// <param name="width">Elements of a bin.</param>
    /// <param name="running">[B x width].</param>
    void BlendBins(DeviceView<double> epoch, ReadOnlySpan<double> keep, ReadOnlySpan<double> take, int width, DeviceView<float> running);

    /// <summary>
    /// Ends an epoch: what <see cref="AccumulateMoments"/> does with the rows that still wait, then <see cref="BlendBins"/> of means and scatters, then clears the epoch's
    /// moments. In one go a bin's scatters need not leave the caches.
    /// </summary>
    /// <param name="features">[n x D]; absent when no rows wait.</param>
    /// <param name="rows">[n], grouped by <see cref="GroupByBin"/>; likewise.</param>
    /// <param name="offsets">[B + 1]; likewise.</param>
    /// <param name="shape">B, D, g.</param>
    /// <param name="counts">[B]; 0 afterwards.</param>
    /// <param name="means">[B x D]; 0 afterwards.</param>
    /// <param name="scatters">M2 [B x D x g], lower triangles of the blocks; 0 afterwards.</param>
    /// <param name="weights">How much of each bin is kept and taken; bins without samples keep what they have.</param>
    /// <param name="running">Means [B x D] and covariances [B x D x g], lower triangles of the blocks: what lies above them may be blended, set to 0 or left.</param>
    void BlendMoments(
        DeviceView<float> features,
        DeviceView<int> rows,
        DeviceView<int> offsets,
        BinShape shape,
        DeviceView<long> counts,
        DeviceView<double> means,
        DeviceView<double> scatters,
        BlendWeights weights,
        BinStatistics running)
    {
        if (!features.IsAbsent)
        {
            AccumulateMoments(features, rows, offsets, shape, counts, means, scatters);
        }

        BlendBins(means, weights.Keep, weights.Take, shape.Dimensions, running.Means);
        BlendBins(scatters, weights.Keep, weights.TakeScatter, shape.CovarianceWidth, running.Covariances);
        Clear(counts);
        Clear(means);
        Clear(scatters);
    }

    /// <summary>
    /// Smooths statistics over bins: <c>destination[b, :] = sum_k weights[b, k] source[indices[b, k], :]</c>. Taps of weight 0 are not read.
    /// </summary>
    /// <param name="source">[B x width].</param>
    /// <param name="taps">Which bins each bin reads, with which weights; on the host.</param>
    /// <param name="width">Elements of a bin.</param>
    /// <param name="destination">[B x width], not overlapping the source.</param>
    void CombineBins(DeviceView<float> source, BinTaps taps, int width, DeviceView<float> destination);

    /// <summary>The same for covariances, whose lower triangles alone need to be combined.</summary>
    /// <param name="source">[B x D x g].</param>
    /// <param name="taps">Which bins each bin reads, with which weights; on the host.</param>
    /// <param name="shape">B, D, g.</param>
    /// <param name="destination">[B x D x g], not overlapping the source; above the diagonals combined or left as it is.</param>
    void CombineCovariances(DeviceView<float> source, BinTaps taps, BinShape shape, DeviceView<float> destination) =>
        CombineBins(source, taps, shape.CovarianceWidth, destination);

    /// <summary>
    /// Solves the whitening and re-colouring maps: <c>T_b = strength (A_b - I)</c> with <c>A_b L_b = L~_b</c> (full, block) or
    /// <c>A_b = sqrt(clip(v~/v, lo, hi))</c> (diagonal), and <c>shift_b = strength (mu~_b - mu_b)</c>.
    /// </summary>
    /// <remarks>
    /// A pivot that keeps no more than 1e-7 of its variance fails; the block is then tried again with a ridge of 1e-6, 1e-4 and 1e-2 times trace / g on both
    /// matrices before the bin falls back to the diagonal map. Dimensions without variance in the running statistics pass through. Factorisations and
    /// solves are at least as accurate as in double precision on the single-precision statistics.
    /// </remarks>
    /// <param name="mapping">Options and the per-bin shrinkage, on the host.</param>
    /// <param name="shape">B, D, g.</param>
    /// <param name="running">Means [B x D] and covariances [B x D x g] that whiten.</param>
    /// <param name="smoothed">Means and covariances that re-colour.</param>
    /// <param name="maps">Receives the maps and shifts.</param>
    /// <param name="outcomes">[B], receives what happened to each bin, on the host.</param>
    void SolveMaps(
        in MapOptions mapping, BinShape shape, BinStatistics running, BinStatistics smoothed, in SolvedMaps maps, Span<MapOutcome> outcomes);

    /// <summary>
    /// Smooths the running covariances as <see cref="CombineCovariances"/> does and solves the maps as <see cref="SolveMaps"/> does: in one go what is smoothed need not leave the caches.
    /// </summary>
    /// <param name="mapping">Options and the per-bin shrinkage, on the host.</param>
    /// <param name="shape">B, D, g.</param>
    /// <param name="running">Means [B x D] and covariances [B x D x g] that whiten.</param>
    /// <param name="taps">How the covariances are smoothed; on the host.</param>
    /// <param name="smoothed">Means that re-colour; covariances may receive what is smoothed.</param>
    /// <param name="maps">Receives the maps and shifts.</param>
    /// <param name="outcomes">[B], receives what happened to each bin, on the host.</param>
    /// <returns>Whether the covariances received what is smoothed; otherwise they are left as they were.</returns>
    bool SmoothAndSolveMaps(
        in MapOptions mapping, BinShape shape, BinStatistics running, BinTaps taps, BinStatistics smoothed, in SolvedMaps maps, Span<MapOutcome> outcomes)
    {
        CombineCovariances(running.Covariances, taps, shape, smoothed.Covariances);
        SolveMaps(mapping, shape, running, smoothed, maps, outcomes);
        return true;
    }

    /// <summary>
    /// Transposes the blocks of maps: row j of a block then holds T_ij, i = j.., which is how calibration reads them. For g = 1 there is nothing to do.
    /// </summary>
    /// <param name="maps">T [B x D x g], lower triangles of the blocks; what lies above is not read.</param>
    /// <param name="shape">B, D, g.</param>
    /// <param name="transposed">T^T [B x D x g], upper triangles of the blocks, zeros below.</param>
    void TransposeMaps(DeviceView<float> maps, BinShape shape, DeviceView<float> transposed);

    /// <summary>Elements of what <see cref="PackCalibration"/> leaves; 0 where <see cref="NetworkGradient"/> reads means, maps and shifts as they are.</summary>
    long PackedCalibrationLength(BinShape shape) => 0;

    /// <summary>
    /// Lays calibration out as <see cref="NetworkGradient"/> reads it fastest, in a layout of the backend's own; nothing where <see cref="PackedCalibrationLength"/> is 0.
    /// </summary>
    /// <param name="shape">B, D, g.</param>
    /// <param name="means">mu [B x D].</param>
    /// <param name="maps">T [B x D x g], as <see cref="SolveMaps"/> leaves them.</param>
    /// <param name="shifts">[B x D].</param>
    /// <param name="packed">[<see cref="PackedCalibrationLength"/>].</param>
    void PackCalibration(BinShape shape, DeviceView<float> means, DeviceView<float> maps, DeviceView<float> shifts, DeviceView<float> packed)
    {
    }

    /// <summary>Calibrates features: <c>z~ = z + T_b (z - mu_b) + shift_b</c>, b the bin of the row. z and z~ may be the same.</summary>
    /// <param name="features">z [n x D].</param>
    /// <param name="bins">[n].</param>
    /// <param name="order">[n] the rows in the order to visit them, as <see cref="GroupByBin"/> leaves them: fastest when rows of a bin follow each other,
    /// without influence on the result; absent for the order they lie in.</param>
    /// <param name="shape">B, D, g.</param>
    /// <param name="means">mu [B x D].</param>
    /// <param name="maps">T^T of <see cref="TransposeMaps"/> [B x D x g]; for g = 1 that is T.</param>
    /// <param name="shifts">[B x D].</param>
    /// <param name="calibrated">z~ [n x D].</param>
    void Calibrate(
        DeviceView<float> features, DeviceView<int> bins, DeviceView<int> order, BinShape shape, DeviceView<float> means, DeviceView<float> maps, DeviceView<float> shifts, DeviceView<float> calibrated);

    /// <summary>
    /// Gradient of <see cref="Calibrate"/> with its statistics held constant: <c>dz = dz~ + T_b^T dz~</c>. Both may be the same. Maps are T, zeros above the
    /// diagonals of the blocks, as <see cref="SolveMaps"/> leaves them.
    /// </summary>
    void CalibrateGradient(DeviceView<float> dCalibrated, DeviceView<int> bins, DeviceView<int> order, BinShape shape, DeviceView<float> maps, DeviceView<float> dFeatures);
}
