namespace DirKernels.Resampling;

/// <summary>How training rows are resampled. A rare row is one whose label has a relevance of at least the threshold.</summary>
public enum ResamplingKind
{
    /// <summary>Copies of rare rows, drawn with replacement.</summary>
    RandomOver,

    /// <summary>Normal rows left out, drawn without replacement.</summary>
    RandomUnder,

    /// <summary>Normal rows left out; copies of rare rows with Gaussian noise on numeric inputs and labels.</summary>
    GaussianNoise,

    /// <summary>Normal rows left out; new rows between a rare row and one of its nearest neighbours.</summary>
    Smoter,

    /// <summary>As <see cref="Smoter"/> where the neighbour is close, as <see cref="GaussianNoise"/> where it is far.</summary>
    Smogn,

    /// <summary>Copies drawn by relevance and rows left out drawn by its complement; no threshold.</summary>
    Wercs,
}
