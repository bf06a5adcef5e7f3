using System.Diagnostics.Metrics;

namespace DirKernels.Serving;

/// <summary>Settings of a <see cref="PredictionService"/>.</summary>
public sealed record PredictionServiceOptions
{
    /// <summary>Rows that go through the network together at most, 1..65536. Rows that are there are predicted at once; nobody waits for a batch to fill.</summary>
    public int MostRows { get; init; } = 256;

    /// <summary>Rows that may wait, at least 1: whoever brings more waits himself, so that memory stays bounded.</summary>
    public int Capacity { get; init; } = 4096;

    /// <summary>Name of the model, the tag <c>model</c> of all metrics.</summary>
    public string Model { get; init; } = "model";

    /// <summary>Makes the instruments; null for a meter of the process called <see cref="PredictionMetrics.MeterName"/>. Not disposed of with the service.</summary>
    public Meter? Meter { get; init; }

    /// <summary>Throws when a setting is out of its range.</summary>
    /// <exception cref="ArgumentException">The message names the setting.</exception>
    public void Validate()
    {
        if (MostRows is < 1 or > 65536)
        {
            throw new ArgumentException($"{nameof(MostRows)} must be 1..65536, but is {MostRows}");
        }

        if (Capacity < 1)
        {
            throw new ArgumentException($"{nameof(Capacity)} must be 1 or more, but is {Capacity}");
        }

        ArgumentException.ThrowIfNullOrEmpty(Model);
    }
}
