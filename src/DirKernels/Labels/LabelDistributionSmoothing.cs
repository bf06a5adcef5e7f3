using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using DirKernels.Backends.Cpu;

namespace DirKernels.Labels;

/// <summary>
/// Label distribution smoothing (LDS): sample weights inverse to a smoothed density of the training labels.
/// </summary>
/// <remarks>
/// labels -> <c>counts[B]</c> -> transform -> convolve (taps with maximum 1) -> effective <c>density[B]</c> -> <c>weights[B] = s / density</c>, with s such
/// that the mean weight over the training samples is 1. The transform (<see cref="Reweighting.Transform"/>) comes BEFORE the convolution.
/// Counts add, so that shards may be counted apart and summed. All in double precision; span verbs write to their last argument and allocate
/// nothing in steady state. Without a kernel the same formulas give plain inverse and square-root-inverse weights.
/// Source: Yang et al., "Delving into Deep Imbalanced Regression", ICML 2021, section 3.1 and its published results.
/// </remarks>
public static class LabelDistributionSmoothing
{
    // 2 KB: small enough for any stack, large enough for the published 121 bins.
    private const int StackLimit = 256;

    /// <summary>Counts, effective density and weights of the bins, from training labels.</summary>
    /// <param name="labels">N training labels, N at least 1, finite.</param>
    /// <param name="bins">B bins of the label axis.</param>
    /// <param name="kernel">Smoothing window, at most B taps; null for none.</param>
    /// <param name="reweighting">How counts become densities.</param>
    /// <param name="boundary">What the convolution reads beyond the end bins: <see cref="Boundary.Zero"/> or <see cref="Boundary.Symmetric"/>.</param>
    /// <exception cref="InvalidDataException">There are no labels, or one is NaN or infinite (its row is named).</exception>
    /// <exception cref="ArgumentException">More taps than bins, or a mirror boundary with more than one tap.</exception>
    public static LabelWeights Fit(
        ReadOnlySpan<double> labels, LabelBins bins, SmoothingKernel? kernel, Reweighting reweighting, Boundary boundary = Boundary.Zero)
    {
        ArgumentNullException.ThrowIfNull(bins);
        var counts = new double[bins.Count];
        Count(labels, bins, counts);
        return Assemble(counts, bins, kernel, reweighting, boundary);
    }

    /// <summary>Effective density and weights of the bins, from counts that were made elsewhere (several files, several machines).</summary>
    /// <param name="counts">Training samples of each of the B bins; copied.</param>
    /// <param name="bins">The bins the counts belong to.</param>
    /// <param name="kernel">Smoothing window, at most B taps; null for none.</param>
    /// <param name="reweighting">How counts become densities.</param>
    /// <param name="boundary">What the convolution reads beyond the end bins: <see cref="Boundary.Zero"/> or <see cref="Boundary.Symmetric"/>.</param>
    /// <exception cref="InvalidDataException">A count is negative or not finite (its bin is named), or all are 0.</exception>
    /// <exception cref="ArgumentException">Not B counts, more taps than bins, or a mirror boundary with more than one tap.</exception>
    public static LabelWeights FitCounts(
        ReadOnlySpan<double> counts, LabelBins bins, SmoothingKernel? kernel, Reweighting reweighting, Boundary boundary = Boundary.Zero)
    {
        ArgumentNullException.ThrowIfNull(bins);
        ThrowIfLengthsDiffer("counts", counts.Length, "bins", bins.Count);
        return Assemble(counts.ToArray(), bins, kernel, reweighting, boundary);
    }

    /// <summary>Number of labels in each bin: <c>counts[b] = |{i : bin(labels[i]) = b}|</c>. Overwrites the destination.</summary>
    /// <param name="labels">N finite labels; labels outside the edges count in the end bins.</param>
    /// <param name="bins">B bins.</param>
    /// <param name="counts">Receives B counts.</param>
    /// <param name="backend">Whose threads share the labels; null for the calling thread alone. The counts are the same.</param>
    /// <exception cref="InvalidDataException">A label is NaN or infinite; the message names its row, counted from 0.</exception>
    /// <exception cref="ArgumentException">The destination does not have B entries.</exception>
    public static void Count(ReadOnlySpan<double> labels, LabelBins bins, Span<double> counts, CpuBackend? backend = null)
    {
        ArgumentNullException.ThrowIfNull(bins);
        ThrowIfLengthsDiffer("counts", counts.Length, "bins", bins.Count);
        CountAndKeep(labels, bins, counts, default, backend?.Team);
    }

