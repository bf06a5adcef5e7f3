namespace DirKernels.Native;

/// <summary>What a handle stands for.</summary>
internal enum HandleKind
{
    Bins = 1,
    Moments = 2,
    FeatureSmoothing = 3,
    Model = 4,
}
