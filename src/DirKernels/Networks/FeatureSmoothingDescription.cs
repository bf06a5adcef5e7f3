using System.Text;
using System.Text.Json;
using DirKernels.Features;

namespace DirKernels.Networks;

/// <summary>Options and sizes of feature statistics, as JSON in the metadata of their file.</summary>
internal sealed record FeatureSmoothingDescription(FeatureSmoothingOptions Options, int Dimensions, int Bins, int BlockSize, int CompletedEpochs)
{
    private const int Schema = 1;

    /// <summary>Taps times width: a folded Gaussian takes about eight times as many steps to make, which a damaged file must not be able to ask for.</summary>
    private const double WidestKernel = 1e8;

    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", Schema);
            json.WriteNumber("dimensions", Dimensions);
            json.WriteNumber("bins", Bins);
            json.WriteNumber("completedEpochs", CompletedEpochs);
            json.WriteString("covariance", Options.Covariance.ToString());
            json.WriteString("kernel", Options.Kernel.Shape.ToString());
            json.WriteNumber("kernelSize", Options.Kernel.Size);
            json.WriteNumber("kernelSigma", Options.Kernel.Sigma);
            if (Options.Momentum is { } momentum)
            {
                json.WriteNumber("momentum", momentum);
            }

            json.WriteString("emptyBins", Options.EmptyBins.ToString());
            json.WriteNumber("clipLower", Options.ClipLower);
            json.WriteNumber("clipUpper", Options.ClipUpper);
            if (!Options.Shrinkage.IsEstimated)
            {
                json.WriteNumber("shrinkage", Options.Shrinkage.Share);
            }

            json.WriteString("parts", Options.Parts.ToString());
            json.WriteString("mass", Options.Mass.ToString());
            json.WriteNumber("strength", Options.Strength);
            json.WriteNumber("firstCalibratedEpoch", Options.FirstCalibratedEpoch);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <exception cref="InvalidDataException">Not JSON of this layout, of a newer schema, or with options that cannot be.</exception>
    public static FeatureSmoothingDescription FromJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            int schema = root.GetProperty("schema").GetInt32();
            if (schema != Schema)
            {
                throw new InvalidDataException($"the feature statistics have schema {schema}; this version reads schema {Schema}");
            }

            int dimensions = root.GetProperty("dimensions").GetInt32(), bins = root.GetProperty("bins").GetInt32(), epochs = root.GetProperty("completedEpochs").GetInt32();
            FeatureSmoothingOptions options = ReadOptions(root, bins);
            options.Validate(bins);
            int blockSize = FeatureMoments.CheckedShape(dimensions, bins, options.Covariance).BlockSize;
            return epochs >= 0
                ? new FeatureSmoothingDescription(options, dimensions, bins, blockSize, epochs)
                : throw new InvalidDataException($"the feature statistics claim {epochs} epochs");
        }
        catch (Exception damaged) when (damaged is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"the description of the feature statistics is damaged: {damaged.Message}", damaged);
        }
    }

    private static FeatureSmoothingOptions ReadOptions(JsonElement root, int bins)
    {
        int size = root.GetProperty("kernelSize").GetInt32();
        double sigma = root.GetProperty("kernelSigma").GetDouble();
        if (size > bins || size * sigma > WidestKernel)
        {
            throw new InvalidDataException($"the feature statistics have a kernel of {size} taps and width {sigma} for {bins} bins");
        }

        return new FeatureSmoothingOptions
        {
            Covariance = CovarianceKind.Parse(Text(root, "covariance")),
            Kernel = SmoothingKernel.Create(Named<SmoothingKernelShape>(root, "kernel"), size, sigma),
            Momentum = root.TryGetProperty("momentum", out JsonElement momentum) ? momentum.GetDouble() : null,
            EmptyBins = Named<EmptyBins>(root, "emptyBins"),
            ClipLower = root.GetProperty("clipLower").GetSingle(),
            ClipUpper = root.GetProperty("clipUpper").GetSingle(),
            Shrinkage = root.TryGetProperty("shrinkage", out JsonElement share) ? Shrinkage.Fixed(share.GetSingle()) : Shrinkage.Estimated,
            Parts = Named<CalibrationParts>(root, "parts"),
            Mass = Named<BinMass>(root, "mass"),
            Strength = root.GetProperty("strength").GetSingle(),
            FirstCalibratedEpoch = root.GetProperty("firstCalibratedEpoch").GetInt32(),
        };
    }

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? "";

    private static T Named<T>(JsonElement root, string name)
        where T : struct, Enum =>
        Enum.TryParse(Text(root, name), out T value) && Enum.IsDefined(value)
            ? value
            : throw new InvalidDataException($"the feature statistics have '{Text(root, name)}' for {name}");
}
