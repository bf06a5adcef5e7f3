namespace DirKernels.Backends;

/// <summary>Sizes of a fully connected layer applied to a batch.</summary>
/// <param name="Rows">n, rows of the batch.</param>
/// <param name="Inputs">Columns of x and rows of the weight matrix.</param>
/// <param name="Outputs">Columns of the weight matrix and of the result.</param>
public readonly record struct DenseShape(int Rows, int Inputs, int Outputs);
