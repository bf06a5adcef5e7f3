using System.Globalization;
using System.Text.Json;
using DirKernels.Data;
using DirKernels.Methods;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>What the command keeps in a model file besides the model: where its inputs come from, how it was trained, and what came of it.</summary>
/// <remarks>Only what determines or follows from the training: two runs with the same data and options write the same bytes.</remarks>
internal sealed record ModelMetadata
{
    private const string TargetKey = "target";
    private const string SplitKey = "split";
    private const string MethodKey = "method";
    private const string DataKey = "data";
    private const string ResultKey = "result";
    private const string VersionKey = "version";

    /// <summary>Method of a model whose network was trained elsewhere.</summary>
    public const string Imported = "imported";

    /// <summary>The label column.</summary>
    public required string Target { get; init; }

    /// <summary>The split column; null when the split was computed.</summary>
    public required string? SplitColumn { get; init; }

    /// <summary>How columns become inputs.</summary>
    public required FeatureEncoder Encoder { get; init; }

    /// <summary>Name of the method.</summary>
    public required string Method { get; init; }

    /// <summary>The options that determined the run.</summary>
    public required RunDescription Options { get; init; }

    /// <summary>Sizes and fingerprint of the data.</summary>
    public required RunDescription Data { get; init; }

    /// <summary>What training came to.</summary>
    public required TrainingResult Result { get; init; }

    /// <summary>Version of the library that trained it.</summary>
    public string Version { get; init; } = typeof(Method).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>What missing values meant in training.</summary>
    public MissingValues Missing => Options.Find("missing") == "median" ? MissingValues.Median : MissingValues.Error;

    /// <summary>Everything that must be the same for a run to go on to the same bits, in the order in which differences are told.</summary>
    public RunDescription Determining
    {
        get
        {
            var all = new RunDescription { { MethodKey, Method }, { TargetKey, Target }, { SplitKey, SplitColumn ?? "" } };
            foreach ((string name, string value) in Options.Concat(Data))
            {
                all.Add(name, value);
            }

            return all;
        }
    }

    /// <summary>The entries of the model file.</summary>
    public IReadOnlyDictionary<string, string> ToEntries()
    {
        var entries = new Dictionary<string, string>
        {
            [TargetKey] = Target,
            [ModelColumns.Key] = Encoder.Description.ToJson(),
            [MethodKey] = Method,
            [InputScaling.OptionsKey] = Options.ToJson(),
            [DataKey] = Data.ToJson(),
            [ResultKey] = Result.ToDescription().ToJson(),
            [VersionKey] = Version,
        };
        if (SplitColumn is not null)
        {
            entries[SplitKey] = SplitColumn;
        }

        return entries;
    }

    /// <summary>Reads what <see cref="ToEntries"/> wrote.</summary>
    /// <exception cref="InvalidDataException">An entry is absent or damaged.</exception>
    public static ModelMetadata Of(IReadOnlyDictionary<string, string> entries)
    {
        string Entry(string key) => entries.TryGetValue(key, out string? value)
            ? value
            : throw new InvalidDataException($"the model was not trained by this command: its metadata have no entry '{key}'");
        return new ModelMetadata
        {
            Target = Entry(TargetKey),
            SplitColumn = entries.GetValueOrDefault(SplitKey),
            Encoder = Parsed(ModelColumns.Key, Entry(ModelColumns.Key), text => FeatureEncoder.Of(ModelColumns.Parse(text))),
            Method = Entry(MethodKey),
            Options = Parsed(InputScaling.OptionsKey, Entry(InputScaling.OptionsKey), RunDescription.FromJson),
            Data = Parsed(DataKey, Entry(DataKey), RunDescription.FromJson),
            Result = Parsed(ResultKey, Entry(ResultKey), text => TrainingResult.Of(RunDescription.FromJson(text))),
            Version = Entry(VersionKey),
        };
    }

    private static T Parsed<T>(string key, string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException or ArgumentException)
        {
            // What the JSON reader says quotes what it met, at any length.
            string fault = damaged is JsonException json ? string.Create(CultureInfo.InvariantCulture, $"no valid JSON at byte {json.BytePositionInLine}") : damaged.Message;
            throw new InvalidDataException($"the model's entry '{key}' is damaged: {fault}", damaged);
        }
    }
}
