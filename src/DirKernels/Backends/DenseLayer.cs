namespace DirKernels.Backends;

/// <summary>One fully connected layer of a <see cref="NetworkPlan"/> and where its parameters lie in the flat buffer.</summary>
/// <param name="Inputs">Columns of what enters.</param>
/// <param name="Outputs">Columns of what leaves.</param>
/// <param name="WeightsAt">First element of W [inputs x outputs].</param>
/// <param name="BiasAt">First element of the bias [outputs], behind the weights.</param>
public readonly record struct DenseLayer(int Inputs, int Outputs, long WeightsAt, long BiasAt);
