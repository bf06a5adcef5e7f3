using DirKernels.Backends;
using DirKernels.Conformance;
using DirKernels.Gpu;

namespace DirKernels.GpuBenchmarks;

/// <summary>The operations whose kernels have tiles, chunks and several passes, at sizes that fill them, against the oracles of the conformance suite; and twice, for the same bits.</summary>
internal static class OperationChecks
{
    private const double U = ErrorBound.Unit;

    /// <summary>
    /// What tensor cores add to the error of a product of magnitude 1: two factors rounded to 11 bits, or the product of the small parts; and how much their sums, which cut off instead
    /// of rounding, may lose more.
    /// </summary>
    private static (double Product, double Sum) Allowance(GpuBackend gpu) => gpu.Precision switch
    {
        MatrixPrecision.Tf32 => (1.0 / 1024, 4),
        MatrixPrecision.Tf32Triple => (1.0 / (1 << 20), 4),
        _ => (0, 1),
    };

    public static IEnumerable<OperationCheck> Run(GpuBackend gpu, BenchmarkSizes sizes)
    {
        int n = sizes.CheckRows, d = sizes.CheckDimensions;
        foreach (OperationCheck check in CheckLabels(gpu, sizes.Labels))
        {
            yield return check;
        }

        foreach (int blockSize in new[] { 1, Math.Min(16, d), 48, d }.Where(g => g <= d).Distinct())
        {
            var shape = new BinShape(20, d, blockSize);
            foreach (OperationCheck check in CheckMoments(gpu, n, shape).Concat(CheckCalibration(gpu, n, shape)))
            {
                yield return check;
            }
        }

        foreach (OperationCheck check in CheckMaps(gpu, new BinShape(5, d, d)).Concat(CheckBins(gpu, d)))
        {
            yield return check;
        }

        foreach (OperationCheck check in NetworkChecks.Run(gpu, sizes))
        {
            yield return check;
        }

        (int Rows, int Inputs, int Outputs)[] products = sizes.Name == "full" ? [(1000, 700, 500), (256, 64, 64), (20_000, 8, 64), (256, 64, 1)] : [(40, 30, 20)];
        foreach ((int rows, int inputs, int outputs) in products)
        {
            foreach (OperationCheck check in CheckProducts(gpu, new DenseShape(rows, inputs, outputs)))
            {
                yield return check;
            }
        }
    }

    private static IEnumerable<OperationCheck> CheckLabels(GpuBackend gpu, int count)
    {
        LabelBins bins = LabelBins.Uniform(0, 1, 100);
        double[] labels = SampleArrays.Labels(1, count, 100);
        var expected = new double[100];
        foreach (double label in labels)
        {
            expected[bins.IndexOf(label)]++;
        }

        using DeviceBuffer<double> onDevice = gpu.Upload(labels);
        var counts = new double[100];
        gpu.CountLabels(onDevice, bins, counts);
        yield return OperationCheck.Of($"count {count} labels", expected, counts, _ => 0);
        using DeviceBuffer<float> weights = gpu.Allocate<float>(count);
        gpu.WeighLabels(onDevice, bins, [.. Enumerable.Range(0, 100).Select(b => (float)b)], weights);
        yield return OperationCheck.Of($"weigh {count} labels", Array.ConvertAll(labels, label => (double)bins.IndexOf(label)), gpu.Download(weights), _ => 0);
    }

