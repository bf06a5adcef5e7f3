using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Benchmarks.Peers;
using DirKernels.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DirKernels.TorchBenchmarks;

/// <summary>A network of relu layers: libtorch's modules, and its functions on the weights alone.</summary>
internal static class TorchPrediction
{
    public static PeerSet Create(CpuBackend backend, int[] widths, int batch)
    {
        var set = new PeerSet("predict", 1e-4);
        RegressionModel model = set.Own(new RegressionModel(
            new RegressionNetwork(new NetworkShape { Inputs = widths[0], Hidden = widths[1..^1] }, backend, seed: 1), new TargetScaling([0], [1])));
        float[] inputs = TorchOperands.Uniform(1, batch * widths[0]);
        var values = new double[batch];
        set.Add(PeerSet.Library, () => model.Predict(inputs, values), () => [.. values]);
        float[] parameters = backend.Download(model.Network.Parameters);
        float[] Part(string name) => [.. model.Network.Layout.Entries.Where(entry => entry.Name == name).SelectMany(entry => parameters.AsSpan((int)entry.Offset, (int)entry.Length).ToArray())];
        string[] names = [.. Enumerable.Range(0, widths.Length - 2).Select(layer => $"layers.{layer}."), "head."];
        Tensor[] weights = [.. names.Select((name, layer) => set.Upload(Part(name + "weight"), widths[layer], widths[layer + 1]))];
        Tensor[] biases = [.. names.Select((name, layer) => set.Upload(Part(name + "bias"), widths[layer + 1]))];
        Tensor x = set.Upload(inputs, batch, widths[0]);
        set.Add("addmm and relu_", () =>
        {
            Tensor activations = TorchOperands.Affine(biases[0], x, weights[0]);
            for (int layer = 1; layer < weights.Length; layer++)
            {
                activations = TorchOperands.Affine(biases[layer], activations.relu_(), weights[layer]);
            }

            return activations;
        });
        var modules = set.Own(TorchTraining.Network(widths));
        foreach ((Linear linear, int layer) in modules.children().OfType<Linear>().Select((linear, layer) => (linear, layer)))
        {
            linear.weight = nn.Parameter(weights[layer].t().contiguous(), requires_grad: false);
            linear.bias = nn.Parameter(biases[layer].clone(), requires_grad: false);
        }

        set.Add("modules", () => modules.call(x));
        return set;
    }
}
