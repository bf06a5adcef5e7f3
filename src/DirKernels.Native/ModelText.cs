using System.Text.Json;
using DirKernels.Networks;

namespace DirKernels.Native;

/// <summary>What <c>dk_model_describe</c> tells: JSON, whose members later versions may add to.</summary>
internal static class ModelText
{
    private const string Schema = "dirkernels.model/1";

    public static byte[] Of(ModelSnapshot snapshot)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            Write(json, snapshot);
            json.WriteEndObject();
        }

        stream.WriteByte(0);
        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter json, ModelSnapshot snapshot)
    {
        NetworkShape shape = snapshot.Shape;
        json.WriteNumber("inputs", shape.Inputs);
        json.WriteNumber("targets", shape.Targets);
        json.WriteStartArray("hidden");
        foreach (int width in shape.Hidden)
        {
            json.WriteNumberValue(width);
        }

        json.WriteEndArray();
        json.WriteString("activation", shape.Activation.ToString().ToLowerInvariant());
        json.WriteBoolean("batchNormalization", shape.BatchNormalization);
        json.WriteString("head", shape.Head.ToString());
        json.WriteNumber("networks", snapshot.Networks.Count);
        json.WriteBoolean("uncertainty", ModelInformation.KnowsUncertainty(snapshot));
        if (ModelColumns.Of(snapshot) is { } columns)
        {
            json.WriteStartArray("inputNames");
            foreach (string name in columns.InputNames)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
            columns.WriteColumns(json);
        }

        WriteNumbers(json, "binEdges", snapshot.Bins.Edges);
        WriteNumbers(json, "trainCounts", snapshot.TrainCounts);
        json.WriteStartObject("metadata");
        foreach ((string key, string value) in snapshot.Metadata.Where(entry => entry.Key != ModelColumns.Key).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
        {
            if (double.IsFinite(value))
            {
                json.WriteNumberValue(value);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndArray();
    }
}
