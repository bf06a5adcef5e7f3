using System.Numerics.Tensors;
using DirKernels.Backends;
using DirKernels.Features;

namespace DirKernels.Networks;

/// <summary>Files of feature statistics: safetensors with the options and what <see cref="FeatureDistributionSmoothing.Capture"/> gives, to go on from elsewhere.</summary>
/// <remarks>
/// Tensors <c>features.*</c>, the same as in a <see cref="ModelFile"/>; options as JSON in the metadata entry <c>dirkernels.features</c>. Samples of an epoch that has
/// not ended are not part of it. What is read is checked: a file that is cut off, foreign, damaged or of a newer schema is an
/// <see cref="InvalidDataException"/>, and memory is bounded by a small multiple of what the file holds.
/// </remarks>
public static class FeatureSmoothingFile
{
    private const string DescriptionKey = "dirkernels.features";
    private const string Prefix = "features.";

    /// <summary>Writes the statistics of the epochs that have ended.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="smoothing">The statistics; not changed.</param>
    public static void Write(Stream stream, FeatureDistributionSmoothing smoothing)
    {
        ArgumentNullException.ThrowIfNull(smoothing);
        FeatureStatisticsState state = smoothing.Capture();
        var file = new SafeTensorsFile();
        file.SetMetadata(
            DescriptionKey,
            new FeatureSmoothingDescription(smoothing.Options, smoothing.Dimensions, smoothing.BinCount, smoothing.BlockSize, state.CompletedEpochs).ToJson());
        FeatureStatisticsTensors.Add(file, Prefix, state);
        ModelChecksum.Seal(file);
        file.Write(stream);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="stream">The file, to its end; left open.</param>
    /// <param name="backend">Where the statistics will lie; null for a CPU backend of their own.</param>
    /// <exception cref="InvalidDataException">The file is no file of feature statistics, is damaged, or has a newer schema.</exception>
    public static FeatureDistributionSmoothing Read(Stream stream, IBackend? backend = null)
    {
        SafeTensorsFile file = SafeTensorsFile.Read(stream);
        if (!file.Metadata.TryGetValue(DescriptionKey, out string? json))
        {
            throw new InvalidDataException($"no file of feature statistics: its metadata have no entry '{DescriptionKey}'");
        }

        ModelChecksum.Check(file);
        FeatureSmoothingDescription description = FeatureSmoothingDescription.FromJson(json);
        FeatureStatisticsState state = FeatureStatisticsTensors.Read(file, Prefix, description.Dimensions, description.Bins, description.CompletedEpochs);
        Check(description, state);
        var smoothing = new FeatureDistributionSmoothing(description.Dimensions, description.Bins, description.Options, backend);
        try
        {
            smoothing.Restore(state);
            return smoothing;
        }
        catch
        {
            smoothing.Dispose();
            throw;
        }
    }

    // The lengths before anything is allocated by the sizes that the file claims.
    private static void Check(FeatureSmoothingDescription description, FeatureStatisticsState state)
    {
        long means = (long)description.Bins * description.Dimensions, covariances = means * description.BlockSize;
        if (state.SamplesSeen.Length != description.Bins || state.LastCounts.Length != description.Bins
            || state.RunningMeans.Length != means || state.SmoothedMeans.Length != means
            || state.RunningCovariances.Length != covariances || state.SmoothedCovariances.Length != covariances)
        {
            throw new InvalidDataException(
                $"feature statistics: {description.Bins} bins of {description.Dimensions} dimensions in blocks of {description.BlockSize} are described, "
                + $"but there are {state.SamplesSeen.Length} counts, {state.RunningMeans.Length} and {state.SmoothedMeans.Length} means, "
                + $"{state.RunningCovariances.Length} and {state.SmoothedCovariances.Length} covariances");
        }

        ThrowIfNotFinite("runningMeans", state.RunningMeans);
        ThrowIfNotFinite("runningCovariances", state.RunningCovariances);
        ThrowIfNotFinite("smoothedMeans", state.SmoothedMeans);
        ThrowIfNotFinite("smoothedCovariances", state.SmoothedCovariances);
        for (int b = 0; b < description.Bins; b++)
        {
            if (state.LastCounts[b] < 0 || state.SamplesSeen[b] < state.LastCounts[b] || state.SamplesSeen[b] > SampleCount.Largest)
            {
                throw new InvalidDataException(
                    $"feature statistics: bin {b} has {state.LastCounts[b]} samples of its last epoch and {state.SamplesSeen[b]} of all, which cannot be");
            }
        }
    }

    private static void ThrowIfNotFinite(string name, float[] values)
    {
        if (!TensorPrimitives.IsFiniteAll<float>(values))
        {
            throw new InvalidDataException($"feature statistics: {name} holds a value that is not finite");
        }
    }
}
