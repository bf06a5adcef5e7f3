namespace DirKernels.Backends;

/// <summary>Sizes of per-bin feature statistics.</summary>
/// <param name="Bins">B.</param>
/// <param name="Dimensions">D.</param>
/// <param name="BlockSize">g: 1 diagonal, D full; when D is no multiple of g the last block is smaller and its rows keep the stride g.</param>
public readonly record struct BinShape(int Bins, int Dimensions, int BlockSize)
{
    /// <summary>Elements of one bin's covariance, D g.</summary>
    public int CovarianceWidth => Dimensions * BlockSize;

    /// <summary>First dimension of the block that holds dimension i.</summary>
    public int BlockStart(int dimension) => dimension - dimension % BlockSize;
}
