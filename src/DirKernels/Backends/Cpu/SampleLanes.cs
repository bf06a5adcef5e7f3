namespace DirKernels.Backends.Cpu;

/// <summary>
/// How activations of a batch lie feature by feature: [lanes][features][samples of a lane], with as many samples side by side as a tile of the matrix product covers. What a product needs of some
/// features of a lane is one run of memory, and a panel of its second factor as it lies.
/// </summary>
/// <param name="rows">n, samples of the batch.</param>
internal readonly struct SampleLanes(int rows)
{
    /// <summary>Samples of a lane: the columns of a tile.</summary>
    public static int Width => MatrixProduct.PanelsOfTile * MatrixProduct.PanelWidth;

    /// <summary>Number of lanes.</summary>
    public int Count => (rows + Width - 1) / Width;

    /// <summary>Samples in whole panels, which is what the last lane has room for.</summary>
    public int SamplesWithRoom => (rows + MatrixProduct.PanelWidth - 1) / MatrixProduct.PanelWidth * MatrixProduct.PanelWidth;

    /// <summary>Samples of a lane.</summary>
    public int SamplesOf(int lane) => Math.Min(Width, rows - lane * Width);

    /// <summary>Elements of a feature in a lane: its samples, or as many as there is room for.</summary>
    public int RoomOf(int lane) => Math.Min(Width, SamplesWithRoom - lane * Width);

    /// <summary>First element of a feature in a lane.</summary>
    /// <param name="features">Features of the matrix.</param>
    /// <param name="lane">Which lane.</param>
    /// <param name="feature">Which feature.</param>
    public long At(int features, int lane, int feature) => (long)features * lane * Width + (long)feature * RoomOf(lane);
}
