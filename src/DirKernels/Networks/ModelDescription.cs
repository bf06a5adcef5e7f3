using System.Text;
using System.Text.Json;

namespace DirKernels.Networks;

/// <summary>The scalars of a model file, as JSON in its metadata.</summary>
internal sealed record ModelDescription
{
    private const int LargestWidth = 65536;
    private const int MostNetworks = 1024;

    /// <summary>Layout of the file that was read; the newest one in a new description.</summary>
    public int Schema { get; init; } = ModelFile.Schema;

    public required NetworkShape Shape { get; init; }

    /// <summary>Networks that the file holds.</summary>
    public int Networks { get; init; } = 1;

    public required UniformBinRule? UniformBins { get; init; }

    public required bool HasFeatures { get; init; }

    public required int CompletedFeatureEpochs { get; init; }

    public required CheckpointProgress? Checkpoint { get; init; }

    public static ModelDescription Of(ModelSnapshot snapshot) => new()
    {
        Shape = snapshot.Shape,
        Networks = snapshot.Networks.Count,
        UniformBins = snapshot.Bins.UniformRule,
        HasFeatures = snapshot.Features is not null,
        CompletedFeatureEpochs = snapshot.Features?.CompletedEpochs ?? 0,
        Checkpoint = snapshot.Checkpoint is { } state
            ? new CheckpointProgress(state.CompletedEpochs, state.Steps, state.BestEpoch, state.BestError, state.Features?.CompletedEpochs)
            {
                Finished = [.. state.Finished.Select(finished => (finished.CompletedEpochs, finished.BestEpoch))],
            }
            : null,
    };

    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", Schema);
            WriteNetwork(json);
            if (Networks > 1)
            {
                json.WriteNumber("networks", Networks);
            }

            if (UniformBins is { } rule)
            {
                json.WriteStartObject("uniformBins");
                json.WriteNumber("lower", rule.Lower);
                json.WriteNumber("width", rule.Width);
                json.WriteNumber("count", rule.Count);
                json.WriteEndObject();
            }

            if (HasFeatures)
            {
                json.WriteNumber("completedFeatureEpochs", CompletedFeatureEpochs);
            }

