namespace DirKernels.Objectives;

/// <summary>A loss of a batch of predictions that is no sum of a formula of one error: it looks at other rows, at the distribution of the labels, or at several outputs.</summary>
/// <remarks>
/// Computed on the host by one thread, hence with the same bits whatever the number of threads; on a device backend predictions, targets and weights
/// cross to the host and the gradient crosses back. Memory is allocated once, for the largest batch.
/// </remarks>
public interface IPredictionObjective
{
    /// <summary>Numbers of its own that training changes, to be captured and restored; empty when it learns nothing.</summary>
    Span<double> State { get; }

    /// <summary>Value and gradient of <c>L = (1/n) sum_i w_i l_i</c>.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="gradient">[n x outputs] receives dL/dprediction.</param>
    /// <returns>n L, so that the mean over an epoch is a sum over batches.</returns>
    double Evaluate(in ObjectiveBatch batch, Span<float> gradient);

    /// <summary>Moves what it learns itself by one step along the gradient of the last batch.</summary>
    void Step();
}
