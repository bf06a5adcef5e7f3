using System.CommandLine;
using DirKernels.Data;
using DirKernels.Methods;

namespace DirKernels.Cli;

/// <summary>The options that commands which train share.</summary>
internal sealed class TrainingArguments
{
    private const int MostThreads = 1024;

    private readonly LabelSmoothingOptions _labels = new();
    private readonly FeatureSmoothingArguments _features = new();
    private readonly NetworkArguments _network = new();
    private readonly OptimizationArguments _optimization = new();
    private readonly WeightArguments _weights = new();
    private readonly ObjectiveArguments _objectives = new();
    private readonly ResamplingArguments _resampling = new();

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads; 0 for one for each processor. The result does not depend on it.",
        DefaultValueFactory = _ => 0,
    };

    private readonly MissingValuesOption _missing = new();

    /// <summary>Makes the options part of a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in Determining.Append(_threads))
        {
            command.Add(option);
        }
    }

    private IEnumerable<Option> Determining => [.. _labels.All, .. _features.All, .. _network.All, .. _optimization.All, .. _weights.All, .. _objectives.All, .. _resampling.All, _missing.Option];

    /// <summary>What the user chose.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="methods">The methods that will be trained: options that contradict one of them are errors.</param>
    /// <exception cref="ArgumentException">A value is malformed, out of its range or contradictory; the message names the option.</exception>
    public TrainingSettings Read(ParseResult parsed, params IReadOnlyCollection<Method> methods)
    {
        int threads = parsed.GetValue(_threads);
        OptionRange.Require(threads is >= 0 and <= MostThreads, "--threads", $"must be 0..{MostThreads}", threads);
        var settings = new TrainingSettings
        {
            Labels = _labels.Read(parsed),
            FeatureSmoothing = _features.Read(parsed),
            Training = _optimization.Read(parsed),
            Hidden = _network.Hidden(parsed),
            Activation = _network.Activation(parsed),
            BatchNormalization = _network.BatchNormalization(parsed),
            Dropout = _network.Dropout(parsed),
            DenseWeightAlpha = _weights.DenseWeightAlpha(parsed),
            WeightRange = _weights.Range(parsed),
            BalancedMse = _objectives.BalancedMse(parsed),
            DistributionMatch = _objectives.DistributionMatch(parsed),
            RankSim = _objectives.RankSim(parsed),
            RankNContrast = _objectives.RankNContrast(parsed),
            VoteMembers = _objectives.VoteMembers(parsed),
            Transport = _objectives.Transport(parsed),
            Resampling = _resampling.Read(parsed),
            HeadEpochs = _optimization.HeadEpochs(parsed),
            Missing = _missing.Read(parsed) ?? MissingValues.Error,
            Threads = threads,
            Description = RunDescription.OfOptions(parsed, Determining),
        };
        if (settings.Labels.Kernel is null && methods.FirstOrDefault(method => method.SmoothsLabels || method.TransportsFeatures) is { } smoothing)
        {
            throw new ArgumentException($"--kernel: none contradicts the method '{smoothing}', which smooths the label density");
        }

        if (settings.Labels.FixedBins is { } bins)
        {
            settings.ThrowIfTooWide(bins.Count, methods);
        }

        return settings;
    }
}
