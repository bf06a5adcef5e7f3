namespace DirKernels.Networks;

/// <summary>Families of learning-rate schedules.</summary>
public enum LearningRateScheduleKind
{
    /// <summary>The same rate throughout.</summary>
    Constant,

    /// <summary>A factor at milestones.</summary>
    Step,

    /// <summary>Half a cosine down to 0.</summary>
    Cosine,
}
