using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>A network, a table of rows, the numbers of those in a batch, and maps of their features: what a training step reads.</summary>
public sealed class NetworkProblem
{
    private const int Alignment = 16;

    public NetworkProblem(int[] widths, Activation activation, float dropout, RegressionLoss loss, int rows, bool weighted = true, int blockSize = 0, bool isGrouped = false, int seed = 1)
    {
        var layers = new List<DenseLayer>();
        long at = 0;
        for (int l = 0; l + 1 < widths.Length; l++)
        {
            long weights = at, bias = RoundUp(weights + (long)widths[l] * widths[l + 1]);
            layers.Add(new DenseLayer(widths[l], widths[l + 1], weights, bias));
            at = RoundUp(bias + widths[l + 1]);
        }

        Plan = new NetworkPlan { Layers = layers, Activation = activation, Dropout = dropout, Loss = loss, ParameterLength = at };
        Parameters = new float[at];
        foreach (DenseLayer layer in layers)
        {
            SampleNumbers.Normal(seed + (int)layer.WeightsAt, layer.Inputs * layer.Outputs, 0, 1 / Math.Sqrt(layer.Inputs)).CopyTo(Parameters, layer.WeightsAt);
            SampleNumbers.Normal(seed + (int)layer.BiasAt, layer.Outputs, 0, 0.3).CopyTo(Parameters, layer.BiasAt);
        }

        // Batches are some rows of a longer table, in any order, some twice.
        int table = rows + 5;
        Inputs = SampleNumbers.Normal(seed + 101, table * widths[0]);
        Targets = SampleNumbers.Normal(seed + 102, table * widths[^1]);
        Weights = weighted ? SampleNumbers.Uniform(seed + 103, table, 0.25, 3) : null;
        var random = new Random(seed);
        Rows = [.. Enumerable.Range(0, rows).Select(_ => random.Next(table))];
        Bins = blockSize == 0 ? [] : SampleNumbers.Bins(seed + 104, rows, BinCount, empty: 2);
        if (isGrouped)
        {
            Array.Sort(Bins);
        }

        Shape = new BinShape(BinCount, widths[^2], Math.Max(1, blockSize));
        Means = SampleNumbers.Normal(seed + 105, BinCount * widths[^2], 0, 0.4);
        Shifts = SampleNumbers.Normal(seed + 106, BinCount * widths[^2], 0, 0.2);
        Maps = LowerMaps(seed + 107);
    }

    public const int BinCount = 5;

    public const ulong DropoutStream = 0xABCDEF;

    public NetworkPlan Plan { get; }

    public float[] Parameters { get; }

    public float[] Inputs { get; }

    public float[] Targets { get; }

    public float[]? Weights { get; }

    public int[] Rows { get; }

    /// <summary>Empty without calibration.</summary>
    public int[] Bins { get; }

    public BinShape Shape { get; }

    public float[] Means { get; }

    public float[] Shifts { get; }

    /// <summary>T [B x D x g].</summary>
    public float[] Maps { get; }

    private static long RoundUp(long length) => (length + Alignment - 1) / Alignment * Alignment;

    private float[] LowerMaps(int seed)
    {
        int d = Shape.Dimensions, g = Shape.BlockSize;
        float[] maps = SampleNumbers.Normal(seed, BinCount * d * g, 0, 0.3 / Math.Sqrt(g));
        for (int row = 0; row < BinCount * d; row++)
        {
            maps.AsSpan(row * g + row % d % g + 1, g - 1 - row % d % g).Clear();
        }

        return maps;
    }
}
