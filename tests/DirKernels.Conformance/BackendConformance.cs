using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

/// <summary>
/// What it means to be a backend: every operation against an oracle in double precision, with an error bound, between sentinels, and with the same bits
/// however the work is shared. A backend passes by deriving from this class; one file for each operation.
/// </summary>
public abstract partial class BackendConformance : IDisposable
{
    private const double U = ErrorBound.Unit;
    private IBackend? _backend;

    /// <summary>The backend under test.</summary>
    protected IBackend Backend => _backend ??= CreateBackend();

    /// <summary>A new backend of the kind under test.</summary>
    protected abstract IBackend CreateBackend();

    /// <summary>Roundings of single precision that an entry of a block's scatter may suffer; a backend that promises fewer is held to them.</summary>
    protected virtual int BlockMomentsRoundings => 130;

    /// <summary>Backends that must give the same bits: other numbers of threads, or the same device again.</summary>
    protected virtual IEnumerable<IBackend> CreateEquivalentBackends() => [CreateBackend(), CreateBackend()];

    public void Dispose()
    {
        _backend?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs twice on each equivalent backend and asserts that all bits agree.</summary>
    private void AssertSameBits(Action<IBackend, OutputBits> run)
    {
        OutputBits? first = null;
        foreach (IBackend backend in CreateEquivalentBackends())
        {
            using (backend)
            {
                for (int repetition = 0; repetition < 2; repetition++)
                {
                    var bits = new OutputBits();
                    run(backend, bits);
                    first ??= bits;
                    int different = first.FirstDifference(bits);
                    Assert.True(different < 0, $"result {different} has other bits on {backend.Description}");
                }
            }
        }

        Assert.True(first is { Count: > 0 });
    }

    private static float[] WithNaN(float[] values, params int[] positions)
    {
        float[] copy = [.. values];
        foreach (int position in positions)
        {
            copy[position] = float.NaN;
        }

        return copy;
    }

    /// <summary>Every Activation, for loops over all of them.</summary>
    private static Activation[] Activations => Enum.GetValues<Activation>();
}
