namespace DirKernels.Networks;

/// <summary>The loss became NaN or infinite.</summary>
/// <param name="epoch">Epoch in which it happened, from 0.</param>
/// <param name="loss">The loss.</param>
public sealed class TrainingDivergedException(int epoch, double loss)
    : Exception($"the loss is {loss} in epoch {epoch + 1}: try a lower learning rate, or look for extreme values in the inputs")
{
    /// <summary>Epoch in which it happened, from 0.</summary>
    public int Epoch { get; } = epoch;
}
