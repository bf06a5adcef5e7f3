using DirKernels.Features;

namespace DirKernels.Networks;

/// <summary>Feature statistics as tensors of a file: <c>samplesSeen</c>, <c>lastCounts</c>, means and covariances, running and smoothed.</summary>
internal static class FeatureStatisticsTensors
{
    /// <summary>Adds them under names that start with a prefix.</summary>
    public static void Add(SafeTensorsFile file, string prefix, FeatureStatisticsState state)
    {
        file.Add(prefix + "samplesSeen", state.SamplesSeen);
        file.Add(prefix + "lastCounts", state.LastCounts);
        file.Add(prefix + "runningMeans", state.RunningMeans);
        file.Add(prefix + "runningCovariances", state.RunningCovariances);
        file.Add(prefix + "smoothedMeans", state.SmoothedMeans);
        file.Add(prefix + "smoothedCovariances", state.SmoothedCovariances);
    }

    /// <summary>
    /// Reads what <see cref="Add"/> added: as many bins and features as there must be. Whether covariances are positive semidefinite is looked at where they are used:
    /// most readers of a model only predict.
    /// </summary>
    /// <exception cref="InvalidDataException">A tensor is missing or has another size.</exception>
    public static FeatureStatisticsState Read(SafeTensorsFile file, string prefix, int dimensions, int bins, int completedEpochs)
    {
        long means = (long)bins * dimensions;
        float[] running = file.Get(prefix + "runningCovariances").ToSingles();
        if (completedEpochs < 0 || running.Length % means != 0 || running.Length / means < 1 || running.Length / means > dimensions)
        {
            throw new InvalidDataException(
                $"tensor '{prefix}runningCovariances' has {running.Length} elements after {completedEpochs} epochs, but {bins} bins of {dimensions} features have {means} variances");
        }

        return new FeatureStatisticsState
        {
            CompletedEpochs = completedEpochs,
            SamplesSeen = file.Get(prefix + "samplesSeen", bins).ToLongIntegers(),
            LastCounts = file.Get(prefix + "lastCounts", bins).ToLongIntegers(),
            RunningMeans = file.Get(prefix + "runningMeans", means).ToSingles(),
            RunningCovariances = running,
            SmoothedMeans = file.Get(prefix + "smoothedMeans", means).ToSingles(),
            SmoothedCovariances = file.Get(prefix + "smoothedCovariances", running.Length).ToSingles(),
        };
    }
}
