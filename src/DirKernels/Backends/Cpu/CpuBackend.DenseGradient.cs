namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void DenseGradient(
        DeviceView<float> x, DeviceView<float> weights, DeviceView<float> dPre, DenseShape shape, DeviceView<float> dWeights, DeviceView<float> dBias, DeviceView<float> dX)
    {
        float* gradient = Pointer(dPre);
        RowSums.Combine(gradient, null, shape.Rows, shape.Outputs, Pointer(dBias));
        if (shape.Outputs == 1)
        {
            RowSums.Combine(Pointer(x), gradient, shape.Rows, shape.Inputs, Pointer(dWeights));
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

        if (!dX.IsAbsent && shape.Outputs == 1)
        {
            RowSums.Spread(gradient, shape.Rows, Pointer(weights), shape.Inputs, Pointer(dX));
        }
        else if (!dX.IsAbsent)
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
}
