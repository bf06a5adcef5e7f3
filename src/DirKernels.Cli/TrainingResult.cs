using System.Globalization;
using System.Text.Json;

namespace DirKernels.Cli;

/// <summary>What training came to.</summary>
/// <param name="EpochsRun">Epochs that ended, of both stages and of all networks.</param>
/// <param name="BestEpochs">For each network the epoch at which it was kept, counted from 0.</param>
/// <param name="ValidationError">Validation error of the model, in units of the label.</param>
/// <param name="FeatureMaps">What feature smoothing did to the bins; null without it.</param>
internal sealed record TrainingResult(int EpochsRun, IReadOnlyList<int> BestEpochs, double ValidationError, FeatureMapCounts? FeatureMaps)
{
    /// <summary>As named values.</summary>
    public RunDescription ToDescription()
    {
        var description = new RunDescription
        {
            { "epochsRun", Text(EpochsRun) },
            { "bestEpoch", string.Join(' ', BestEpochs.Select(Text)) },
            { "validationError", ValidationError.ToString("R", CultureInfo.InvariantCulture) },
        };
        if (FeatureMaps is { } maps)
        {
            description.Add("featureBins", Text(maps.Bins));
            description.Add("ridgedBins", Text(maps.Ridged));
            description.Add("diagonalBins", Text(maps.Diagonal));
            description.Add("unchangedBins", Text(maps.Unchanged));
        }

        return description;
    }

    /// <summary>Reads what <see cref="ToDescription"/> wrote.</summary>
    /// <exception cref="FormatException">A value is absent or no number.</exception>
    /// <exception cref="OverflowException">A number is too large.</exception>
    public static TrainingResult Of(RunDescription description)
    {
        int Whole(string name) => int.Parse(description.Find(name) ?? "", CultureInfo.InvariantCulture);
        return new TrainingResult(
            Whole("epochsRun"),
            [.. (description.Find("bestEpoch") ?? "").Split(' ').Select(epoch => int.Parse(epoch, CultureInfo.InvariantCulture))],
            double.Parse(description.Find("validationError") ?? "", CultureInfo.InvariantCulture),
            description.Find("featureBins") is null
                ? null
                : new FeatureMapCounts(Whole("featureBins"), Whole("ridgedBins"), Whole("diagonalBins"), Whole("unchangedBins")));
    }

    /// <summary>For people: <c>6 run, the best is 5</c>, <c>18 run by 3 networks, the best are 5, 4, 6</c>.</summary>
    public string Epochs => BestEpochs.Count == 1
        ? FormattableString.Invariant($"{EpochsRun} run, the best is {BestEpochs[0] + 1}")
        : FormattableString.Invariant($"{EpochsRun} run by {BestEpochs.Count} networks, the best are {string.Join(", ", BestEpochs.Select(epoch => epoch + 1))}");

    /// <summary>The properties <c>epochs</c>, <c>bestEpoch</c> and, of an ensemble, <c>bestEpochs</c>, counted from 1.</summary>
    public void WriteEpochs(Utf8JsonWriter json)
    {
        json.WriteNumber("epochs", EpochsRun);
        json.WriteNumber("bestEpoch", BestEpochs[0] + 1);
        if (BestEpochs.Count > 1)
        {
            json.WriteStartArray("bestEpochs");
            foreach (int epoch in BestEpochs)
            {
                json.WriteNumberValue(epoch + 1);
            }

            json.WriteEndArray();
        }
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
