using DirKernels.Backends;
using DirKernels.Gpu;
using DirKernels.Networks;

namespace DirKernels.GpuBenchmarks;

/// <summary>The lines of the table.</summary>
internal static class TimedRows
{
    public static IEnumerable<TimedRow> All(GpuBackend gpu, BenchmarkSizes sizes) =>
    [
        .. Labels(gpu, sizes.Labels),
        .. sizes.Features.SelectMany(f => FeatureRows.All(gpu, f.Rows, f.Dimensions, f.Bins)),
        .. Elements(gpu, sizes.Elements),
        .. sizes.Products.SelectMany(p => Products(gpu, p.Rows, p.Inputs, p.Outputs)),
        Epoch(gpu, [8, 64, 64, 1], 256, sizes.EpochRows),
        Epoch(gpu, [13, 256, 256, 256, 1], 64, sizes.EpochRows),
        Epoch(gpu, [2048, 512, 1], 1024, sizes.EpochRows),
    ];

    private static IEnumerable<TimedRow> Labels(GpuBackend gpu, int count)
    {
        const int Bins = 100;
        LabelBins bins = LabelBins.Uniform(0, 1, Bins);
        yield return new TimedRow($"count labels {count}", 8.0 * count, 0, () =>
        {
            DeviceBuffer<double> labels = gpu.Upload(SampleArrays.Labels(1, count, Bins));
            var counts = new double[Bins];
            return (() => gpu.CountLabels(labels, bins, counts), [labels]);
        });
        yield return new TimedRow($"weigh labels {count}", 12.0 * count, 0, () =>
        {
            DeviceBuffer<double> labels = gpu.Upload(SampleArrays.Labels(1, count, Bins));
            DeviceBuffer<float> weights = gpu.Allocate<float>(count);
            var table = new float[Bins];
            return (() => gpu.WeighLabels(labels, bins, table, weights), [labels, weights]);
        });
    }

    private static IEnumerable<TimedRow> Elements(GpuBackend gpu, int count)
    {
        foreach (Activation activation in new[] { Activation.Relu, Activation.Gelu, Activation.Tanh })
        {
            yield return new TimedRow($"{activation.ToString().ToLowerInvariant()} {count}", 8.0 * count, 0, () =>
            {
                DeviceBuffer<float> x = gpu.Upload(SampleArrays.Bell(1, count)), y = gpu.Allocate<float>(count);
                return (() => gpu.Activate(activation, x, y), [x, y]);
            });
        }

        yield return new TimedRow($"adam {count}", 28.0 * count, 0, () =>
        {
            DeviceBuffer<float> p = gpu.Upload(SampleArrays.Bell(1, count)), g = gpu.Upload(SampleArrays.Bell(2, count)), m = gpu.Allocate<float>(count), v = gpu.Allocate<float>(count);
            var step = new OptimizerStep(OptimizerKind.Adam, 1e-3f, 0.9f, 0.999f, 1e-8f, 0, 10);
            return (() => gpu.UpdateParameters(step, p, g, m, v), [p, g, m, v]);
        });
    }

    private static IEnumerable<TimedRow> Products(GpuBackend gpu, int rows, int inputs, int outputs)
    {
        var shape = new DenseShape(rows, inputs, outputs);
        double flops = 2.0 * rows * inputs * outputs;
        yield return new TimedRow($"dense gelu {rows} x {inputs} x {outputs}", 0, flops, () =>
        {
            DeviceBuffer<float> x = gpu.Upload(SampleArrays.Bell(1, (long)rows * inputs)), w = gpu.Upload(SampleArrays.Bell(2, (long)inputs * outputs)), b = gpu.Upload(SampleArrays.Bell(3, outputs));
            DeviceBuffer<float> pre = gpu.Allocate<float>((long)rows * outputs), y = gpu.Allocate<float>((long)rows * outputs);
            return (() => gpu.Dense(x, w, b, shape, Activation.Gelu, pre, y), [x, w, b, pre, y]);
        });
        yield return new TimedRow($"dense gradient {rows} x {inputs} x {outputs}", 0, 2 * flops, () =>
        {
            DeviceBuffer<float> x = gpu.Upload(SampleArrays.Bell(1, (long)rows * inputs)), w = gpu.Upload(SampleArrays.Bell(2, (long)inputs * outputs)), d = gpu.Upload(SampleArrays.Bell(3, (long)rows * outputs));
            DeviceBuffer<float> dW = gpu.Allocate<float>((long)inputs * outputs), dB = gpu.Allocate<float>(outputs), dX = gpu.Allocate<float>((long)rows * inputs);
            return (() => gpu.DenseGradient(x, w, d, shape, dW, dB, dX), [x, w, d, dW, dB, dX]);
        });
    }

    private static TimedRow Epoch(GpuBackend gpu, int[] widths, int batch, int rows)
    {
        double products = widths.Zip(widths.Skip(1), (a, b) => (double)a * b).Sum();
        return new TimedRow($"epoch [{string.Join(",", widths)}] batch {batch} rows {rows}", 0, 6.0 * rows * products - 2.0 * rows * widths[0] * widths[1], () =>
        {
            float[] x = SampleArrays.Bell(1, (long)rows * widths[0]);
            double[] labels = [.. Enumerable.Range(0, rows).Select(i => 50.0 + 10 * x[(long)i * widths[0]] * x[(long)i * widths[0] + 1])];
            var run = new TrainingRun(
                new NetworkShape { Inputs = widths[0], Hidden = widths[1..^1] },
                new TrainingSet(x, labels),
                new TrainingSet(x[..widths[0]], labels[..1]),
                LabelBins.Uniform(0, 1, 100),
                new TrainingOptions { Epochs = 1_000_000, BatchSize = batch, Schedule = LearningRateSchedule.Constant },
                gpu);
            return (() => run.RunEpoch(), [run]);
        });
    }
}
