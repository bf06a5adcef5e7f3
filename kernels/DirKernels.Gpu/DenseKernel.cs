using DirKernels.Backends;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>Fully connected layer: <see cref="MatrixProductKernel"/> with A = x, B = W; bias and activation are its epilogue.</summary>
internal static class DenseKernel
{
    public static void Run(
        GpuRuntime gpu, ArrayView<float> x, ArrayView<float> weights, ArrayView<float> bias, DenseShape shape, Activation activation, ArrayView<float> pre, bool keepPre, ArrayView<float> y)
    {
        var product = new ProductShape
        {
            A = PanelSource.Of(x, shape.Rows, shape.Inputs, transposed: false),
            B = PanelSource.Of(weights, shape.Outputs, shape.Outputs, transposed: true),
            Rows = shape.Rows,
            Columns = shape.Outputs,
            Depth = shape.Inputs,
            Activation = (int)activation,
            HasBias = 1,
            KeepPre = keepPre ? 1 : 0,
        };
        MatrixProductKernel.Run(gpu, new ProductOperands(x, weights, bias, pre, y, gpu.Nothing<float>()), product);
    }
}
