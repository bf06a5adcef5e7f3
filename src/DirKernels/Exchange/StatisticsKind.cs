namespace DirKernels.Exchange;

/// <summary>What the bytes of partial statistics hold; the numbers are part of the format.</summary>
internal enum StatisticsKind : uint
{
    LabelHistogram = 1,
    FeatureMoments = 2,
    DriftSketch = 3,
}
