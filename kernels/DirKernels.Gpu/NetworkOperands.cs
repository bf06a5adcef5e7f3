using ILGPU;

namespace DirKernels.Gpu;

/// <summary>What a training step reads: the table of rows and the numbers of those in the batch.</summary>
internal readonly record struct NetworkRows(ArrayView<float> Inputs, ArrayView<float> Targets, ArrayView<float> Weights, ArrayView<int> Numbers);

/// <summary>The maps that calibrate features, and the bins of the batch's rows.</summary>
internal readonly record struct NetworkMaps(ArrayView<int> Bins, ArrayView<float> Means, ArrayView<float> Maps, ArrayView<float> Shifts);

/// <summary>What a training step writes: features, and for each group its part of the gradient and of the loss.</summary>
internal readonly record struct NetworkResults(ArrayView<float> Features, ArrayView<float> Gradients, ArrayView<double> Losses);
