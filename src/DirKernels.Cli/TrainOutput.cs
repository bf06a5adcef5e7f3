using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>The two forms of the result of <c>train</c>.</summary>
internal static class TrainOutput
{
    public const string Schema = "dirkernels.train/1";

    public static void Write(TextWriter writer, TrainingSummary summary, string file, bool json)
    {
        if (json)
        {
            WriteJson(writer, summary, file);
        }
        else
        {
            WriteText(writer, summary, file);
        }
    }

    private static void WriteText(TextWriter writer, TrainingSummary summary, string file)
    {
        TrainingResult result = summary.Result;
        void Line(string name, FormattableString value) => writer.Write($"{name,-10}{FormattableString.Invariant(value)}\n");
        Line("method", $"{summary.Plan.Method}, seed {summary.Seed}");
        Line("network", $"{NetworkText(summary.Shape, summary.Plan.Method.Networks)}");
        Line("rows", $"{summary.Data.RowsText}; {summary.Data.Bins}");
        if (summary.Resampling is { } resampling)
        {
            Line("resampled", $"{resampling}");
        }

        Line("epochs", $"{result.Epochs} with validation {SelectionName.Of(summary.Plan.Options.Selection)} {result.ValidationError:G5}");
        if (result.FeatureMaps is { } maps)
        {
            Line("features", $"{maps}");
        }

        Line("model", $"{file}");
        if (summary.Test is { } test)
        {
            writer.Write("\ntest rows\n");
            ShotReportOutput.WriteText(writer, test);
        }
    }

    private static void WriteJson(TextWriter writer, TrainingSummary summary, string file) => JsonOutput.Write(writer, Schema, json =>
    {
        TrainingResult result = summary.Result;
        json.WriteString("model", file);
        json.WriteString("method", summary.Plan.Method.Name);
        json.WriteNumber("seed", summary.Seed);
        json.WriteString("target", summary.Data.Target);
        json.WriteNumber("parameters", summary.Plan.Method.Networks * ParameterCount(summary.Shape));
        json.WriteNumber("train", summary.Data.Train.Labels.Length);
        json.WriteNumber("validation", summary.Data.Validation.Labels.Length);
        json.WriteNumber("test", summary.Data.Test?.Labels.Length ?? 0);
        if (summary.Resampling is { } resampling)
        {
            json.WriteString("resampling", resampling);
        }

        result.WriteEpochs(json);
        json.WriteNumber("validationError", result.ValidationError);
        json.WriteString("validationMetric", SelectionName.Of(summary.Plan.Options.Selection).ToLowerInvariant());
        if (result.FeatureMaps is { } maps)
        {
            InspectOutput.WriteFeatureMaps(json, maps);
        }

        if (summary.Test is { } test)
        {
            json.WriteStartObject("report");
            ShotReportOutput.WriteJson(json, test);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("report");
        }
    });

    /// <summary>For people: sizes, functions and trained numbers of a network, or of those of an ensemble.</summary>
    public static string NetworkText(NetworkShape shape, int networks) =>
        FormattableString.Invariant($"{(networks == 1 ? "" : $"{networks} of ")}{shape}, {networks * ParameterCount(shape)} parameters");

    /// <summary>Number of trained numbers, without the gaps of the layout.</summary>
    public static long ParameterCount(NetworkShape shape) => new ParameterLayout(shape).Entries.Sum(entry => entry.Length);
}
