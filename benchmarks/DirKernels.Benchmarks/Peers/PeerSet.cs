namespace DirKernels.Benchmarks.Peers;

/// <summary>One stage by the library and by what a .NET user would write or fetch instead, on the same operands.</summary>
/// <param name="stage">As a reader would say it, with the size in it.</param>
/// <param name="tolerance">Largest difference between a peer's numbers and the library's, as a part of the largest of these.</param>
internal sealed class PeerSet(string stage, double tolerance) : IDisposable
{
    /// <summary>Name of the library's own entry.</summary>
    public const string Library = "library";

    private readonly List<(string Name, Action Run, Func<double[]> Result)> _entries = [];
    private readonly List<IDisposable> _owned = [];

    /// <summary>The stage.</summary>
    public string Stage { get; } = stage;

    /// <summary>What is measured, the library first.</summary>
    public IEnumerable<(string Name, Action Run)> Entries => _entries.Select(entry => (entry.Name, entry.Run));

    /// <summary>Disposes of a value with the set.</summary>
    public T Own<T>(T value)
        where T : IDisposable
    {
        _owned.Add(value);
        return value;
    }

    /// <summary>Adds an entry; the first is the library.</summary>
    /// <param name="name">Who computes.</param>
    /// <param name="run">What is measured.</param>
    /// <param name="result">The numbers of the last run.</param>
    public void Add(string name, Action run, Func<double[]> result) => _entries.Add((name, run, result));

    /// <summary>The measured run of an entry; null when the stage has none of that name.</summary>
    public Action? Find(string name) => _entries.Find(entry => entry.Name == name).Run;

    /// <summary>Runs all and compares their numbers with the library's.</summary>
    /// <exception cref="InvalidOperationException">A peer computes something else; the stage, the peer and the difference are named.</exception>
    public void Check()
    {
        _entries[0].Run();
        double[] expected = _entries[0].Result();
        double scale = expected.Max(Math.Abs);
        foreach ((string name, Action run, Func<double[]> result) in _entries.Skip(1))
        {
            run();
            double[] actual = result();
            double difference = actual.Length == expected.Length ? expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max() : double.PositiveInfinity;
            if (!(difference <= tolerance * scale))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"{Stage}: {name} differs from the library by {difference:G3} on numbers up to {scale:G3} ({actual.Length} and {expected.Length} of them); tolerated is a part of {tolerance:G3}"));
            }
        }
    }

    public void Dispose()
    {
        // Last first: what came later may use what came before.
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }
    }
}
