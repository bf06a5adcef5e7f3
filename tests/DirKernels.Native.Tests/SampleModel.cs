using DirKernels.Networks;

namespace DirKernels.Native.Tests;

/// <summary>A small trained model with columns, and the file that it is in.</summary>
internal static class SampleModel
{
    public const int Inputs = 5;

    /// <summary>Trains on y = 30 x0^3 + x1 with a numeric column far from 0 and a text column of two categories.</summary>
    /// <param name="head">What it predicts.</param>
    /// <param name="missing">The value of the option <c>missing</c>.</param>
    /// <param name="withColumns">Whether the model says where its inputs come from.</param>
    public static ModelSnapshot Train(PredictionHead? head = null, string missing = "error", bool withColumns = true)
    {
        const int rows = 400;
        var numbers = new NumberStream(5);
        float[] inputs = [.. numbers.Take(rows * Inputs).Select(number => (float)(2 * number - 1))];
        double[] labels = [.. Enumerable.Range(0, rows).Select(i => 30 * Math.Pow(inputs[i * Inputs], 3) + inputs[i * Inputs + 1])];
        LabelBins bins = LabelBins.Automatic(labels);
        var shape = new NetworkShape { Inputs = Inputs, Hidden = [24, 12], Activation = Activation.Gelu, Head = head ?? PredictionHead.Value };
        var options = new TrainingOptions { Epochs = 4, Loss = new RegressionLoss(RegressionLossKind.Mse) };
        using var run = new TrainingRun(shape, new TrainingSet(inputs, labels), new TrainingSet(inputs, labels), bins, options);
        while (!run.IsFinished)
        {
            run.RunEpoch();
        }

        var counts = new double[bins.Count];
        Labels.LabelDistributionSmoothing.Count(labels, bins, counts);
        ModelSnapshot snapshot = ModelSnapshot.Capture(run, bins, counts);
        return withColumns ? snapshot with { Metadata = Metadata(missing) } : snapshot;
    }

    /// <summary>The bytes of a model file.</summary>
    public static byte[] Bytes(ModelSnapshot snapshot)
    {
        using var stream = new MemoryStream();
        ModelFile.Write(stream, snapshot);
        return stream.ToArray();
    }

    private static Dictionary<string, string> Metadata(string missing)
    {
        var columns = new ModelColumns(
            [
                EncodedColumn.Numeric("a", 0.5, 0.25, 0.4),
                EncodedColumn.Numeric("b", 0.1, 3, 0.2),
                EncodedColumn.Numeric("c", 1.0 / 3, 1.0 / 7, 0.3),
                EncodedColumn.Categorical("d", ["no", "yes"]),
            ],
            ["y"]);
        return new() { [ModelColumns.Key] = columns.ToJson(), [InputScaling.OptionsKey] = $"{{\"missing\":\"{missing}\"}}" };
    }
}