    private static IEnumerable<OperationCheck> CheckMoments(GpuBackend gpu, int n, BinShape shape)
    {
        string size = $"moments {n} x {shape.Dimensions}, blocks of {shape.BlockSize}";
        float[] features = Array.ConvertAll(SampleArrays.Bell(1, (long)n * shape.Dimensions), x => 1e4f + x);
        int[] bins = SampleArrays.Bins(2, n, shape.Bins);
        var expected = new AccumulateMomentsReference(features, bins, shape);
        (int[] rows, int[] offsets) = GroupByBinReference.Group(bins, shape.Bins);
        (double products, double sums) = Allowance(gpu);
        double[]? first = null;
        using DeviceBuffer<float> x = gpu.Upload(features);
        using DeviceBuffer<int> bin = gpu.Upload(bins), order = gpu.Allocate<int>(n), starts = gpu.Allocate<int>(shape.Bins + 1);
        gpu.GroupByBin(bin, order, starts);
        yield return new OperationCheck($"group rows, {size}", gpu.Download(order).AsSpan().SequenceEqual(rows) && gpu.Download(starts).AsSpan().SequenceEqual(offsets) ? 0 : double.PositiveInfinity);
        for (int repetition = 0; repetition < 2; repetition++)
        {
            using DeviceBuffer<long> counts = gpu.Allocate<long>(shape.Bins);
            using DeviceBuffer<double> means = gpu.Allocate<double>((long)shape.Bins * shape.Dimensions), scatters = gpu.Allocate<double>((long)shape.Bins * shape.CovarianceWidth);
            gpu.AccumulateMoments(x, order, starts, shape, counts, means, scatters);
            double[] actual = gpu.Download(scatters);
            if (first is null)
            {
                // Means near 1e4 in double precision; scatters as documented at the operation.
                yield return OperationCheck.Of($"means, {size}", expected.Means, gpu.Download(means), _ => 1e-9);
                double Variance(int entry, int dimension) => expected.Scatters[(entry / shape.CovarianceWidth * shape.Dimensions + dimension) * shape.BlockSize + dimension % shape.BlockSize];
                double Bound(int entry)
                {
                    int i = entry / shape.BlockSize % shape.Dimensions, j = Math.Min(shape.Dimensions - 1, shape.BlockStart(i) + entry % shape.BlockSize);
                    double product = Math.Sqrt(Variance(entry, i) * Variance(entry, j));
                    return (shape.BlockSize == 1 ? 1e-9 : 130 * sums * U + products) * product + 1e-12;
                }

                yield return OperationCheck.Of($"scatters, {size}", expected.Scatters, actual, Bound);
                first = actual;
            }
            else
            {
                yield return new OperationCheck($"same bits again, {size}", first.AsSpan().SequenceEqual(actual) ? 0 : double.PositiveInfinity);
            }
        }
    }

    private static IEnumerable<OperationCheck> CheckCalibration(GpuBackend gpu, int n, BinShape shape)
    {
        string size = $"calibration {n} x {shape.Dimensions}, blocks of {shape.BlockSize}";
        int length = shape.Bins * shape.Dimensions;
        (double products, double sums) = Allowance(gpu);
        float[] z = SampleArrays.Bell(1, (long)n * shape.Dimensions), means = SampleArrays.Bell(2, length), shifts = SampleArrays.Bell(3, length), maps = SampleArrays.Bell(4, (long)shape.Bins * shape.CovarianceWidth);
        for (int at = 0; at < maps.Length; at++)
        {
            int i = at / shape.BlockSize % shape.Dimensions, j = shape.BlockStart(i) + at % shape.BlockSize;
            maps[at] = j <= i ? 0.1f * maps[at] : 0;
        }

        int[] bins = SampleArrays.Bins(5, n, shape.Bins);
        using DeviceBuffer<float> features = gpu.Upload(z), mean = gpu.Upload(means), shift = gpu.Upload(shifts), map = gpu.Upload(maps), transposed = gpu.Allocate<float>(maps.Length), result = gpu.Allocate<float>(z.Length);
        using DeviceBuffer<int> bin = gpu.Upload(bins), order = gpu.Allocate<int>(n), starts = gpu.Allocate<int>(shape.Bins + 1);
        gpu.GroupByBin(bin, order, starts);
        gpu.TransposeMaps(map, shape, transposed);
        gpu.Calibrate(features, bin, order, shape, mean, transposed, shift, result);
        (double[] expected, double[] magnitude) = CalibrateReference.Calibrate(z, bins, shape, means, maps, shifts);
        yield return OperationCheck.Of(size, expected, gpu.Download(result), i => ((shape.BlockSize + 4) * sums * U + products) * magnitude[i]);
        gpu.CalibrateGradient(features, bin, order, shape, map, result);
        (expected, magnitude) = CalibrateGradientReference.Gradient(z, bins, shape, maps);
        yield return OperationCheck.Of($"gradient, {size}", expected, gpu.Download(result), i => ((shape.BlockSize + 3) * sums * U + products) * magnitude[i]);
    }

