using DirKernels.Backends;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Predictions of a whole network: <see cref="DenseKernel"/> layer after layer over all rows, activations in two scratch buffers that take turns. A launch for each layer; batches that
/// are worth a device fill it with every one of them.
/// </summary>
internal static class PredictKernel
{
    public static void Run(GpuRuntime gpu, NetworkPlan plan, ArrayView<float> inputs, ArrayView<float> parameters, ArrayView<float> prediction)
    {
        int rows = (int)(prediction.Length / plan.Targets), last = plan.Layers.Count - 1;
        long room = (long)rows * plan.Layers.Take(last).Select(layer => layer.Outputs).DefaultIfEmpty().Max();
        ArrayView<float> x = inputs;
        for (int l = 0; l < last; l++)
        {
            ArrayView<float> y = gpu.Scratch<float>(l % 2 == 0 ? "even activations" : "odd activations", room).SubView(0, (long)rows * plan.Layers[l].Outputs);
            Multiply(gpu, plan.Layers[l], x, rows, parameters, plan.Activation, y);
            x = y;
        }

        Multiply(gpu, plan.Layers[last], x, rows, parameters, Activation.Identity, prediction);
    }

    private static void Multiply(GpuRuntime gpu, DenseLayer layer, ArrayView<float> x, int rows, ArrayView<float> parameters, Activation activation, ArrayView<float> y)
    {
        ArrayView<float> weights = parameters.SubView(layer.WeightsAt, (long)layer.Inputs * layer.Outputs), bias = parameters.SubView(layer.BiasAt, layer.Outputs);
        DenseKernel.Run(gpu, x, weights, bias, new DenseShape(rows, layer.Inputs, layer.Outputs), activation, gpu.Nothing<float>(), keepPre: false, y);
    }
}
