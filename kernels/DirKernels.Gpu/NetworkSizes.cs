using DirKernels.Backends;

namespace DirKernels.Gpu;

/// <summary>Sizes of a network and where its activations and gradients lie in the shared memory of a group: what <see cref="NetworkGradientKernel"/> is launched with.</summary>
internal struct NetworkSizes
{
    /// <summary>Elements of shared memory: 40 KiB, so that several groups share a multiprocessor.</summary>
    public const int SharedElements = 10 * 1024;

    /// <summary>Entries of the table for each layer.</summary>
    public const int EntriesOfLayer = 7;

    /// <summary>Rows that a group takes at a time.</summary>
    private const int MostRowsOfGroup = 4;

    /// <summary>Elements for some rows of transposed weights that are worth their barriers.</summary>
    private const int SmallestTile = 2048;

    public int Rows;
    public int RowsOfGroup;
    public int Layers;
    public int Activation;
    public float Dropout;
    public ulong DropoutStream;
    public int Weighted;
    public int Targets;
    public int Inputs;
    public int FeatureDimensions;
    public int ParameterLength;
    public int HeadInputsAt;
    public int PredictionAt;
    public int FlowAt;
    public int OtherFlowAt;
    public int TileAt;
    public int TileElements;
    public int Calibrates;
    public int BlockSize;
    public int WantsFeatures;

    /// <summary>
    /// Lays a network out for as many rows as fit, four at most; null when not even one does. The table has, for each layer, inputs, outputs, first weight, first bias, the end of its
    /// parameters, where its inputs lie and where its activation's slope is read.
    /// </summary>
    public static (NetworkSizes Sizes, int[] Table)? Of(NetworkPlan plan)
    {
        for (int rows = MostRowsOfGroup; rows >= 1; rows /= 2)
        {
            (NetworkSizes sizes, int[] table) = LayOut(plan, rows);
            int widest = plan.Layers.Max(layer => layer.Outputs);
            if (sizes.TileElements >= Math.Max(SmallestTile, widest + 1))
            {
                return (sizes, table);
            }
        }

        return null;
    }

    private static (NetworkSizes Sizes, int[] Table) LayOut(NetworkPlan plan, int rows)
    {
        bool keepsArguments = plan.Activation is DirKernels.Activation.Gelu or DirKernels.Activation.Silu;
        var table = new int[plan.Layers.Count * EntriesOfLayer];
        int at = 0, inputsAt = 0, last = plan.Layers.Count - 1;
        int Take(int width)
        {
            int start = at;
            at += rows * width;
            return start;
        }

        inputsAt = Take(plan.Inputs);
        for (int l = 0; l <= last; l++)
        {
            DenseLayer layer = plan.Layers[l];
            int readAt = l < last && keepsArguments ? Take(layer.Outputs) : -1;
            int outputsAt = l < last ? Take(layer.Outputs) : -1;
            long end = l == last ? plan.ParameterLength : plan.Layers[l + 1].WeightsAt;
            int[] entries = [layer.Inputs, layer.Outputs, (int)layer.WeightsAt, (int)layer.BiasAt, (int)end, inputsAt, readAt < 0 ? outputsAt : readAt];
            entries.CopyTo(table, l * EntriesOfLayer);
            inputsAt = l < last ? outputsAt : inputsAt;
        }

        int widest = plan.Layers.Max(layer => layer.Outputs);
        var sizes = new NetworkSizes
        {
            RowsOfGroup = rows,
            Layers = plan.Layers.Count,
            Activation = (int)plan.Activation,
            Dropout = plan.Dropout,
            Targets = plan.Targets,
            Inputs = plan.Inputs,
            FeatureDimensions = plan.FeatureDimensions,
            ParameterLength = (int)plan.ParameterLength,
            HeadInputsAt = Take(plan.FeatureDimensions),
            PredictionAt = Take(plan.Targets),
            FlowAt = Take(widest),
            OtherFlowAt = Take(widest),
            TileAt = at,
            TileElements = Math.Max(0, SharedElements - at),
        };
        return (sizes, table);
    }
}
