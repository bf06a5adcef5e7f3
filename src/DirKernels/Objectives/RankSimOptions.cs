namespace DirKernels.Objectives;

/// <summary>How RankSim is set up in training; meanings at <see cref="RankSim"/>.</summary>
public sealed record RankSimOptions
{
    /// <summary>gamma, the weight of the term, positive; 3e-4 was published for text, 100 for images.</summary>
    /// <remarks>On tables 100 drowns the loss of the predictions, since the gradient of the term does not become smaller with the batch as theirs does.</remarks>
    public double Gamma { get; init; } = 3e-4;

    /// <summary>lambda, the length of the step that stands for a derivative of ranks, positive; 2 as published.</summary>
    public double Lambda { get; init; } = 2;

    internal void Validate()
    {
        if (!(Gamma > 0) || !double.IsFinite(Gamma) || !(Lambda > 0) || !double.IsFinite(Lambda))
        {
            throw new ArgumentException(FormattableString.Invariant($"ranksim: gamma and lambda must be positive, but are {Gamma} and {Lambda}"));
        }
    }
}
