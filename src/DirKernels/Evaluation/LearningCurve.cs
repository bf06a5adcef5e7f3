using DirKernels.Methods;
using DirKernels.Metrics;

namespace DirKernels.Evaluation;

/// <summary>Validation error of a method after each epoch, over its seeds.</summary>
/// <param name="Name">Name of the method.</param>
/// <param name="Epochs">Epochs counted from 1, as far as all seeds trained.</param>
/// <param name="Mean">Mean over the seeds.</param>
/// <param name="Lower">Mean minus one standard deviation over seeds; null for one seed.</param>
/// <param name="Upper">Mean plus one standard deviation over seeds; null for one seed.</param>
public sealed record LearningCurve(string Name, double[] Epochs, double[] Mean, double[]? Lower, double[]? Upper)
{
    /// <summary>The curve of a method.</summary>
    /// <param name="seeds">Its outcomes, at least one, each with at least one epoch.</param>
    public static LearningCurve Of(IReadOnlyList<MethodOutcome> seeds)
    {
        int epochs = seeds.Min(seed => seed.ValidationErrors.Count);
        MeanAndDeviation[] summaries = [.. Enumerable.Range(0, epochs).Select(epoch => MeanAndDeviation.Compute([.. seeds.Select(seed => seed.ValidationErrors[epoch])]))];
        double[]? Ends(int sign) => seeds.Count == 1 ? null : Array.ConvertAll(summaries, summary => summary.Mean + sign * summary.StandardDeviation!.Value);
        return new LearningCurve(
            seeds[0].Method.Name,
            [.. Enumerable.Range(1, epochs).Select(epoch => (double)epoch)],
            Array.ConvertAll(summaries, summary => summary.Mean),
            Ends(-1),
            Ends(+1));
    }
}
