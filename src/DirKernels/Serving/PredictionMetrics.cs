using System.Diagnostics.Metrics;

namespace DirKernels.Serving;

/// <summary>What a <see cref="PredictionService"/> measures; any listener of <see cref="System.Diagnostics.Metrics"/> can read it.</summary>
/// <remarks>
/// <c>dirkernels.prediction.rows</c> {row}: rows predicted. <c>dirkernels.prediction.failures</c> {row}: rows that were no input. <c>dirkernels.prediction.waiting</c> {row}: rows
/// accepted and not answered yet. <c>dirkernels.prediction.batch</c> {row}: rows that went through the network together. <c>dirkernels.prediction.duration</c> s: time of
/// one batch in the network. All have the tag <c>model</c>.
/// </remarks>
public sealed class PredictionMetrics
{
    /// <summary>Name of the meter that services use unless told otherwise.</summary>
    public const string MeterName = "DirKernels";

    private static readonly Meter _shared = new(MeterName, typeof(PredictionMetrics).Assembly.GetName().Version?.ToString(3));

    private readonly KeyValuePair<string, object?> _model;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _failures;
    private readonly UpDownCounter<long> _waiting;
    private readonly Histogram<long> _batch;
    private readonly Histogram<double> _duration;

    internal PredictionMetrics(PredictionServiceOptions options)
    {
        Meter meter = options.Meter ?? _shared;
        _model = new KeyValuePair<string, object?>("model", options.Model);
        _rows = meter.CreateCounter<long>("dirkernels.prediction.rows", "{row}", "Rows predicted.");
        _failures = meter.CreateCounter<long>("dirkernels.prediction.failures", "{row}", "Rows that were no input.");
        _waiting = meter.CreateUpDownCounter<long>("dirkernels.prediction.waiting", "{row}", "Rows accepted and not answered yet.");
        _batch = meter.CreateHistogram<long>("dirkernels.prediction.batch", "{row}", "Rows that went through the network together.");
        _duration = meter.CreateHistogram<double>("dirkernels.prediction.duration", "s", "Time of one batch in the network.");
    }

    internal void Accepted() => _waiting.Add(1, _model);

    internal void Answered(int rows, int failures)
    {
        _waiting.Add(-rows, _model);
        if (rows > failures)
        {
            _rows.Add(rows - failures, _model);
        }

        if (failures > 0)
        {
            _failures.Add(failures, _model);
        }
    }

    internal void Predicted(int rows, TimeSpan time)
    {
        _batch.Record(rows, _model);
        _duration.Record(time.TotalSeconds, _model);
    }
}
