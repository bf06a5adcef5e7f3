using System.Globalization;

namespace DirKernels.Cli;

/// <summary>What training came to.</summary>
/// <param name="EpochsRun">Epochs that ended, of both stages.</param>
/// <param name="BestEpoch">The epoch whose network was kept, counted from 0.</param>
/// <param name="ValidationError">Its validation error, in units of the label.</param>
/// <param name="FeatureMaps">What feature smoothing did to the bins; null without it.</param>
internal sealed record TrainingResult(int EpochsRun, int BestEpoch, double ValidationError, FeatureMapCounts? FeatureMaps)
{
    /// <summary>As named values.</summary>
    public RunDescription ToDescription()
    {
        var description = new RunDescription
        {
            { "epochsRun", Text(EpochsRun) },
            { "bestEpoch", Text(BestEpoch) },
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
            Whole("bestEpoch"),
            double.Parse(description.Find("validationError") ?? "", CultureInfo.InvariantCulture),
            description.Find("featureBins") is null
                ? null
                : new FeatureMapCounts(Whole("featureBins"), Whole("ridgedBins"), Whole("diagonalBins"), Whole("unchangedBins")));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
