namespace DirKernels.Backends;

/// <summary>The rows of one training step, by their numbers in the table they come from.</summary>
/// <param name="Inputs">[N x inputs].</param>
/// <param name="Targets">[N x targets].</param>
/// <param name="Weights">[N]; absent for all 1.</param>
/// <param name="Rows">[n] row numbers in 0..N-1.</param>
/// <param name="DropoutStream">Key of the random numbers of this step; layer i uses <c>CounterRandom.Stream(DropoutStream, i)</c>.</param>
public readonly record struct NetworkBatch(
    DeviceView<float> Inputs, DeviceView<float> Targets, DeviceView<float> Weights, DeviceView<int> Rows, ulong DropoutStream);
