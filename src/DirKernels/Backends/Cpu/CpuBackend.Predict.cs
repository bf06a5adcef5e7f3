namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <summary>Multiply-adds of a prediction, some microseconds of one core, below which it is not shared.</summary>
    private const long WorthSharingPrediction = 128 * 1024;

    /// <summary>Rows of the largest block that goes through all layers: whole tiles, and activations of wide layers in the second-level cache.</summary>
    private const int MostRowsOfBlock = 11 * MatrixProduct.TileRows;

    /// <summary>Weights that are multiplied with where they lie: those that stay in the nearest cache beside a block's rows. Others have rows too far apart for it.</summary>
    private const int MostReadInPlace = 4 * 1024;

    /// <inheritdoc/>
    public unsafe void Predict(NetworkPlan plan, DeviceView<float> inputs, DeviceView<float> parameters, DeviceView<float> prediction)
    {
        int rows = (int)(prediction.Length / plan.Targets);
        if (rows < MatrixProduct.TileRows || IsForFewRows(plan, rows) || (rows < 4 * MatrixProduct.TileRows * _team.Size && IsSharedByColumns(plan)))
        {
            PredictLayerByLayer(plan, Pointer(inputs), rows, Pointer(parameters), Pointer(prediction));
        }
        else
        {
            PredictBlocks(plan, Pointer(inputs), rows, Pointer(parameters), Pointer(prediction));
        }

        GC.KeepAlive(inputs.Buffer);
        GC.KeepAlive(parameters.Buffer);
        GC.KeepAlive(prediction.Buffer);
    }

    private static bool IsForFewRows(NetworkPlan plan, int rows)
    {
        foreach (DenseLayer layer in plan.LayerSpan)
        {
            if (FewRowsKernel.IsFor(rows, layer.Outputs, layer.Inputs))
            {
                return true;
            }
        }

        return false;
    }

    // Wide layers have columns enough for all threads where there are not two of the smallest blocks of rows for each.
    private bool IsSharedByColumns(NetworkPlan plan)
    {
        long most = 0;
        foreach (DenseLayer layer in plan.LayerSpan)
        {
            most = Math.Max(most, (long)layer.Inputs * layer.Outputs);
        }

        return _team.Size > 1 && most > MostReadInPlace;
    }

    private unsafe void PredictLayerByLayer(NetworkPlan plan, float* x, int rows, float* parameters, float* prediction)
    {
        long room = (long)rows * plan.WidestHidden;
        float* activations = ScratchMemory.RequestOuter<float>(2 * room);
        ReadOnlySpan<DenseLayer> layers = plan.LayerSpan;
        for (int l = 0; l < layers.Length - 1; l++)
        {
            DenseLayer layer = layers[l];
            float* y = activations + l % 2 * room;
            Multiply(x, parameters + layer.WeightsAt, parameters + layer.BiasAt, new DenseShape(rows, layer.Inputs, layer.Outputs), plan.Activation, y, y);
            x = y;
        }

        DenseLayer head = layers[^1];
        Multiply(x, parameters + head.WeightsAt, parameters + head.BiasAt, new DenseShape(rows, head.Inputs, head.Outputs), Activation.Identity, prediction, prediction);
    }

    private unsafe void PredictBlocks(NetworkPlan plan, float* inputs, int rows, float* parameters, float* prediction)
    {
        int count = plan.LayerSpan.Length;
        NetworkLayer* layers = stackalloc NetworkLayer[count];
        long panels = 0, products = 0;
        for (int l = 0; l < count; l++)
        {
            layers[l] = NetworkLayer.Of(plan.LayerSpan[l], parameters);
            products += (long)layers[l].Inputs * layers[l].Outputs;
            panels += PanelLength(layers[l]);
        }

        bool shared = rows * products > WorthSharingPrediction;
        float* packed = ScratchMemory.RequestOuter<float>(panels);
        for (int l = 0; l < count; l++)
        {
            long length = PanelLength(layers[l]);
            if (length > 0)
            {
                layers[l].Panels = packed;
                packed += length;
                layers[l].Forward(null, rows, null).Pack(layers[l].Panels, _team, shared);
            }
        }

        // Enough blocks for all threads; which rows are in one does not matter to their bits.
        int even = DivideUp(rows, 4 * _team.Size);
        int blockRows = Math.Clamp(DivideUp(even, MatrixProduct.TileRows) * MatrixProduct.TileRows, 2 * MatrixProduct.TileRows, MostRowsOfBlock);
        var job = new PredictionBlocks
        {
            Activation = plan.Activation,
            Layers = layers,
            LayerCount = count,
            Rows = rows,
            BlockRows = blockRows,
            Inputs = inputs,
            Widest = plan.WidestHidden,
            Predictions = prediction,
        };
        _team.Run(ref job, DivideUp(rows, blockRows), shared);
    }

    private static unsafe long PanelLength(in NetworkLayer layer)
    {
        MatrixProduct product = layer.Forward(null, 1, null);
        return layer.Outputs == 1 || (product.ReadsInPlace && (long)layer.Inputs * layer.Outputs <= MostReadInPlace) ? 0 : ScratchPieces.WholeLines(product.PackedLength);
    }
}
