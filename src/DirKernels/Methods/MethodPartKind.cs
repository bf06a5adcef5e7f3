namespace DirKernels.Methods;

/// <summary>What a part of a method acts on.</summary>
public enum MethodPartKind
{
    /// <summary>Nothing.</summary>
    Baseline,

    /// <summary>How much each row counts in the loss.</summary>
    Weights,

    /// <summary>The loss of a batch of predictions.</summary>
    Loss,

    /// <summary>The features before the last layer.</summary>
    Features,

    /// <summary>What the last layer predicts.</summary>
    Head,

    /// <summary>The stages of training.</summary>
    Stages,

    /// <summary>How many networks are trained, whose mean is the prediction.</summary>
    Ensemble,

    /// <summary>Rows made out of others while training.</summary>
    Augmentation,

    /// <summary>The training rows, before training.</summary>
    Resampling,
}
