using System.Numerics.Tensors;
using DirKernels.Features;
using DirKernels.Monitoring;

namespace DirKernels.Networks;

/// <summary>Model files: safetensors whose metadata describe the network, its bins and scaling; arrays are named tensors.</summary>
/// <remarks>
/// Tensors: <c>layers.I.weight</c> [inputs x outputs], <c>layers.I.bias</c>, <c>head.weight</c>, ...; <c>normalization</c>; <c>target.mean</c>,
/// <c>target.scale</c>, and those of further networks of an ensemble behind <c>networks.I.</c>; <c>bins.edges</c>, <c>bins.trainCounts</c>; <c>features.*</c>; <c>drift.reference</c>, the bytes of a <see cref="DriftSketch"/>;
/// <c>checkpoint.*</c>. Everything is checked when it is read: a file that is cut off, changed, foreign, or of a newer schema is an
/// <see cref="InvalidDataException"/> with one sentence, never a wrong model.
/// <para>
/// Schemas: 1, one network and no checksum; 2 has the entry <c>dirkernels.checksum</c>, see <see cref="ModelChecksum"/>, and may hold several networks. Rule: every
/// version reads all older schemas, what they lack having the value that it had then; it writes the newest it knows, and refuses newer ones by their number. A
/// schema's number grows when an older reader would misread the file, not when it would miss an optional part.
/// </para>
/// </remarks>
public static class ModelFile
{
    /// <summary>Version of the layout of the file.</summary>
    public const int Schema = 2;

    /// <summary>Oldest layout that is read.</summary>
    public const int OldestSchema = 1;

    /// <summary>First layout with a checksum.</summary>
    private const int FirstSealedSchema = 2;

    private const string DescriptionKey = "dirkernels.model";
    private const string ReferenceName = "drift.reference";
    private const string TransportPrefix = "checkpoint.transport.";
    private const string ObjectiveName = "checkpoint.objective";
    private const string ReservedPrefix = "dirkernels.";

    /// <summary>Writes a snapshot.</summary>
    /// <exception cref="ArgumentException">A metadata key is reserved, or arrays do not fit the shape.</exception>
    public static void Write(Stream stream, ModelSnapshot snapshot)
    {
        var file = new SafeTensorsFile();
        file.SetMetadata(DescriptionKey, ModelDescription.Of(snapshot).ToJson());
        foreach ((string key, string value) in snapshot.Metadata)
        {
            if (key.StartsWith(ReservedPrefix, StringComparison.Ordinal))
            {
                throw new ArgumentException($"metadata key '{key}' is reserved");
            }

            file.SetMetadata(key, value);
        }

        var layout = new ParameterLayout(snapshot.Shape);
        for (int k = 0; k < snapshot.Networks.Count; k++)
        {
            AddNetwork(file, PrefixOf(k), layout, snapshot.Networks[k]);
        }

        file.Add("bins.edges", snapshot.Bins.Edges);
        file.Add("bins.trainCounts", snapshot.TrainCounts);
        if (snapshot.Features is { } features)
        {
            FeatureStatisticsTensors.Add(file, "features.", features);
        }

        if (snapshot.Reference is { } reference)
        {
            file.Add(ReferenceName, reference.ToBytes());
        }

        if (snapshot.Checkpoint is { } checkpoint)
        {
            AddCheckpoint(file, layout, checkpoint);
        }

        ModelChecksum.Seal(file);
        file.Write(stream);
    }

