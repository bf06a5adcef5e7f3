namespace DirKernels.Networks;

/// <summary>How the learning rate changes from epoch to epoch; epochs are counted from 0.</summary>
public sealed record LearningRateSchedule
{
    private LearningRateSchedule()
    {
    }

    /// <summary>The same rate in all epochs.</summary>
    public static LearningRateSchedule Constant { get; } = new() { Kind = LearningRateScheduleKind.Constant };

    /// <summary>The published shape: times 0.1 at 2/3 and again at 8/9 of the epochs.</summary>
    public static LearningRateSchedule Step { get; } = StepAt([2.0 / 3, 8.0 / 9], 0.1);

    /// <summary>Half a cosine from the rate to 0: <c>rate (1 + cos(pi epoch / epochs)) / 2</c>.</summary>
    public static LearningRateSchedule Cosine { get; } = new() { Kind = LearningRateScheduleKind.Cosine };

    /// <summary>Family.</summary>
    public LearningRateScheduleKind Kind { get; private init; }

    /// <summary>Milestones as shares of the epochs; the rate changes at epoch floor(share epochs).</summary>
    public IReadOnlyList<double> Milestones { get; private init; } = [];

    /// <summary>Factor at each milestone.</summary>
    public double Factor { get; private init; } = 1;

    /// <summary>Times <paramref name="factor"/> at each milestone.</summary>
    /// <param name="milestones">Shares of the epochs in (0, 1).</param>
    /// <param name="factor">Positive.</param>
    /// <exception cref="ArgumentException">A milestone or the factor is out of range.</exception>
    public static LearningRateSchedule StepAt(IReadOnlyList<double> milestones, double factor)
    {
        if (milestones.Any(m => !(m is > 0 and < 1)) || !(factor > 0))
        {
            throw new ArgumentException($"schedule: milestones must lie in (0, 1) and the factor {factor} be positive");
        }

        return new() { Kind = LearningRateScheduleKind.Step, Milestones = milestones, Factor = factor };
    }

    /// <summary>Learning rate of an epoch.</summary>
    /// <param name="rate">Initial rate.</param>
    /// <param name="epoch">Epoch, from 0.</param>
    /// <param name="epochs">Number of epochs.</param>
    public double RateOf(double rate, int epoch, int epochs) => Kind switch
    {
        LearningRateScheduleKind.Step => rate * Math.Pow(Factor, MilestonesPassed(epoch, epochs)),
        LearningRateScheduleKind.Cosine => rate * 0.5 * (1 + Math.Cos(Math.PI * epoch / epochs)),
        _ => rate,
    };

    private int MilestonesPassed(int epoch, int epochs)
    {
        // The small term keeps products such as 90 * (2/3) from landing below their integer. A loop, since training allocates nothing.
        int passed = 0;
        for (int i = 0; i < Milestones.Count; i++)
        {
            passed += epoch >= Math.Floor(Milestones[i] * epochs + 1e-9) ? 1 : 0;
        }

        return passed;
    }
}
