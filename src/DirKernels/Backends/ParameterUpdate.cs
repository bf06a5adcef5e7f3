namespace DirKernels.Backends;

/// <summary>What follows a gradient in the same operation: a step of the optimiser, as <see cref="IBackend.UpdateParameters"/> makes it.</summary>
/// <param name="Step">Kind, rates and the number of this step.</param>
/// <param name="FirstMoment">[parameter length].</param>
/// <param name="SecondMoment">[parameter length].</param>
public readonly record struct ParameterUpdate(OptimizerStep Step, DeviceView<float> FirstMoment, DeviceView<float> SecondMoment)
{
    /// <summary>Whether there is none: the default, which leaves parameters as they are.</summary>
    public bool IsAbsent => FirstMoment.IsAbsent;
}