    /// <summary>Reads a snapshot.</summary>
    /// <exception cref="InvalidDataException">The file is no model file, is damaged, or has a newer schema.</exception>
    public static ModelSnapshot Read(Stream stream)
    {
        SafeTensorsFile file = SafeTensorsFile.Read(stream);
        if (!file.Metadata.TryGetValue(DescriptionKey, out string? json))
        {
            throw new InvalidDataException($"no model file: its metadata have no entry '{DescriptionKey}'");
        }

        ModelDescription description = ModelDescription.FromJson(json);
        if (description.Schema >= FirstSealedSchema || file.Metadata.ContainsKey(ModelChecksum.Key))
        {
            ModelChecksum.Check(file);
        }

        NetworkShape shape = description.Shape;
        var layout = new ParameterLayout(shape);
        LabelBins bins = description.RestoreBins(file.Get("bins.edges").ToDoubles());
        double[] counts = file.Get("bins.trainCounts", bins.Count).ToDoubles();
        if (Array.Exists(counts, n => !(n >= 0) || !double.IsFinite(n)))
        {
            throw new InvalidDataException("bins.trainCounts holds a number that is no count");
        }

        NetworkSnapshot[] networks = [.. Enumerable.Range(0, description.Networks).Select(k => ReadNetwork(file, PrefixOf(k), layout, shape))];
        if (file.TryGet(PrefixOf(networks.Length) + "normalization", out _))
        {
            throw new InvalidDataException($"the model describes {networks.Length} networks but holds more");
        }

        return new ModelSnapshot
        {
            Shape = shape,
            Networks = networks,
            Bins = bins,
            TrainCounts = counts,
            Features = description.HasFeatures ? FeatureStatisticsTensors.Read(file, "features.", shape.FeatureDimensions, bins.Count, description.CompletedFeatureEpochs) : null,
            Reference = ReadReference(file, shape, bins),
            Checkpoint = description.Checkpoint is { } progress ? ReadCheckpoint(file, layout, shape, bins, progress, networks) : null,
            Metadata = file.Metadata.Where(e => e.Key is not (DescriptionKey or ModelChecksum.Key)).ToDictionary(),
        };
    }

    private static long NormalizationLength(NetworkShape shape) => shape.BatchNormalization ? 2L * shape.Hidden.Sum(w => (long)w) : 0;

    private static string PrefixOf(int network) => network == 0 ? "" : $"networks.{network}.";

    private static void AddNetwork(SafeTensorsFile file, string prefix, ParameterLayout layout, NetworkSnapshot network)
    {
        AddParameters(file, prefix, layout, network.Parameters);
        file.Add(prefix + "normalization", network.NormalizationStatistics);
        file.Add(prefix + "target.mean", network.Scaling.Mean);
        file.Add(prefix + "target.scale", network.Scaling.Scale);
    }

    private static NetworkSnapshot ReadNetwork(SafeTensorsFile file, string prefix, ParameterLayout layout, NetworkShape shape)
    {
        double[] mean = file.Get(prefix + "target.mean", shape.Targets).ToDoubles(), scale = file.Get(prefix + "target.scale", shape.Targets).ToDoubles();
        if (Array.Exists(scale, s => !(s > 0) || !double.IsFinite(s)) || Array.Exists(mean, m => !double.IsFinite(m)))
        {
            throw new InvalidDataException($"{prefix}target.mean or {prefix}target.scale holds a number that cannot be");
        }

        return new NetworkSnapshot(ReadParameters(file, prefix, layout), ReadNormalization(file, prefix + "normalization", shape), new TargetScaling(mean, scale));
    }

    private static void AddParameters(SafeTensorsFile file, string prefix, ParameterLayout layout, float[] parameters)
    {
        foreach (ParameterEntry entry in layout.Entries)
        {
            file.Add(prefix + entry.Name, parameters.AsSpan((int)entry.Offset, (int)entry.Length), [entry.Rows, entry.Columns]);
        }
    }

    private static float[] ReadParameters(SafeTensorsFile file, string prefix, ParameterLayout layout)
    {
        // The arrays are read before the flat buffer is allocated: a lying shape cannot ask for more memory than the file holds.
        List<(ParameterEntry Entry, float[] Values)> arrays =
            [.. layout.Entries.Select(entry => (entry, file.Get(prefix + entry.Name, entry.Rows, entry.Columns).ToSingles()))];
        var parameters = new float[layout.Length];
        foreach ((ParameterEntry entry, float[] values) in arrays)
        {
            if (!TensorPrimitives.IsFiniteAll<float>(values))
            {
                throw new InvalidDataException($"tensor '{prefix}{entry.Name}' holds a number that is not finite");
            }

            values.CopyTo(parameters, entry.Offset);
        }

        return parameters;
    }

