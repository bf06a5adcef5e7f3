using System.Numerics.Tensors;
using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Networks;
using Microsoft.ML.OnnxRuntime;

namespace DirKernels.Benchmarks.Peers;

/// <summary>A network of relu layers on one thread. ONNX Runtime reads and writes pinned memory of the caller, without a copy.</summary>
internal static class PredictionPeers
{
    public static PeerSet Create(CpuBackend backend, int[] widths, int batch)
    {
        // Sums of at most 512 terms of which many cancel in the head.
        var set = new PeerSet($"predict [{string.Join(",", widths)}] batch {batch}", 1e-4);
        using var model = new RegressionModel(
            new RegressionNetwork(new NetworkShape { Inputs = widths[0], Hidden = widths[1..^1] }, backend, seed: 1), new TargetScaling([3], [0.5]));
        float[] inputs = [.. Enumerable.Range(0, batch * widths[0]).Select(i => 2 * CounterRandom.Uniform(1, (ulong)i) - 1)];
        Predictor predictor = set.Own(new Predictor(model));
        var library = new float[batch];
        set.Add(PeerSet.Library, () => predictor.Predict(inputs, library), () => Array.ConvertAll(library, value => (double)value));
        AddOnnxRuntime(set, model, inputs, widths[0], batch);
        AddLoops(set, model, inputs, widths, batch);
        return set;
    }

    private static void AddOnnxRuntime(PeerSet set, RegressionModel model, float[] inputs, int columns, int batch)
    {
        using var stream = new MemoryStream();
        OnnxExport.Write(stream, model);
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        InferenceSession session = set.Own(new InferenceSession(stream.ToArray(), options));
        RunOptions runOptions = set.Own(new RunOptions());
        var values = new float[batch];
        OrtValue[] from = [set.Own(OrtValue.CreateTensorValueFromMemory(inputs, [batch, columns]))];
        OrtValue[] to = [set.Own(OrtValue.CreateTensorValueFromMemory(values, [batch, 1]))];
        string[] fromNames = ["inputs"], toNames = ["values"];
        set.Add("OnnxRuntime", () => session.Run(runOptions, fromNames, from, toNames, to), () => Array.ConvertAll(values, value => (double)value));
    }

    private static void AddLoops(PeerSet set, RegressionModel model, float[] inputs, int[] widths, int batch)
    {
        float[] parameters = model.Network.Backend.Download(model.Network.Parameters);
        float[] Part(string name) => [.. model.Network.Layout.Entries.Where(entry => entry.Name == name).SelectMany(entry => parameters.AsSpan((int)entry.Offset, (int)entry.Length).ToArray())];
        string[] names = [.. Enumerable.Range(0, widths.Length - 2).Select(layer => $"layers.{layer}."), "head."];
        float[][] weights = [.. names.Select(name => Part(name + "weight"))], biases = [.. names.Select(name => Part(name + "bias"))];
        float[][] transposed = [.. weights.Select((matrix, layer) => Transpose(matrix, widths[layer]))];
        float[][] activations = [.. widths.Select(width => new float[width])];
        TargetScaling scaling = model.Scaling;
        float[] byLoop = new float[batch], byTensors = new float[batch];
        set.Add("loop", () => Predict(weights, useTensors: false, byLoop), () => Array.ConvertAll(byLoop, value => (double)value));
        set.Add("tensors", () => Predict(transposed, useTensors: true, byTensors), () => Array.ConvertAll(byTensors, value => (double)value));

        void Predict(float[][] matrices, bool useTensors, float[] values)
        {
            for (int row = 0; row < values.Length; row++)
            {
                inputs.AsSpan(row * widths[0], widths[0]).CopyTo(activations[0]);
                for (int layer = 0; layer < matrices.Length; layer++)
                {
                    bool isHead = layer == matrices.Length - 1;
                    if (useTensors)
                    {
                        DotLayer(activations[layer], matrices[layer], biases[layer], isHead, activations[layer + 1]);
                    }
                    else
                    {
                        LoopLayer(activations[layer], matrices[layer], biases[layer], isHead, activations[layer + 1]);
                    }
                }

                values[row] = (float)(scaling.Mean[0] + scaling.Scale[0] * activations[^1][0]);
            }
        }
    }

    private static void LoopLayer(float[] x, float[] weights, float[] bias, bool isHead, float[] y)
    {
        for (int j = 0; j < y.Length; j++)
        {
            float sum = bias[j];
            for (int k = 0; k < x.Length; k++)
            {
                sum += x[k] * weights[k * y.Length + j];
            }

            y[j] = isHead ? sum : Math.Max(sum, 0);
        }
    }

    private static void DotLayer(float[] x, float[] transposed, float[] bias, bool isHead, float[] y)
    {
        for (int j = 0; j < y.Length; j++)
        {
            y[j] = bias[j] + TensorPrimitives.Dot<float>(x, transposed.AsSpan(j * x.Length, x.Length));
        }

        if (!isHead)
        {
            TensorPrimitives.Max(y, 0f, y);
        }
    }

    private static float[] Transpose(float[] matrix, int rows)
    {
        int columns = matrix.Length / rows;
        return [.. Enumerable.Range(0, matrix.Length).Select(at => matrix[at % rows * columns + at / rows])];
    }
}
