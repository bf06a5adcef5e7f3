namespace DirKernels;

/// <summary>What the last layer of a network says about a target: a value, or a value and how uncertain it is.</summary>
/// <remarks>
/// <para>
/// Of K members each puts out a location m and a logarithm s of a scale, kept in -5..5: <c>b = exp(s)</c>, both of the standardised target; columns are
/// <c>m_0 s_0 m_1 s_1 ...</c>. The standard deviation of a member is <c>d = sqrt(2) b</c> (laplace, vote) or <c>d = b</c> (gaussian). Members vote
/// with their precisions: <c>w_k = b_k^-2 / sum_j b_j^-2</c>; the value is <c>m = sum w_k m_k</c> and the uncertainty the standard deviation of the
/// mixture, <c>sqrt(sum w_k (d_k^2 + (m_k - m)^2))</c>, in original units.
/// </para>
/// <para>
/// Sources: Nix and Weigend, 1994; Jiang, Sainte Fare Garnot, Schindler and Wegner, "Uncertainty voting ensemble for imbalanced deep regression", GCPR 2024, whose
/// code takes the value of the member with the smallest scale, or weighs with b^-1, and keeps s in -5..5.
/// </para>
/// </remarks>
/// <param name="Kind">What it says.</param>
/// <param name="Members">K: 1, but for <see cref="PredictionHeadKind.Vote"/>, where it is 2..64.</param>
public readonly record struct PredictionHead(PredictionHeadKind Kind, int Members = 1)
{
    /// <summary>Bound of |s|.</summary>
    internal const float LogScaleBound = 5;

    private const int MostMembers = 64;

    /// <summary>A value only.</summary>
    public static PredictionHead Value => new(PredictionHeadKind.Value);

    /// <summary>Location and scale of a Laplace distribution.</summary>
    public static PredictionHead Laplace => new(PredictionHeadKind.Laplace);

    /// <summary>Mean and standard deviation of a normal distribution.</summary>
    public static PredictionHead Gaussian => new(PredictionHeadKind.Gaussian);

    /// <summary>Several Laplace distributions that vote.</summary>
    /// <param name="members">K, 2..64.</param>
    public static PredictionHead Vote(int members) => new(PredictionHeadKind.Vote, members);

    /// <summary>Whether it says a value and nothing else.</summary>
    public bool IsValue => Kind == PredictionHeadKind.Value;

    /// <summary>How labels are said to lie around values: a Laplace distribution also stands for the mixture of a vote; null of heads that say values only.</summary>
    public ErrorDistribution? Distribution => Kind switch
    {
        PredictionHeadKind.Value => null,
        PredictionHeadKind.Gaussian => ErrorDistribution.Normal,
        _ => ErrorDistribution.Laplace,
    };

    /// <summary>Columns of the last layer for each target.</summary>
    public int Outputs => IsValue ? 1 : 2 * Members;

    /// <summary>For people: <c>value</c>, <c>laplace</c>, <c>vote of 2</c>.</summary>
    public override string ToString() => Kind == PredictionHeadKind.Vote ? $"vote of {Members}" : Kind.ToString().ToLowerInvariant();

    /// <summary>Value and uncertainty that outputs of one row amount to, both of the standardised target.</summary>
    /// <param name="outputs">[<see cref="Outputs"/>].</param>
    /// <param name="uncertainty">Receives the standard deviation; NaN when the head says a value only.</param>
    internal double Decode(ReadOnlySpan<float> outputs, out double uncertainty)
    {
        if (IsValue)
        {
            uncertainty = double.NaN;
            return outputs[0];
        }

        double largest = double.NegativeInfinity, total = 0, value = 0, variance = 0;
        for (int k = 0; k < Members; k++)
        {
            largest = Math.Max(largest, -2.0 * LogScale(outputs, k));
        }

        for (int k = 0; k < Members; k++)
        {
            double weight = Math.Exp(-2.0 * LogScale(outputs, k) - largest);
            total += weight;
            value += weight * outputs[2 * k];
        }

        value /= total;
        for (int k = 0; k < Members; k++)
        {
            double weight = Math.Exp(-2.0 * LogScale(outputs, k) - largest) / total, scale = Math.Exp(LogScale(outputs, k)), offset = outputs[2 * k] - value;
            variance += weight * ((Kind == PredictionHeadKind.Gaussian ? 1 : 2) * scale * scale + offset * offset);
        }

        uncertainty = Math.Sqrt(variance);
        return value;
    }

    /// <summary>Checks the number of members.</summary>
    /// <exception cref="ArgumentException">It does not go with the kind.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(Kind) || (Kind == PredictionHeadKind.Vote ? Members is < 2 or > MostMembers : Members != 1))
        {
            throw new ArgumentException($"head: a vote needs 2..{MostMembers} members and any other head 1, but {Kind} has {Members}");
        }
    }

    private static float LogScale(ReadOnlySpan<float> outputs, int member) => Math.Clamp(outputs[2 * member + 1], -LogScaleBound, LogScaleBound);
}
