using DirKernels.Backends;
using ILGPU;
using ILGPU.Runtime;

namespace DirKernels.Gpu;

/// <summary>Label distribution smoothing beside the seam: labels and weights stay on the device, the density of B bins is smoothed on the host.</summary>
public sealed partial class GpuBackend
{
    /// <summary>Counts labels in bins, the first step of <see cref="Labels.LabelDistributionSmoothing"/>.</summary>
    /// <param name="labels">[N], finite; labels outside the bins count for the end bins.</param>
    /// <param name="bins">The B bins.</param>
    /// <param name="counts">[B], receives the counts, exact up to 2^53.</param>
    /// <exception cref="ArgumentException">Counts and bins have different lengths.</exception>
    /// <exception cref="InvalidDataException">A label is NaN or infinite; the message names its row, counted from 0.</exception>
    public void CountLabels(DeviceView<double> labels, LabelBins bins, Span<double> counts)
    {
        ThrowIfNotOfBins(counts.Length, bins, nameof(counts));
        var counted = new long[bins.Count + 1];
        lock (_gpu.Gate)
        {
            ArrayView<long> onDevice = _gpu.Scratch<long>("label counts", counted.Length);
            CountLabelsKernel.Run(_gpu, Elements(labels), bins, onDevice);
            onDevice.SubView(0, counted.Length).CopyToCPU(_gpu.Stream, counted);
        }

        if (counted[^1] != long.MaxValue)
        {
            throw new InvalidDataException($"labels: row {counted[^1]} of {labels.Length} is not a finite number");
        }

        for (int b = 0; b < counts.Length; b++)
        {
            counts[b] = counted[b];
        }
    }

    /// <summary>The weight of each label, from a table of weights of bins.</summary>
    /// <param name="labels">[N], finite.</param>
    /// <param name="bins">The B bins.</param>
    /// <param name="table">[B] weights.</param>
    /// <param name="weights">[N].</param>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public void WeighLabels(DeviceView<double> labels, LabelBins bins, ReadOnlySpan<float> table, DeviceView<float> weights)
    {
        ThrowIfNotOfBins(table.Length, bins, nameof(table));
        if (labels.Length != weights.Length)
        {
            throw new ArgumentException($"weights has {weights.Length} entries but labels has {labels.Length}", nameof(weights));
        }

        lock (_gpu.Gate)
        {
            WeighLabelsKernel.Run(_gpu, Elements(labels), bins, table, Elements(weights));
        }
    }

    private static void ThrowIfNotOfBins(int length, LabelBins bins, string name)
    {
        if (length != bins.Count)
        {
            throw new ArgumentException($"{name} has {length} entries but there are {bins.Count} bins", name);
        }
    }
}
