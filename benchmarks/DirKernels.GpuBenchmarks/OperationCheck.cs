namespace DirKernels.GpuBenchmarks;

/// <summary>An operation compared with its double-precision oracle.</summary>
/// <param name="Name">Operation and result.</param>
/// <param name="Worst">Largest error in units of its bound: up to 1 passes.</param>
internal sealed record OperationCheck(string Name, double Worst)
{
    /// <summary>Whether all elements lie within their bounds.</summary>
    public bool Passes => Worst <= 1;

    /// <summary>Compares element by element.</summary>
    public static OperationCheck Of(string name, ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, Func<int, double> bound)
    {
        double worst = expected.Length == actual.Length ? 0 : double.PositiveInfinity;
        for (int i = 0; i < Math.Min(expected.Length, actual.Length); i++)
        {
            // Numbers below the normal ones may be flushed to 0. A NaN fails: it is not below anything.
            double ratio = Math.Abs(expected[i] - actual[i]) / (bound(i) + 1.2e-38);
            worst = ratio <= worst ? worst : double.IsNaN(ratio) ? double.PositiveInfinity : ratio;
        }

        return new OperationCheck(name, worst);
    }

    /// <summary>Compares element by element.</summary>
    public static OperationCheck Of(string name, ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, Func<int, double> bound)
    {
        var wide = new double[actual.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = actual[i];
        }

        return Of(name, expected, wide, bound);
    }
}
