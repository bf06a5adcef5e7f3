using DirKernels.Backends;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Gradient of a fully connected layer by two products of <see cref="MatrixProductKernel"/>: <c>dW = x^T dPre</c>, with the column sums of dPre, dBias, on the side, and
/// <c>dX = dPre W^T</c>.
/// </summary>
internal static class DenseGradientKernel
{
    public static void Run(
        GpuRuntime gpu, ArrayView<float> x, ArrayView<float> weights, ArrayView<float> dPre, DenseShape shape, ArrayView<float> dWeights, ArrayView<float> dBias, ArrayView<float> dX, bool withDX)
    {
        var ofWeights = new ProductShape
        {
            A = PanelSource.Of(x, shape.Inputs, shape.Inputs, transposed: true),
            B = PanelSource.Of(dPre, shape.Outputs, shape.Outputs, transposed: true),
            Rows = shape.Inputs,
            Columns = shape.Outputs,
            Depth = shape.Rows,
            SumColumns = 1,
        };
        ArrayView<float> nothing = gpu.Nothing<float>();
        MatrixProductKernel.Run(gpu, new ProductOperands(x, dPre, nothing, nothing, dWeights, dBias), ofWeights);
        if (withDX)
        {
            var ofInputs = new ProductShape
            {
                A = PanelSource.Of(dPre, shape.Rows, shape.Outputs, transposed: false),
                B = PanelSource.Of(weights, shape.Inputs, shape.Outputs, transposed: false),
                Rows = shape.Rows,
                Columns = shape.Inputs,
                Depth = shape.Outputs,
            };
            MatrixProductKernel.Run(gpu, new ProductOperands(dPre, weights, nothing, nothing, dX, nothing), ofInputs);
        }
    }
}
