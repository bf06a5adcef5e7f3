namespace DirKernels.Backends.Cpu;

/// <summary>Running covariances of a bin and how an epoch's scatter moves them: <c>running = keep running + take scatter</c>.</summary>
/// <param name="running">[D x g], lower triangles of the blocks; null for none.</param>
/// <param name="keep">0..1.</param>
/// <param name="take">Factor of the scatter.</param>
internal readonly unsafe struct CovarianceBlend(float* running, double keep, double take)
{
    public float* Running => running;

    public double Keep => keep;

    public double Take => take;
}
