using DirKernels.Backends;
using DirKernels.Methods;
using DirKernels.Networks;

namespace DirKernels.Evaluation;

/// <summary>
/// Searches methods and their label windows with a budget of epochs: all candidates are trained for a few epochs, the better third for thrice as many, and
/// so on. Validation errors decide; test rows take no part.
/// </summary>
/// <remarks>
/// A function of the plan, the candidates and the seed: the same bits whatever the number of threads and the time it takes. Every rung trains anew, so that
/// schedules end where they should. Source: Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016.
/// </remarks>
public static class SuccessiveHalving
{
    /// <summary>Runs a search.</summary>
    /// <param name="plan">Candidates and epochs of the rungs.</param>
    /// <param name="candidates">At least as many candidates as the first rung has, in the order in which they are taken.</param>
    /// <param name="settings">Settings common to all; window and epochs are replaced.</param>
    /// <param name="data">The parts of the data.</param>
    /// <param name="threads">Processors to use.</param>
    /// <param name="onEpoch">Told after each epoch of each run, from several threads; null for nobody.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <param name="createBackend">Makes the backend of each worker; null for the CPU.</param>
    /// <returns>The rungs; the winner is the first of the last.</returns>
    /// <exception cref="ArgumentException">There are fewer candidates than the first rung has.</exception>
    /// <exception cref="TrainingDivergedException">The loss of a run is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static SearchRung[] Run(
        SearchPlan plan,
        IReadOnlyList<SearchCandidate> candidates,
        MethodSettings settings,
        ComparisonData data,
        int threads,
        Action<EpochResult>? onEpoch = null,
        CancellationToken cancellation = default,
        Func<int, IBackend>? createBackend = null)
    {
        if (candidates.Count < plan.Counts[0])
        {
            throw new ArgumentException($"search: the plan needs {plan.Counts[0]} candidates, but there are {candidates.Count}", nameof(candidates));
        }

        var rungs = new List<SearchRung>();
        IReadOnlyList<SearchCandidate> left = [.. candidates.Take(plan.Counts[0])];
        for (int rung = 0; rung < plan.Counts.Count; rung++)
        {
            MethodSettings shortened = settings with { Training = settings.Training with { Epochs = plan.Epochs[rung] } };
            var errors = new Dictionary<SearchCandidate, double>();

            // Runs with one window share their settings, and so the machine.
            foreach (IGrouping<SmoothingKernel, SearchCandidate> group in left.GroupBy(candidate => candidate.Kernel))
            {
                SearchCandidate[] members = [.. group];
                MethodOutcome[][] outcomes = MethodComparison.Run(
                    [.. members.Select(member => member.Method)], 1, shortened with { LabelKernel = group.Key }, data, threads, onEpoch,
                    cancellation: cancellation, createBackend: createBackend);
                for (int i = 0; i < members.Length; i++)
                {
                    errors[members[i]] = outcomes[i][0].ValidationError;
                }
            }

            // Equal errors keep the order of the candidates.
            rungs.Add(new SearchRung(plan.Epochs[rung], [.. left.Select(candidate => (candidate, errors[candidate])).OrderBy(pair => pair.Item2)]));
            int next = rung + 1 < plan.Counts.Count ? plan.Counts[rung + 1] : 0;
            left = [.. rungs[^1].Results.Take(next).Select(result => result.Candidate)];
        }

        return [.. rungs];
    }
}
