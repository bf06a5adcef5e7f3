namespace DirKernels.Objectives;

/// <summary>A term of the loss that looks at the features of a batch, the output of the last hidden layer before calibration, and not at predictions.</summary>
/// <remarks>
/// Computed on the host by one thread, hence with the same bits whatever the number of threads; on a device backend the features cross to the host and their
/// gradient crosses back. Weights of rows do not enter. Memory is allocated once, for the largest batch.
/// </remarks>
public interface IFeatureObjective
{
    /// <summary>Value and gradient.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="gradient">[n x D] receives the gradient with respect to the features.</param>
    /// <returns>n times the term.</returns>
    double Evaluate(in FeatureBatch batch, Span<float> gradient);
}
