namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void Dense(
        DeviceView<float> x, DeviceView<float> weights, DeviceView<float> bias, DenseShape shape, Activation activation, DeviceView<float> preActivation, DeviceView<float> y)
    {
        float* result = preActivation.IsAbsent ? Pointer(y) : Pointer(preActivation);
        if (shape.Outputs == 1)
        {
            var job = new SingleOutputJob { X = Pointer(x), Weights = Pointer(weights), Bias = *Pointer(bias), Shape = shape, Result = result };
            _team.Run(ref job, DivideUp(shape.Rows, SingleOutputJob.RowsPerBlock), (long)shape.Rows * shape.Inputs > WorthSharing);
            ActivationFormula.Apply(activation, result, Pointer(y), shape.Rows);
        }
        else
        {
            new MatrixProduct
            {
                A = Pointer(x),
                ARowStride = shape.Inputs,
                AColumnStride = 1,
                B = Pointer(weights),
                BRowStride = shape.Outputs,
                BColumnStride = 1,
                C = result,
                Bias = Pointer(bias),
                Rows = shape.Rows,
                Columns = shape.Outputs,
                Depth = shape.Inputs,
                Activation = activation,
                Activated = Pointer(y),
            }.Run(_team);
        }

        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(weights.Buffer);
        GC.KeepAlive(bias.Buffer);
        GC.KeepAlive(preActivation.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    private unsafe struct SingleOutputJob : IBlockJob
    {
        public const int RowsPerBlock = 32;

        public float* X;
        public float* Weights;
        public float Bias;
        public DenseShape Shape;
        public float* Result;

        public readonly void Run(int block)
        {
            int first = block * RowsPerBlock, rows = Math.Min(RowsPerBlock, Shape.Rows - first);
            RowSums.Dot(X + (long)first * Shape.Inputs, rows, Shape.Inputs, Weights, Bias, Result + first);
        }
    }
}