            if (Checkpoint is { } progress)
            {
                WriteCheckpoint(json, progress);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <exception cref="InvalidDataException">Not JSON of this layout, or of a newer schema.</exception>
    public static ModelDescription FromJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            int schema = root.GetProperty("schema").GetInt32();
            if (schema is < ModelFile.OldestSchema or > ModelFile.Schema)
            {
                throw new InvalidDataException($"the model file has schema {schema}; this version reads schemas {ModelFile.OldestSchema} to {ModelFile.Schema}");
            }

            int networks = schema > ModelFile.OldestSchema && root.TryGetProperty("networks", out JsonElement several) ? several.GetInt32() : 1;
            CheckpointProgress? progress = root.TryGetProperty("checkpoint", out JsonElement checkpoint) ? ReadCheckpoint(checkpoint) : null;
            if (networks is < 1 or > MostNetworks || (progress is not null && progress.Finished.Count != networks - 1))
            {
                throw new InvalidDataException($"the model describes {networks} networks{(progress is null ? "" : $", {progress.Finished.Count} of them finished")}");
            }

            bool hasFeatures = root.TryGetProperty("completedFeatureEpochs", out JsonElement epochs);
            return new ModelDescription
            {
                Schema = schema,
                Shape = ReadNetwork(root.GetProperty("network")),
                Networks = networks,
                UniformBins = root.TryGetProperty("uniformBins", out JsonElement bins)
                    ? new UniformBinRule(bins.GetProperty("lower").GetDouble(), bins.GetProperty("width").GetDouble(), bins.GetProperty("count").GetInt32())
                    : null,
                HasFeatures = hasFeatures,
                CompletedFeatureEpochs = hasFeatures ? epochs.GetInt32() : 0,
                Checkpoint = progress,
            };
        }
        catch (Exception damaged) when (damaged is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            // What the JSON reader says quotes what it met, at any length.
            string fault = damaged is JsonException json ? $"no valid JSON at byte {json.BytePositionInLine}" : damaged.Message;
            throw new InvalidDataException($"the description of the model is damaged: {fault}", damaged);
        }
    }

    /// <summary>The bins, checked against the edges that the file holds.</summary>
    public LabelBins RestoreBins(double[] edges)
    {
        try
        {
            if (UniformBins is not { } rule)
            {
                return LabelBins.FromEdges(edges);
            }

            if (rule.Count != edges.Length - 1)
            {
                throw new InvalidDataException($"the model describes {rule.Count} bins but holds {edges.Length} edges");
            }

            return LabelBins.Uniform(rule.Lower, rule.Width, rule.Count);
        }
        catch (ArgumentException invalid)
        {
            throw new InvalidDataException($"the model's bins are not valid: {invalid.Message}", invalid);
        }
    }

    private void WriteNetwork(Utf8JsonWriter json)
    {
        json.WriteStartObject("network");
        json.WriteNumber("inputs", Shape.Inputs);
        json.WriteStartArray("hidden");
        foreach (int width in Shape.Hidden)
        {
            json.WriteNumberValue(width);
        }

        json.WriteEndArray();
        json.WriteNumber("targets", Shape.Targets);
        json.WriteString("activation", Shape.Activation.ToString().ToLowerInvariant());
        json.WriteBoolean("batchNormalization", Shape.BatchNormalization);
        json.WriteNumber("dropout", Shape.Dropout);
        if (!Shape.Head.IsValue)
        {
            json.WriteString("head", Shape.Head.Kind.ToString().ToLowerInvariant());
            json.WriteNumber("members", Shape.Head.Members);
        }

        json.WriteEndObject();
    }

    private static NetworkShape ReadNetwork(JsonElement network)
    {
        var shape = new NetworkShape
        {
            Inputs = network.GetProperty("inputs").GetInt32(),
            Hidden = [.. network.GetProperty("hidden").EnumerateArray().Select(w => w.GetInt32())],
            Targets = network.GetProperty("targets").GetInt32(),
            Activation = Enum.Parse<Activation>(network.GetProperty("activation").GetString() ?? "", ignoreCase: true),
            BatchNormalization = network.GetProperty("batchNormalization").GetBoolean(),
            Dropout = network.GetProperty("dropout").GetSingle(),
            Head = network.TryGetProperty("head", out JsonElement head)
                ? new PredictionHead(Enum.Parse<PredictionHeadKind>(head.GetString() ?? "", ignoreCase: true), network.GetProperty("members").GetInt32())
                : PredictionHead.Value,
        };
        shape.Validate();
        if (shape.Targets > LargestWidth || shape.Inputs > 1 << 24 || !Enum.IsDefined(shape.Activation))
        {
            throw new InvalidDataException($"the model describes a network that is not valid: {shape}");
        }

        return shape;
    }

    private static void WriteCheckpoint(Utf8JsonWriter json, CheckpointProgress progress)
    {
        json.WriteStartObject("checkpoint");
        json.WriteNumber("completedEpochs", progress.CompletedEpochs);
        json.WriteNumber("steps", progress.Steps);
        json.WriteNumber("bestEpoch", progress.BestEpoch);
        if (double.IsFinite(progress.BestError))
        {
            json.WriteNumber("bestError", progress.BestError);
        }

        if (progress.CompletedFeatureEpochs is { } epochs)
        {
            json.WriteNumber("completedFeatureEpochs", epochs);
        }

        if (progress.Finished.Count > 0)
        {
            json.WriteStartArray("finished");
            foreach ((int completedEpochs, int bestEpoch) in progress.Finished)
            {
                json.WriteStartObject();
                json.WriteNumber("completedEpochs", completedEpochs);
                json.WriteNumber("bestEpoch", bestEpoch);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static CheckpointProgress ReadCheckpoint(JsonElement checkpoint) => new(
        checkpoint.GetProperty("completedEpochs").GetInt32(),
        checkpoint.GetProperty("steps").GetInt64(),
        checkpoint.GetProperty("bestEpoch").GetInt32(),
        checkpoint.TryGetProperty("bestError", out JsonElement error) ? error.GetDouble() : double.PositiveInfinity,
        checkpoint.TryGetProperty("completedFeatureEpochs", out JsonElement epochs) ? epochs.GetInt32() : null)
    {
        Finished = checkpoint.TryGetProperty("finished", out JsonElement finished)
            ? [.. finished.EnumerateArray().Select(network => (network.GetProperty("completedEpochs").GetInt32(), network.GetProperty("bestEpoch").GetInt32()))]
            : [],
    };
}
