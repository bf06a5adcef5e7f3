using DirKernels.Networks;
using DirKernels.Resampling;

namespace DirKernels.Methods;

/// <summary>What a method makes of training rows before training: resampled rows, their weights, and the options of the run.</summary>
/// <param name="Rows">The rows to train on, with weights.</param>
/// <param name="Plan">Weights and options.</param>
/// <param name="Resampling">What resampling did, in words; null when the method does not resample.</param>
public sealed record MethodTraining(TrainingSet Rows, MethodPlan Plan, string? Resampling)
{
    /// <summary>Prepares a run.</summary>
    /// <param name="method">The method.</param>
    /// <param name="settings">Settings; resampling draws from the seed of <see cref="MethodSettings.Training"/>.</param>
    /// <param name="train">The training rows; left as they are.</param>
    /// <exception cref="ArgumentException">The method resamples rows that are read in blocks.</exception>
    /// <exception cref="InvalidDataException">A label or an input is not finite, or columns that should be one-hot are not.</exception>
    public static MethodTraining Prepare(Method method, MethodSettings settings, ComparisonRows train)
    {
        TrainingSet rows = train.ToSet();
        string? statement = null;
        if (method.Resampling is { } kind)
        {
            if (rows.Blocks is not null)
            {
                throw new ArgumentException($"the method '{method}' resamples, for which all rows must be in memory, but these are read in blocks");
            }

            ResampledSet resampled = Resampler.Resample(rows, kind, settings.Training.Seed, train.OneHotGroups, settings.Resampling);
            rows = resampled.Set;
            statement = resampled.Statement;
        }

        MethodPlan plan = MethodPlan.Create(method, settings, rows.Labels);
        return new MethodTraining(rows.WithWeights(plan.Weights, plan.HeadWeights), plan, statement);
    }
}
