using System.Runtime.ExceptionServices;
using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Metrics;
using DirKernels.Networks;

namespace DirKernels.Methods;

/// <summary>Trains every method with every seed on the same rows, several runs at a time.</summary>
public static class MethodComparison
{
    /// <summary>Runs a comparison.</summary>
    /// <param name="methods">The methods; the first is the baseline of the others.</param>
    /// <param name="seedCount">Seeds are <c>settings.Training.Seed + 0 .. seedCount - 1</c>.</param>
    /// <param name="settings">Settings common to all.</param>
    /// <param name="data">The parts of the data.</param>
    /// <param name="threads">Processors to use; runs are independent, so each gets one unless there are more processors than runs.</param>
    /// <param name="onEpoch">Told after each epoch of each run, from several threads; null for nobody.</param>
    /// <param name="thresholds">Thresholds of the regions; null for 100 and 20.</param>
    /// <param name="cancellation">Stops all runs.</param>
    /// <param name="createBackend">Makes the backend of each worker from its number of threads, called once for each; null for the CPU.</param>
    /// <returns>[methods][seeds] outcomes; they do not depend on <paramref name="threads"/>.</returns>
    /// <exception cref="TrainingDivergedException">The loss of a run is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static MethodOutcome[][] Run(
        IReadOnlyList<Method> methods,
        int seedCount,
        MethodSettings settings,
        ComparisonData data,
        int threads,
        Action<EpochResult>? onEpoch = null,
        ShotThresholds? thresholds = null,
        CancellationToken cancellation = default,
        Func<int, IBackend>? createBackend = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(methods.Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(seedCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        MethodOutcome[][] outcomes = [.. methods.Select(_ => new MethodOutcome[seedCount])];
        int runs = methods.Count * seedCount, next = -1;
        int workers = Math.Min(threads, runs), threadsPerRun = Math.Max(1, threads / runs);
        ExceptionDispatchInfo? failure = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        void Work(IBackend backend)
        {
            try
            {
                // Seed by seed over all methods: a comparison that is watched shows every method early.
                for (int run = Interlocked.Increment(ref next); run < runs; run = Interlocked.Increment(ref next))
                {
                    int method = run % methods.Count, seed = run / methods.Count;
                    outcomes[method][seed] = MethodTrial.Run(
                        methods[method], settings, data, settings.Training.Seed + (ulong)seed, backend, onEpoch, thresholds, stop.Token);
                }
            }
            catch (Exception exception) when (exception is TrainingDivergedException or OperationCanceledException or InvalidDataException or ArgumentException)
            {
                // The first failure ends all runs; the others then end as cancelled and do not replace it.
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
                stop.Cancel();
            }
        }

        var backends = new List<IBackend>();
        try
        {
            for (int worker = 0; worker < workers; worker++)
            {
                backends.Add(createBackend?.Invoke(threadsPerRun) ?? new CpuBackend(threadsPerRun));
            }

            Thread[] team = [.. backends.Skip(1).Select((backend, i) => new Thread(() => Work(backend)) { IsBackground = true, Name = $"DirKernels run {i + 1}" })];
            foreach (Thread thread in team)
            {
                thread.Start();
            }

            Work(backends[0]);
            foreach (Thread thread in team)
            {
                thread.Join();
            }
        }
        finally
        {
            backends.ForEach(backend => backend.Dispose());
        }

        failure?.Throw();
        return outcomes;
    }
}
