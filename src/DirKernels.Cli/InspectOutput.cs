using System.Text.Json;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>The two forms of the result of <c>inspect</c>.</summary>
internal static class InspectOutput
{
    public const string Schema = "dirkernels.inspect/1";

    public static void WriteText(TextWriter writer, TrainedModel trained)
    {
        (ModelSnapshot snapshot, ModelMetadata metadata) = trained;
        void Line(string name, FormattableString value) => writer.Write($"{name,-12}{FormattableString.Invariant(value)}\n");
        Line("target", $"{metadata.Target}");
        Line("network", $"{TrainOutput.NetworkText(snapshot.Shape, snapshot.Networks.Count)}");
        Line("method", $"{metadata.Method}");
        string source = string.Join(", ", metadata.Data.Select(pair => $"{pair.Key} {pair.Value}"));
        if (metadata.Method == ModelMetadata.Imported)
        {
            Line("imported by", $"dirkernels {metadata.Version} from {source}");
        }
        else
        {
            Line("trained by", $"dirkernels {metadata.Version} on {source}");
            Line("epochs", $"{metadata.Result.Epochs} with validation error {metadata.Result.ValidationError:G5}");
        }

        Line("bins", $"{snapshot.Bins}, {snapshot.TrainCounts.Count(count => count > 0)} with training rows");
        if (metadata.Result.FeatureMaps is { } maps)
        {
            Line("features", $"{maps}");
        }

        if (snapshot.Features is { } features)
        {
            Line("statistics", $"{features.CompletedEpochs} epochs, {features.SamplesSeen.Count(seen => seen > 0)} bins seen");
        }

        if (snapshot.Checkpoint is { } checkpoint)
        {
            Line("checkpoint", $"{CheckpointText(checkpoint)}, to be resumed");
        }

        Line("split", $"{metadata.SplitColumn ?? "balanced over the bins, not a column"}");
        Line("options", $"{string.Join(' ', metadata.Options.Select(pair => $"{pair.Key}={pair.Value}"))}");
        writer.Write("columns\n");
        foreach (EncodedColumn column in metadata.Encoder.Columns)
        {
            string encoding = column.Kind == EncodedColumnKind.Categorical
                ? $"one of {string.Join(", ", column.Categories)}"
                : FormattableString.Invariant($"mean {column.Mean:G6}, sd {column.Scale:G6}, median {column.Median:G6}");
            writer.Write($"  {column.Name}: {encoding}\n");
        }
    }

    public static void WriteJson(TextWriter writer, TrainedModel trained) => JsonOutput.Write(writer, Schema, json =>
    {
        (ModelSnapshot snapshot, ModelMetadata metadata) = trained;
        json.WriteString("target", metadata.Target);
        json.WriteString("split", metadata.SplitColumn);
        json.WriteString("version", metadata.Version);
        json.WriteString("method", metadata.Method);
        json.WriteNumber("inputs", snapshot.Shape.Inputs);
        json.WriteStartArray("hidden");
        foreach (int width in snapshot.Shape.Hidden)
        {
            json.WriteNumberValue(width);
        }

        json.WriteEndArray();
        json.WriteString("activation", snapshot.Shape.Activation.ToString().ToLowerInvariant());
        json.WriteBoolean("batchNormalization", snapshot.Shape.BatchNormalization);
        json.WriteNumber("dropout", snapshot.Shape.Dropout);
        json.WriteString("head", snapshot.Shape.Head.ToString());
        json.WriteNumber("networks", snapshot.Networks.Count);
        json.WriteNumber("parameters", snapshot.Networks.Count * TrainOutput.ParameterCount(snapshot.Shape));
        metadata.Result.WriteEpochs(json);
        JsonOutput.WriteNumberOrNull(json, "validationError", metadata.Result.ValidationError);
        json.WriteBoolean("isCheckpoint", snapshot.Checkpoint is not null);
        if (metadata.Result.FeatureMaps is { } maps)
        {
            WriteFeatureMaps(json, maps);
        }

        WriteBins(json, snapshot);
        metadata.Encoder.Description.WriteColumns(json);
        json.WritePropertyName("options");
        metadata.Options.WriteTo(json);
        json.WritePropertyName("data");
        metadata.Data.WriteTo(json);
    });

    private static string CheckpointText(TrainingState checkpoint) => checkpoint.Finished.Count == 0
        ? $"after epoch {checkpoint.CompletedEpochs}"
        : $"after epoch {checkpoint.CompletedEpochs} of network {checkpoint.Finished.Count + 1}";

    /// <summary>The property <c>featureMaps</c>.</summary>
    public static void WriteFeatureMaps(Utf8JsonWriter json, FeatureMapCounts maps)
    {
        json.WriteStartObject("featureMaps");
        json.WriteNumber("bins", maps.Bins);
        json.WriteNumber("ridged", maps.Ridged);
        json.WriteNumber("diagonal", maps.Diagonal);
        json.WriteNumber("unchanged", maps.Unchanged);
        json.WriteEndObject();
    }

    private static void WriteBins(Utf8JsonWriter json, ModelSnapshot snapshot)
    {
        json.WriteStartArray("bins");
        for (int b = 0; b < snapshot.Bins.Count; b++)
        {
            json.WriteStartObject();
            json.WriteNumber("lower", snapshot.Bins.LowerEdge(b));
            json.WriteNumber("upper", snapshot.Bins.UpperEdge(b));
            JsonOutput.WriteNumberOrNull(json, "trainCount", snapshot.TrainCounts[b]);
            if (snapshot.Features is { } features && b < features.SamplesSeen.Length)
            {
                json.WriteNumber("featureSamplesSeen", features.SamplesSeen[b]);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