    private static IEnumerable<OperationCheck> CheckMaps(GpuBackend gpu, BinShape shape)
    {
        int d = shape.Dimensions, width = shape.CovarianceWidth;
        float[] running = FeatureRows.Covariances(shape, 1), smoothed = FeatureRows.Covariances(shape, 2), runningMeans = SampleArrays.Bell(3, shape.Bins * d), smoothedMeans = SampleArrays.Bell(4, shape.Bins * d);
        var options = new MapOptions(0.1f, 10, 1, false, 0.1f, false, new long[shape.Bins], new MapTreatment[shape.Bins]);
        var outcomes = new MapOutcome[shape.Bins];
        using DeviceBuffer<float> a = gpu.Upload(runningMeans), b = gpu.Upload(running), c = gpu.Upload(smoothedMeans), e = gpu.Upload(smoothed), maps = gpu.Allocate<float>(running.Length), shifts = gpu.Allocate<float>(runningMeans.Length);
        gpu.SolveMaps(options, shape, new BinStatistics(a, b), new BinStatistics(c, e), new SolvedMaps(maps, shifts), outcomes);
        float[] solved = gpu.Download(maps);
        for (int bin = 0; bin < shape.Bins; bin++)
        {
            var expected = new SolveMapsReference(options, shape, bin, runningMeans.AsSpan(bin * d, d), running.AsSpan(bin * width, width), smoothedMeans.AsSpan(bin * d, d), smoothed.AsSpan(bin * width, width));
            OperationCheck check = OperationCheck.Of($"maps {d} x {d}, bin {bin}", expected.Map, solved.AsSpan(bin * width, width), i => 2 * U * Math.Abs(expected.Map[i]) + 1e-10);
            yield return expected.Outcome == outcomes[bin] ? check : check with { Worst = double.PositiveInfinity };
        }
    }

    private static IEnumerable<OperationCheck> CheckBins(GpuBackend gpu, int d)
    {
        const int Bins = 100;
        float[] source = SampleArrays.Bell(1, (long)Bins * d * d);
        BinTaps taps = FeatureRows.Window(Bins);
        using DeviceBuffer<float> from = gpu.Upload(source), to = gpu.Allocate<float>(source.Length);
        gpu.CombineBins(from, taps, d * d, to);
        (double[] expected, double[] magnitude) = CombineBinsReference.Combine(source, taps, d * d);
        yield return OperationCheck.Of($"smoothing {Bins} x {d * d}", expected, gpu.Download(to), i => 6 * U * magnitude[i]);
        double[] epoch = Array.ConvertAll(source, x => 2.0 * x), keep = [.. Enumerable.Repeat(0.9, Bins)], take = [.. Enumerable.Repeat(0.1, Bins)];
        using DeviceBuffer<double> epochs = gpu.Upload(epoch);
        gpu.BlendBins(epochs, keep, take, d * d, from);
        yield return OperationCheck.Of(
            $"momentum {Bins} x {d * d}", BlendBinsReference.Blend(epoch, keep, take, d * d, source), gpu.Download(from), i => 3 * U * (Math.Abs(source[i]) + Math.Abs(epoch[i])));
    }

    private static IEnumerable<OperationCheck> CheckProducts(GpuBackend gpu, DenseShape shape)
    {
        string size = $"{shape.Rows} x {shape.Inputs} x {shape.Outputs}";
        float[] x = SampleArrays.Bell(1, (long)shape.Rows * shape.Inputs), w = SampleArrays.Bell(2, (long)shape.Inputs * shape.Outputs), bias = SampleArrays.Bell(3, shape.Outputs), d = SampleArrays.Bell(4, (long)shape.Rows * shape.Outputs);
        using DeviceBuffer<float> xs = gpu.Upload(x), ws = gpu.Upload(w), bs = gpu.Upload(bias), ds = gpu.Upload(d), pre = gpu.Allocate<float>(d.Length), y = gpu.Allocate<float>(d.Length);
        using DeviceBuffer<float> dW = gpu.Allocate<float>(w.Length), dB = gpu.Allocate<float>(bias.Length), dX = gpu.Allocate<float>(x.Length);
        (double products, double sums) = Allowance(gpu);
        gpu.Dense(xs, ws, bs, shape, Activation.Gelu, pre, y);
        (double[] value, double[] magnitude) = DenseReference.Product(x, w, bias, shape);
        yield return OperationCheck.Of($"dense {size}", value, gpu.Download(pre), i => ((shape.Inputs + 4) * sums * U + products) * magnitude[i]);
        gpu.DenseGradient(xs, ws, ds, shape, dW, dB, dX);
        var gradient = new DenseGradientReference(x, w, d, shape);
        yield return OperationCheck.Of($"dense dW {size}", gradient.DWeights.Value, gpu.Download(dW), i => ((shape.Rows + 4) * sums * U + products) * gradient.DWeights.Magnitude[i]);
        yield return OperationCheck.Of($"dense dBias {size}", gradient.DBias.Value, gpu.Download(dB), i => ((shape.Rows + 4) * sums * U + products) * gradient.DBias.Magnitude[i]);
        yield return OperationCheck.Of($"dense dX {size}", gradient.DX.Value, gpu.Download(dX), i => ((shape.Outputs + 4) * sums * U + products) * gradient.DX.Magnitude[i]);
    }
}
