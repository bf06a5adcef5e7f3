namespace DirKernels.Networks;

/// <summary>Where batch normalisation stands in a network that was trained elsewhere.</summary>
public enum NormalizationPlace
{
    /// <summary>Between a layer and its activation.</summary>
    BeforeActivation,

    /// <summary>Behind the activation.</summary>
    AfterActivation,
}
