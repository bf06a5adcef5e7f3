namespace DirKernels.GpuBenchmarks;

/// <summary>How much work the rows of the table do.</summary>
internal sealed record BenchmarkSizes
{
    /// <summary>Sizes for a large GPU.</summary>
    public static BenchmarkSizes Full { get; } = new()
    {
        Name = "full",
        Labels = 100_000_000,
        Features = [(1_048_576, 512, 100), (191_509, 2048, 121)],
        Elements = 100_000_000,
        Products = [(1024, 2048, 512), (4096, 4096, 4096)],
        EpochRows = 50_000,
        CheckRows = 20_000,
        CheckDimensions = 192,
        MillisecondsOfRepeat = 100,
        Repeats = 7,
    };

    /// <summary>Sizes for the simulation, to try the program.</summary>
    public static BenchmarkSizes Tiny { get; } = new()
    {
        Name = "tiny",
        Labels = 5000,
        Features = [(200, 20, 5)],
        Elements = 5000,
        Products = [(24, 20, 18)],
        EpochRows = 128,
        CheckRows = 150,
        CheckDimensions = 20,
        MillisecondsOfRepeat = 0,
        Repeats = 1,
    };

    public required string Name { get; init; }

    /// <summary>Labels to count and to weigh.</summary>
    public required int Labels { get; init; }

    /// <summary>N, D and B of the features.</summary>
    public required (int Rows, int Dimensions, int Bins)[] Features { get; init; }

    /// <summary>Elements of activations and of the optimiser.</summary>
    public required int Elements { get; init; }

    /// <summary>Rows, inputs and outputs of fully connected layers.</summary>
    public required (int Rows, int Inputs, int Outputs)[] Products { get; init; }

    /// <summary>Rows of a training epoch.</summary>
    public required int EpochRows { get; init; }

    /// <summary>Rows of the checks against the oracles.</summary>
    public required int CheckRows { get; init; }

    /// <summary>Dimensions of the checks.</summary>
    public required int CheckDimensions { get; init; }

    /// <summary>How long one repeat should take at least.</summary>
    public required double MillisecondsOfRepeat { get; init; }

    /// <summary>Repeats, of which the median counts.</summary>
    public required int Repeats { get; init; }
}
