namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void Dense(
        DeviceView<float> x, DeviceView<float> weights, DeviceView<float> bias, DenseShape shape, Activation activation, DeviceView<float> preActivation, DeviceView<float> y)
    {
        Multiply(Pointer(x), Pointer(weights), Pointer(bias), shape, activation, Pointer(preActivation.IsAbsent ? y : preActivation), Pointer(y));
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(weights.Buffer);
        GC.KeepAlive(bias.Buffer);
        GC.KeepAlive(preActivation.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    private unsafe void Multiply(float* x, float* weights, float* bias, DenseShape shape, Activation activation, float* pre, float* y)
    {
        if (shape.Outputs == 1)
        {
            var job = new SingleOutputJob { X = x, Weights = weights, Bias = *bias, Shape = shape, Result = pre };
            _team.Run(ref job, DivideUp(shape.Rows, SingleOutputJob.RowsPerBlock), (long)shape.Rows * shape.Inputs > WorthSharing);
            ActivationFormula.Apply(activation, pre, y, shape.Rows);
            return;
        }

        new MatrixProduct
        {
            A = x,
            ARowStride = shape.Inputs,
            AColumnStride = 1,
            B = weights,
            BRowStride = shape.Outputs,
            BColumnStride = 1,
            C = pre,
            Bias = bias,
            Rows = shape.Rows,
            Columns = shape.Outputs,
            Depth = shape.Inputs,
            Activation = activation,
            Activated = y,
        }.Run(_team);
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
