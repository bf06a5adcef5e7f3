using static TorchSharp.torch;

namespace DirKernels.TorchBenchmarks;

/// <summary>The tensor that the last run of a formulation left; what else it made is freed with its scope.</summary>
internal sealed class TorchResult : IDisposable
{
    private Tensor? _tensor;

    /// <summary>A run that keeps the tensor it returns.</summary>
    public Action Run(Func<Tensor> formulation) => () =>
    {
        using var scope = NewDisposeScope();
        Tensor result = formulation();
        _tensor?.Dispose();
        _tensor = result.DetachFromDisposeScope();
    };

    /// <summary>Its numbers, or those of what is made from it, row by row.</summary>
    public double[] Numbers(Func<Tensor, Tensor>? compared)
    {
        using var scope = NewDisposeScope();
        return [.. (compared is null ? _tensor! : compared(_tensor!)).to_type(ScalarType.Float64).contiguous().data<double>()];
    }

    public void Dispose() => _tensor?.Dispose();
}
