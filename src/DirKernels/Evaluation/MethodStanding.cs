namespace DirKernels.Evaluation;

/// <summary>One method against the baseline by all measures.</summary>
/// <param name="Name">Name of the method.</param>
/// <param name="Measures">As many as <see cref="ErrorMeasure.All"/>; null where there are no test rows.</param>
public sealed record MethodStanding(string Name, IReadOnlyList<MeasureStanding?> Measures)
{
    /// <summary>Measures by which the method is better.</summary>
    public int Wins => Count(Decision.Win);

    /// <summary>Measures by which there is no telling.</summary>
    public int Ties => Count(Decision.Tie);

    /// <summary>Measures by which the method is worse.</summary>
    public int Losses => Count(Decision.Loss);

    /// <summary>The standing by one measure.</summary>
    public MeasureStanding? By(ErrorMeasure measure) => Measures.FirstOrDefault(standing => standing?.Measure == measure);

    private int Count(Decision decision) => Measures.Count(standing => standing?.Decision == decision);
}
