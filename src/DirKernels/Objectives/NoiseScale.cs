namespace DirKernels.Objectives;

/// <summary>The standard deviation sigma of the noise of labels: fixed, or learnt by Adam with a rate of its own.</summary>
/// <remarks>Source: Ren et al., "Balanced MSE for imbalanced visual regression", CVPR 2022; Kingma and Ba, 2015.</remarks>
internal sealed class NoiseScale
{
    /// <summary>Smallest sigma: learning stops there, since the loss divides by its square.</summary>
    public const double Smallest = 1e-3;

    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly double[] _state;
    private readonly double _rate;

    /// <summary>Starts.</summary>
    /// <param name="sigma">Initial value.</param>
    /// <param name="rate">Learning rate; 0 keeps sigma as it is.</param>
    public NoiseScale(double sigma, double rate)
    {
        _rate = rate;
        _state = [sigma, 0, 0, 0];
    }

    /// <summary>sigma.</summary>
    public double Sigma => _state[0];

    /// <summary>Whether it is learnt.</summary>
    public bool IsLearnt => _rate > 0;

    /// <summary>sigma, Adam's moments and the number of steps; empty when sigma is fixed.</summary>
    public Span<double> State => IsLearnt ? _state : [];

    /// <summary>One step along a gradient.</summary>
    public void Step(double gradient)
    {
        if (!IsLearnt)
        {
            return;
        }

        double number = ++_state[3];
        _state[1] = Beta1 * _state[1] + (1 - Beta1) * gradient;
        _state[2] = Beta2 * _state[2] + (1 - Beta2) * gradient * gradient;
        double first = _state[1] / (1 - Math.Pow(Beta1, number)), second = _state[2] / (1 - Math.Pow(Beta2, number));
        _state[0] = Math.Max(Smallest, _state[0] - _rate * first / (Math.Sqrt(second) + Epsilon));
    }
}
