using System.Numerics;

namespace DirKernels.Backends.Cpu;

/// <content>
/// A first layer of few inputs: each owner gathers all of them, and has the weights of half of the outputs, which are its half of what enters the next layer. No thread waits for another, and
/// no products are added. Two threads work with copies of their halves where they can, see <see cref="FirstLayerCopy"/>.
/// </content>
internal unsafe partial struct NetworkHalves
{
    private const int FewInputs = 64;

    /// <summary>Whether the first layer is shared by its outputs.</summary>
    public readonly bool HasFewInputs => IsFewInputs(Network.Layers[0].Inputs);

    /// <summary>Whether a first layer of so many inputs is shared by its outputs; its inputs then have room for two threads.</summary>
    public static bool IsFewInputs(int inputs) => inputs <= FewInputs;

    /// <summary>Elements of <see cref="FirstPanels"/> in an area.</summary>
    public static long FirstPanelsLength(int rows, int outputs) => (long)DivideUp(FirstHalf(outputs), MatrixProduct.PanelWidth) * MatrixProduct.PanelWidth * rows;

    /// <summary>Gradients of the first layer's parameters of a half of its outputs.</summary>
    public readonly void SumFirstGradients(int half)
    {
        ref NetworkLayer layer = ref Network.Layers[0];
        (int First, int End) outputs = HalfOf(layer.Outputs, half);
        float* panels = FirstPanels + half * AreaLength;
        int copy = CopyOf(half);
        PackSlopes(0, copy, outputs, panels);
        SumWeightGradients(0, copy, (0, layer.Inputs), outputs, FirstInputsOf(copy), (0, layer.Inputs), panels);
        SumBiasGradients(0, copy, outputs, panels, outputs.First);
    }

    private readonly float* FirstInputsOf(int copy) => Inputs + copy * AreaLength;

    // Some outputs of a lane before the activation.
    private readonly void MultiplyFirst(int copy, int lane, (int First, int End) outputs, float* pre)
    {
        ref NetworkLayer layer = ref Network.Layers[0];
        SampleLanes lanes = Lanes;
        int room = lanes.RoomOf(lane), rows = outputs.End - outputs.First;

        float* weights = layer.Weights + outputs.First, biases = layer.Bias + outputs.First;
        int stride = layer.Outputs;
        if (FirstUpdates != null)
        {
            weights = FirstUpdates[copy].Parameters;
            biases = weights + (long)layer.Inputs * rows;
            stride = rows;
        }

        // From the last row of the weights to the first one: what lies behind them belongs to other threads, see MatrixProduct.TurnedDepth.
        new MatrixProduct
        {
            A = weights + (long)(layer.Inputs - 1) * stride,
            ARowStride = 1,
            AColumnStride = -stride,
            B = FirstInputsOf(copy) + lanes.At(layer.Inputs, lane, layer.Inputs - 1),
            BRowStride = -room,
            BColumnStride = 1,
            C = pre,
            Rows = rows,
            Columns = room,
            Depth = layer.Inputs,
            Activated = pre,
        }.RunAlone(null);
        for (int j = 0; j < rows; j++)
        {
            var bias = new Vector<float>(biases[j]);
            for (int i = 0; i < room; i += Vector<float>.Count, pre += Vector<float>.Count)
            {
                (Vector.Load(pre) + bias).Store(pre);
            }
        }
    }

    // Copies of a half of the first layer's parameters from the caller's, row by row, the biases last.
    private readonly void CopyFirst(int half)
    {
        ref NetworkLayer layer = ref Network.Layers[0];
        (int first, int end) = HalfOf(layer.Outputs, half);
        for (int row = 0; row <= layer.Inputs; row++)
        {
            Update.CopyTo(FirstRowAt(row) + first, FirstUpdates[half], (long)row * (end - first), end - first);
        }
    }

    // Moves the copies of some rows by their gradients, and hands them over to the caller's buffers.
    private readonly void TakeFirst(int half, float* gradient, int firstRow, int rows)
    {
        (int first, int end) = HalfOf(Network.Layers[0].Outputs, half);
        int columns = end - first;
        FirstUpdates[half].Apply(gradient, (long)firstRow * columns, rows * columns);
        for (int row = firstRow; row < firstRow + rows && PublishesFirst; row++)
        {
            FirstUpdates[half].CopyAroundTo((long)row * columns, Update, FirstRowAt(row) + first, columns);
        }
    }

    private readonly long FirstRowAt(int row)
    {
        ref NetworkLayer layer = ref Network.Layers[0];
        return row == layer.Inputs ? layer.BiasAt : layer.WeightsAt + (long)row * layer.Outputs;
    }
}
