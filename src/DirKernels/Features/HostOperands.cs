using DirKernels.Backends;

namespace DirKernels.Features;

/// <summary>Checks batches of features and brings those of the caller's memory to a backend, in buffers that grow to the largest batch and are then reused.</summary>
internal sealed class HostOperands(IBackend backend, BinShape shape) : IDisposable
{
    private DeviceBuffer<float> _features = backend.Allocate<float>(0);
    private DeviceBuffer<float> _result = backend.Allocate<float>(0);
    private DeviceBuffer<int> _bins = backend.Allocate<int>(0);

    /// <summary>Checks and copies a batch that has no result of its size.</summary>
    /// <exception cref="ArgumentException">The shapes do not match, or a bin is out of range.</exception>
    public Scope Open(ReadOnlySpan<float> features, ReadOnlySpan<int> bins)
    {
        CheckLengths(features.Length, bins.Length, features.Length);
        return CopyIn(features, bins, 0);
    }

    /// <summary>Checks and copies a batch whose result is as large.</summary>
    /// <exception cref="ArgumentException">The shapes do not match, or a bin is out of range.</exception>
    public Scope Open(ReadOnlySpan<float> features, ReadOnlySpan<int> bins, ReadOnlySpan<float> result)
    {
        CheckLengths(features.Length, bins.Length, result.Length);
        return CopyIn(features, bins, result.Length);
    }

    /// <summary>Checks the shapes of a batch.</summary>
    /// <exception cref="ArgumentException">They do not match.</exception>
    public void CheckLengths(long features, long bins, long result)
    {
        if (features != bins * shape.Dimensions)
        {
            throw new ArgumentException($"features has {features} elements, rows of {shape.Dimensions}, but bins has {bins} entries");
        }

        if (result != features)
        {
            throw new ArgumentException($"features has {features} elements but the destination has {result}");
        }
    }

    public void Dispose()
    {
        _features.Dispose();
        _result.Dispose();
        _bins.Dispose();
    }

    private Scope CopyIn(ReadOnlySpan<float> features, ReadOnlySpan<int> bins, int result)
    {
        for (int i = 0; i < bins.Length; i++)
        {
            if ((uint)bins[i] >= (uint)shape.Bins)
            {
                throw new ArgumentException($"bin of row {i} (counted from 0) is {bins[i]}, but there are {shape.Bins} bins");
            }
        }

        if (_bins.Length < bins.Length)
        {
            _features.Dispose();
            _bins.Dispose();
            _features = backend.Allocate<float>(features.Length);
            _bins = backend.Allocate<int>(bins.Length);
        }

        if (_result.Length < result)
        {
            _result.Dispose();
            _result = backend.Allocate<float>(result);
        }

        var scope = new Scope(backend, _features.Slice(0, features.Length), _bins.Slice(0, bins.Length), _result.Slice(0, result));
        backend.CopyIn(features, scope.Features);
        backend.CopyIn(bins, scope.Bins);
        return scope;
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