    /// <summary>Running means and variances of batch normalisation, layer by layer.</summary>
    private static float[] ReadNormalization(SafeTensorsFile file, string name, NetworkShape shape)
    {
        float[] statistics = file.Get(name, NormalizationLength(shape)).ToSingles();
        int at = 0;
        foreach (int width in shape.BatchNormalization ? shape.Hidden : [])
        {
            if (!TensorPrimitives.IsFiniteAll<float>(statistics.AsSpan(at, 2 * width)) || TensorPrimitives.Min<float>(statistics.AsSpan(at + width, width)) < 0)
            {
                throw new InvalidDataException($"tensor '{name}' holds a number that is no mean or variance");
            }

            at += 2 * width;
        }

        return statistics;
    }

    private static DriftSketch? ReadReference(SafeTensorsFile file, NetworkShape shape, LabelBins bins)
    {
        if (!file.TryGet(ReferenceName, out SafeTensorsEntry? bytes))
        {
            return null;
        }

        var reference = DriftSketch.Read(bytes.ToBytes());
        return reference.Inputs == shape.Inputs && reference.Bins == bins.Count && reference.Rows > 0
            ? reference
            : throw new InvalidDataException(
                $"tensor '{ReferenceName}' is a sketch of {reference.Rows} rows, {reference.Inputs} inputs and {reference.Bins} bins, but the model has {shape.Inputs} inputs and {bins.Count} bins");
    }

    private static void AddCheckpoint(SafeTensorsFile file, ParameterLayout layout, TrainingState state)
    {
        AddParameters(file, "checkpoint.parameters.", layout, state.Parameters);
        AddParameters(file, "checkpoint.firstMoments.", layout, state.FirstMoments);
        AddParameters(file, "checkpoint.secondMoments.", layout, state.SecondMoments);
        AddParameters(file, "checkpoint.best.", layout, state.BestParameters);
        file.Add("checkpoint.normalization", state.NormalizationStatistics);
        file.Add("checkpoint.bestNormalization", state.BestNormalizationStatistics);
        if (state.Features is { } features)
        {
            FeatureStatisticsTensors.Add(file, "checkpoint.features.", features);
        }

        if (state.Objective is { } objective)
        {
            file.Add(ObjectiveName, objective);
        }

        if (state.Transport is { } transport)
        {
            file.Add(TransportPrefix + "means", transport.Means);
            file.Add(TransportPrefix + "counts", transport.Counts);
            file.Add(TransportPrefix + "residualDeviation", [transport.ResidualDeviation]);
        }
    }

    private static TrainingState ReadCheckpoint(
        SafeTensorsFile file, ParameterLayout layout, NetworkShape shape, LabelBins bins, CheckpointProgress progress, NetworkSnapshot[] networks) => new()
        {
            CompletedEpochs = progress.CompletedEpochs,
            Steps = progress.Steps,
            BestEpoch = progress.BestEpoch,
            BestError = progress.BestError,
            Parameters = ReadParameters(file, "checkpoint.parameters.", layout),
            FirstMoments = ReadParameters(file, "checkpoint.firstMoments.", layout),
            SecondMoments = ReadParameters(file, "checkpoint.secondMoments.", layout),
            BestParameters = ReadParameters(file, "checkpoint.best.", layout),
            NormalizationStatistics = ReadNormalization(file, "checkpoint.normalization", shape),
            BestNormalizationStatistics = ReadNormalization(file, "checkpoint.bestNormalization", shape),
            Features = progress.CompletedFeatureEpochs is { } epochs ? FeatureStatisticsTensors.Read(file, "checkpoint.features.", shape.FeatureDimensions, bins.Count, epochs) : null,
            Objective = file.TryGet(ObjectiveName, out SafeTensorsEntry? objective) ? objective.ToDoubles() : null,
            Transport = file.TryGet(TransportPrefix + "means", out SafeTensorsEntry? means)
            ? new TransportState
            {
                Means = means.ToDoubles(),
                Counts = file.Get(TransportPrefix + "counts").ToDoubles(),
                ResidualDeviation = file.Get(TransportPrefix + "residualDeviation", 1).ToDoubles()[0],
            }
            : null,
            Finished = [.. progress.Finished.Select((finished, k) => new FinishedNetwork(networks[k], finished.CompletedEpochs, finished.BestEpoch))],
        };
}