    /// <summary>
    /// Effective density <c>density[b] = sum_x k(x) transform(counts[b + x])</c>, x = -half..half, k with maximum 1; without a kernel
    /// <c>transform(counts[b])</c>. <see cref="Reweighting.None"/> gives 1 in every bin whatever the kernel.
    /// </summary>
    /// <param name="counts">B counts, finite and not negative.</param>
    /// <param name="kernel">Smoothing window, at most B taps; null for none.</param>
    /// <param name="reweighting">How a count becomes a density, before the convolution.</param>
    /// <param name="boundary"><see cref="Boundary.Zero"/> or <see cref="Boundary.Symmetric"/>.</param>
    /// <param name="density">Receives B densities, 0 or larger; may be the same memory as <paramref name="counts"/>.</param>
    /// <exception cref="InvalidDataException">A count is negative or not finite; the message names its bin.</exception>
    /// <exception cref="ArgumentException">The lengths differ, more taps than bins, or a mirror boundary with more than one tap.</exception>
    public static void EffectiveDensity(
        ReadOnlySpan<double> counts, SmoothingKernel? kernel, Reweighting reweighting, Boundary boundary, Span<double> density)
    {
        ThrowIfLengthsDiffer("counts", counts.Length, "density", density.Length);
        kernel?.ThrowIfWiderThan(counts.Length);
        bool smooths = kernel is { Size: > 1 } && !reweighting.IsNone;
        if (kernel is { Size: > 1 } && boundary is not (Boundary.Zero or Boundary.Symmetric))
        {
            throw new ArgumentException($"label smoothing: the boundary must be Zero or Symmetric, but is {boundary}", nameof(boundary));
        }

        if (!smooths)
        {
            Transform(counts, reweighting, density);
            return;
        }

        double[]? rented = counts.Length > StackLimit ? ArrayPool<double>.Shared.Rent(counts.Length) : null;
        Span<double> transformed = rented is null ? stackalloc double[StackLimit] : rented;
        transformed = transformed[..counts.Length];
        try
        {
            Transform(counts, reweighting, transformed);
            Convolve(transformed, kernel!.UnitMaximumTaps, boundary, density);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<double>.Shared.Return(rented);
            }
        }
    }

    /// <summary>
    /// Weights of the bins: <c>weights[b] = s / density[b]</c>, 0 where the density is 0, with s such that
    /// <c>sum counts[b] weights[b] = sum counts[b]</c>: the mean weight over the samples is 1.
    /// </summary>
    /// <param name="counts">B counts, finite, not negative, not all 0.</param>
    /// <param name="density">B effective densities, finite and not negative.</param>
    /// <param name="weights">Receives B weights; may be the same memory as either input.</param>
    /// <exception cref="InvalidDataException">All counts are 0, a number is negative or not finite, or every bin that has samples has density 0.</exception>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Weights(ReadOnlySpan<double> counts, ReadOnlySpan<double> density, Span<double> weights)
    {
        ThrowIfLengthsDiffer("counts", counts.Length, "density", density.Length);
        ThrowIfLengthsDiffer("density", density.Length, "weights", weights.Length);
        double samples = 0, unscaled = 0;
        for (int b = 0; b < counts.Length; b++)
        {
            ThrowIfNotCount(counts[b], b);
            if (!double.IsFinite(density[b]) || density[b] < 0)
            {
                throw new InvalidDataException($"density of bin {b} is {density[b]}; densities must be finite and not negative");
            }

            samples += counts[b];
            unscaled += density[b] > 0 ? counts[b] / density[b] : 0;
        }

        if (samples == 0)
        {
            throw new InvalidDataException("label weights: there are no training labels to weigh");
        }

        if (!(unscaled > 0) || !double.IsFinite(unscaled))
        {
            throw new InvalidDataException("label weights: the density is 0 in every bin that has samples, so that their mean weight cannot be 1");
        }

        double scale = samples / unscaled;
        for (int b = 0; b < weights.Length; b++)
        {
            weights[b] = density[b] > 0 ? scale / density[b] : 0;
        }
    }

    /// <summary>One weight per sample, in one call, with a zero boundary: the weight of the bin of its label.</summary>
    /// <param name="labels">N training labels, N at least 1, finite.</param>
    /// <param name="bins">B bins.</param>
    /// <param name="kernel">Smoothing window, at most B taps; null for none.</param>
    /// <param name="reweighting">How counts become densities.</param>
    /// <param name="weights">Receives N weights of mean 1 (rounded to single precision); no memory of the labels. Its content is lost after an exception.</param>
    /// <exception cref="InvalidDataException">There are no labels, or one is NaN or infinite (its row is named).</exception>
    /// <exception cref="ArgumentException">The lengths of labels and weights differ, or more taps than bins.</exception>
    public static void Weights(
        ReadOnlySpan<double> labels, LabelBins bins, SmoothingKernel? kernel, Reweighting reweighting, Span<float> weights) =>
        Weights(labels, bins, kernel, reweighting, Boundary.Zero, weights);

    /// <summary>One weight per sample, in one call, with a choice of boundary; otherwise as the shorter overload.</summary>
    /// <param name="labels">N training labels, N at least 1, finite.</param>
    /// <param name="bins">B bins.</param>
    /// <param name="kernel">Smoothing window, at most B taps; null for none.</param>
    /// <param name="reweighting">How counts become densities.</param>
    /// <param name="boundary"><see cref="Boundary.Zero"/> or <see cref="Boundary.Symmetric"/>.</param>
    /// <param name="weights">Receives N weights of mean 1 (rounded to single precision); no memory of the labels. Its content is lost after an exception.</param>
    /// <param name="backend">Whose threads share the labels; null for the calling thread alone. The weights are the same.</param>
    /// <exception cref="InvalidDataException">There are no labels, or one is NaN or infinite (its row is named).</exception>
    /// <exception cref="ArgumentException">The lengths of labels and weights differ, more taps than bins, or a mirror boundary with more than one tap.</exception>
    public static void Weights(
        ReadOnlySpan<double> labels, LabelBins bins, SmoothingKernel? kernel, Reweighting reweighting, Boundary boundary, Span<float> weights, CpuBackend? backend = null)
    {
        ArgumentNullException.ThrowIfNull(bins);
        ThrowIfLengthsDiffer("labels", labels.Length, "weights", weights.Length);
        double[]? rented = 2 * bins.Count > StackLimit ? ArrayPool<double>.Shared.Rent(2 * bins.Count) : null;
        Span<double> scratch = rented is null ? stackalloc double[StackLimit] : rented;
        Span<double> counts = scratch[..bins.Count], table = scratch.Slice(bins.Count, bins.Count);
        try
        {
            // The bins wait at the end of the weights' own memory, so that the labels are read and assigned once.
            CountAndKeep(labels, bins, counts, weights, backend?.Team);
            EffectiveDensity(counts, kernel, reweighting, boundary, table);
            Weights(counts, table, table);
            Span<float> narrowTable = MemoryMarshal.Cast<double, float>(counts)[..bins.Count];
            TensorPrimitives.ConvertTruncating<double, float>(table, narrowTable);
            BinsInWeights.LookUp(bins.Count, narrowTable, weights, backend?.Team);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<double>.Shared.Return(rented);
            }
        }
    }

    private static void CountAndKeep(ReadOnlySpan<double> labels, LabelBins bins, Span<double> counts, Span<float> kept, WorkerTeam? team)
    {
        // Counted as whole numbers in the same memory: integers add faster, and any number of labels is exact.
        Span<long> whole = MemoryMarshal.Cast<double, long>(counts);
        whole.Clear();
        BinsInWeights.Count(labels, bins, whole, kept, team);
        for (int b = 0; b < counts.Length; b++)
        {
            counts[b] = whole[b];
        }
    }

    private static LabelWeights Assemble(double[] counts, LabelBins bins, SmoothingKernel? kernel, Reweighting reweighting, Boundary boundary)
    {
        var density = new double[counts.Length];
        var weights = new double[counts.Length];
        EffectiveDensity(counts, kernel, reweighting, boundary, density);
        Weights(counts, density, weights);
        return new LabelWeights(bins, counts, density, weights);
    }

    private static void Transform(ReadOnlySpan<double> counts, Reweighting reweighting, Span<double> transformed)
    {
        for (int b = 0; b < counts.Length; b++)
        {
            ThrowIfNotCount(counts[b], b);
            transformed[b] = reweighting.Transform(counts[b]);
        }
    }

    private static void Convolve(ReadOnlySpan<double> values, ReadOnlySpan<double> taps, Boundary boundary, Span<double> result)
    {
        int half = taps.Length / 2;
        for (int b = 0; b < values.Length; b++)
        {
            double sum = 0;
            if (b >= half && b + half < values.Length)
            {
                ReadOnlySpan<double> window = values.Slice(b - half, taps.Length);
                for (int k = 0; k < taps.Length; k++)
                {
                    sum += taps[k] * window[k];
                }
            }
            else
            {
                for (int k = 0; k < taps.Length; k++)
                {
                    int source = BoundaryIndex.Resolve(boundary, b + k - half, values.Length);
                    sum += source < 0 ? 0 : taps[k] * values[source];
                }
            }

            result[b] = sum;
        }
    }

    private static void ThrowIfNotCount(double count, int bin)
    {
        if (!double.IsFinite(count) || count < 0)
        {
            throw new InvalidDataException($"count of bin {bin} is {count}; counts must be finite and not negative");
        }
    }

    private static void ThrowIfLengthsDiffer(string first, int firstLength, string second, int secondLength)
    {
        if (firstLength != secondLength)
        {
            throw new ArgumentException($"{first} has {firstLength} entries but {second} has {secondLength}");
        }
    }
}
