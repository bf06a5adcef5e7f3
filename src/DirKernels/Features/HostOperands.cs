using DirKernels.Backends;

namespace DirKernels.Features;

/// <summary>Staging memory that brings spans of the caller to a backend; it grows to the largest batch and is then reused.</summary>
internal sealed class HostOperands(IBackend backend, int width) : IDisposable
{
    private DeviceBuffer<float> _features = backend.Allocate<float>(0);
    private DeviceBuffer<float> _result = backend.Allocate<float>(0);
    private DeviceBuffer<int> _bins = backend.Allocate<int>(0);

    /// <summary>Copies the operands in.</summary>
    public Scope Open(ReadOnlySpan<float> features, ReadOnlySpan<int> bins, ReadOnlySpan<float> result = default)
    {
        if (_bins.Length < bins.Length)
        {
            Dispose();
            _features = backend.Allocate<float>((long)bins.Length * width);
            _result = backend.Allocate<float>((long)bins.Length * width);
            _bins = backend.Allocate<int>(bins.Length);
        }

        var scope = new Scope(backend, _features.Slice(0, features.Length), _bins.Slice(0, bins.Length), _result.Slice(0, result.Length));
        backend.CopyIn(features, scope.Features);
        backend.CopyIn(bins, scope.Bins);
        return scope;
    }

    public void Dispose()
    {
        _features.Dispose();
        _result.Dispose();
        _bins.Dispose();
    }

    /// <summary>Operands of one call on the backend.</summary>
    public readonly ref struct Scope(IBackend backend, DeviceView<float> features, DeviceView<int> bins, DeviceView<float> result)
    {
        public DeviceView<float> Features => features;

        public DeviceView<int> Bins => bins;

        public DeviceView<float> Result => result;

        public void CopyResult(Span<float> destination) => backend.CopyOut(result, destination);
    }
}
