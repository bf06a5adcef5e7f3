using System.Numerics.Tensors;

namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void DenseGradient(
        DeviceView<float> x, DeviceView<float> weights, DeviceView<float> dPre, DenseShape shape, DeviceView<float> dWeights, DeviceView<float> dBias, DeviceView<float> dX)
    {
        float* gradient = Pointer(dPre);
        SumRows(gradient, shape.Rows, shape.Outputs, Pointer(dBias));
        if (shape.Outputs == 1)
        {
            var sum = new Span<float>(Pointer(dWeights), shape.Inputs);
            sum.Clear();
            for (int i = 0; i < shape.Rows; i++)
            {
                TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(Pointer(x) + (long)i * shape.Inputs, shape.Inputs), gradient[i], sum, sum);
            }
        }
        else
        {
            new MatrixProduct
            {
                A = Pointer(x),
                ARowStride = 1,
                AColumnStride = shape.Inputs,
                B = gradient,
                BRowStride = shape.Outputs,
                BColumnStride = 1,
                C = Pointer(dWeights),
                Rows = shape.Inputs,
                Columns = shape.Outputs,
                Depth = shape.Rows,
                Activated = Pointer(dWeights),
            }.Run(_team);
        }

        if (!dX.IsAbsent)
        {
            new MatrixProduct
            {
                A = gradient,
                ARowStride = shape.Outputs,
                AColumnStride = 1,
                B = Pointer(weights),
                BRowStride = 1,
                BColumnStride = shape.Outputs,
                C = Pointer(dX),
                Rows = shape.Rows,
                Columns = shape.Inputs,
                Depth = shape.Outputs,
                Activated = Pointer(dX),
            }.Run(_team);
        }

        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(weights.Buffer);
        GC.KeepAlive(dPre.Buffer);
        GC.KeepAlive(dWeights.Buffer);
        GC.KeepAlive(dBias.Buffer);
        GC.KeepAlive(dX.Buffer);
    }

    private static unsafe void SumRows(float* matrix, int rows, int columns, float* sums)
    {
        var sum = new Span<float>(sums, columns);
        sum.Clear();
        for (int i = 0; i < rows; i++)
        {
            TensorPrimitives.Add(sum, new ReadOnlySpan<float>(matrix + (long)i * columns, columns), sum);
        }
    }
}
