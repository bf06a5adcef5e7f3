namespace DirKernels.Backends.Cpu;

/// <summary>
/// Work cut into blocks that may run in any order on any thread. Each block writes its own part of the result and the cut does not depend on the
/// number of threads: that is what makes results equal to the bit.
/// </summary>
internal interface IBlockJob
{
    /// <summary>Runs one block.</summary>
    void Run(int block);
}
