using System.Buffers;
using DirKernels.Backends;
using DirKernels.Backends.Cpu;

namespace DirKernels.Features;

/// <summary>
/// Number, mean and scatter of the features of each label bin, gathered in batches and in parts: on several threads, machines or devices, and merged.
/// </summary>
/// <remarks>
/// <para>
/// Per bin <c>n</c>, <c>mean [D]</c> and <c>M2 [D x g] = sum (z - mean)(z - mean)^T</c>, lower triangles of the covariance's blocks, in double precision. Any cut into
/// batches and parts, merged in any order, gives the same up to rounding; a part without samples of a bin leaves that bin as it is, to the bit. Means
/// far larger than deviations lose nothing: <c>E[z^2] - E[z]^2</c> is never formed. Source: Chan, Golub and LeVeque, 1979.
/// </para>
/// <para>
/// Accuracy: as <see cref="IBackend.AccumulateMoments"/>; merging adds a few roundings of double precision. One object is used by one thread at a time.
/// </para>
/// <para>Bytes, version 1, little-endian; L = D (g + 1) / 2 when g divides D, the entries of the lower triangles row by row:</para>
/// <code>
/// offset             type        what
/// 0                  8 bytes     "DIRSTATS"
/// 8                  u32         version, 1
/// 12                 u32         kind, 2
/// 16                 i32         B, at least 1
/// 20                 i32         D, at least 1
/// 24                 i32         g, 1..D: 1 diagonal, D full
/// 28                 i32         0
/// 32                 i64 x B     counts, not negative, together at most 2^53
/// 32 + 8 B           bins        for each bin: mean (f64 x D), scatter (f64 x L), all finite; zeros where the count is 0
/// end - 4            u32         CRC-32C of all bytes before
/// </code>
/// </remarks>
public sealed class FeatureMoments : IDisposable
{
    private readonly IBackend _backend;
    private readonly bool _ownsBackend;
    private readonly HostOperands _host;

    /// <summary>Prepares empty moments of D dimensions and B bins.</summary>
    /// <param name="dimensions">D, at least 1.</param>
    /// <param name="binCount">B, at least 1.</param>
    /// <param name="covariance">Which entries of the scatters are kept.</param>
    /// <param name="backend">Where they are gathered; null for a CPU backend of its own.</param>
    /// <exception cref="ArgumentException">A size is below 1, or one bin's scatter has more entries than an array.</exception>
    public FeatureMoments(int dimensions, int binCount, CovarianceKind covariance, IBackend? backend = null)
        : this(CheckedShape(dimensions, binCount, covariance), backend ?? new CpuBackend(), ownsBackend: backend is null)
    {
    }

    internal FeatureMoments(BinShape shape, IBackend backend, bool ownsBackend)
    {
        _ownsBackend = ownsBackend;
        _backend = backend;
        OnBackend = new MomentsOnBackend(backend, shape);
        _host = new HostOperands(backend, shape);
    }

    /// <summary>D.</summary>
    public int Dimensions => Shape.Dimensions;

    /// <summary>B.</summary>
    public int BinCount => Shape.Bins;

    /// <summary>g: 1 diagonal, D full.</summary>
    public int BlockSize => Shape.BlockSize;

    /// <summary>Samples in all bins, at most 2^53.</summary>
    public long Total { get; private set; }

    internal MomentsOnBackend OnBackend { get; }

    internal BinShape Shape => OnBackend.Shape;

    internal HostOperands Host => _host;

    /// <summary>Merges a batch of features; allocates nothing once it has seen the largest batch.</summary>
    /// <param name="features">[n x D], row-major, finite.</param>
    /// <param name="bins">[n] in 0..B-1.</param>
    /// <exception cref="ArgumentException">The shapes do not match, or a bin is out of range.</exception>
    public void Accumulate(ReadOnlySpan<float> features, ReadOnlySpan<int> bins)
    {
        HostOperands.Scope scope = _host.Open(features, bins);
        Accumulate(scope.Features, scope.Bins);
    }

    /// <summary>Merges a batch that lies on the backend.</summary>
    /// <param name="features">[n x D].</param>
    /// <param name="bins">[n] in 0..B-1; not checked.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public void Accumulate(DeviceView<float> features, DeviceView<int> bins)
    {
        _host.CheckLengths(features.Length, bins.Length, features.Length);
        long total = SampleCount.Sum(Total, bins.Length);
        OnBackend.Accumulate(features, bins);
        Total = total;
    }

    /// <summary>Merges moments gathered elsewhere, bin by bin, on the host; the other ones may lie on another backend.</summary>
    /// <param name="other">Moments of the same B, D and g; their values do not change. May be this object, which then holds everything twice.</param>
    /// <exception cref="ArgumentException">The sizes differ (both are named), or there would be more than 2^53 samples.</exception>
    public void Merge(FeatureMoments other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Shape != other.Shape)
        {
            throw new ArgumentException($"feature moments of {Describe(other.Shape)} cannot be merged into those of {Describe(Shape)}", nameof(other));
        }

        long total = SampleCount.Sum(Total, other.Total);
        long[] counts = Counts(), otherCounts = other.Counts();
        double[] mean = new double[Dimensions], scatter = new double[Shape.CovarianceWidth];
        double[] otherMean = new double[Dimensions], otherScatter = new double[Shape.CovarianceWidth];
        for (int b = 0; b < BinCount; b++)
        {
            if (otherCounts[b] > 0)
            {
                OnBackend.CopyOut(b, mean, scatter);
                other.OnBackend.CopyOut(b, otherMean, otherScatter);
                MomentsMerge.Merge(Shape, counts[b], mean, scatter, otherCounts[b], otherMean, otherScatter);
                OnBackend.CopyIn(b, mean, scatter);
                counts[b] += otherCounts[b];
            }
        }

        SetCounts(counts, total);
    }

    /// <summary>Forgets all samples.</summary>
    public void Clear()
    {
        OnBackend.Clear();
        Total = 0;
    }

    /// <summary>[B] samples of each bin.</summary>
    public long[] Counts() => OnBackend.Counts();

    /// <summary>[D] mean of a bin; 0 without samples.</summary>
    public double[] Mean(int bin)
    {
        var mean = new double[Dimensions];
        OnBackend.CopyOut(bin, mean, []);
        return mean;
    }

    /// <summary>[D x g] scatter of a bin, <c>M2</c>: lower triangles of the blocks, zeros above; entry (i, j) at <c>i g + j - g floor(i / g)</c>.</summary>
    public double[] Scatter(int bin)
    {
        var scatter = new double[Shape.CovarianceWidth];
        OnBackend.CopyOut(bin, [], scatter);
        return scatter;
    }

    /// <summary>[D x g] covariance of a bin, <c>M2 / max(1, n - 1)</c>, laid out as <see cref="Scatter"/>.</summary>
    public double[] Covariance(int bin)
    {
        double[] covariance = Scatter(bin);
        double divisor = Math.Max(1, Counts()[bin] - 1);
        for (int i = 0; i < covariance.Length; i++)
        {
            covariance[i] /= divisor;
        }

        return covariance;
    }

    /// <summary>Writes the bytes that <see cref="Read"/> reads.</summary>
    /// <param name="destination">Receives them, in pieces of a few kilobytes.</param>
    /// <exception cref="InvalidDataException">A number is not finite, since features were not; its bin is named.</exception>
    /// <exception cref="InvalidOperationException">They would be more bytes than an array holds.</exception>
    public void WriteTo(IBufferWriter<byte> destination) => FeatureMomentsBytes.Write(this, destination);

    /// <summary>The bytes that <see cref="Read"/> reads.</summary>
    /// <exception cref="InvalidDataException">A number is not finite, since features were not; its bin is named.</exception>
    /// <exception cref="InvalidOperationException">They would be more bytes than an array holds.</exception>
    public byte[] ToBytes()
    {
        var bytes = new ArrayBufferWriter<byte>(FeatureMomentsBytes.Length(Shape));
        WriteTo(bytes);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads what <see cref="WriteTo"/> wrote, whatever backend it came from. What it allocates is bounded by a few times the length of the input, whatever its
    /// header says.
    /// </summary>
    /// <param name="bytes">All bytes and no more.</param>
    /// <param name="backend">Where the moments will lie; null for a CPU backend of their own with one thread.</param>
    /// <exception cref="InvalidDataException">The bytes are no feature moments, damaged, incomplete or of a newer version; the message says which.</exception>
    public static FeatureMoments Read(ReadOnlySpan<byte> bytes, IBackend? backend = null) => FeatureMomentsBytes.Read(bytes, backend);

    /// <inheritdoc/>
    public void Dispose()
    {
        OnBackend.Dispose();
        _host.Dispose();
        if (_ownsBackend)
        {
            _backend.Dispose();
        }
    }

    /// <summary>The shape of D, B and a kind of covariance.</summary>
    /// <exception cref="ArgumentException">A size is below 1, or one bin's scatter has more entries than an array.</exception>
    internal static BinShape CheckedShape(int dimensions, int binCount, CovarianceKind covariance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(binCount, 1);
        int blockSize = covariance.BlockSize(dimensions);
        return (long)dimensions * blockSize <= Array.MaxLength
            ? new BinShape(binCount, dimensions, blockSize)
            : throw new ArgumentException($"the {covariance} covariance of {dimensions} dimensions has {(long)dimensions * blockSize} entries, more than an array");
    }

    /// <summary>Sets the number of samples of each bin, whose means and scatters go to <see cref="OnBackend"/>.</summary>
    internal void SetCounts(long[] counts, long total)
    {
        OnBackend.SetCounts(counts);
        Total = total;
    }

    private static string Describe(BinShape shape) => $"{shape.Bins} bins of {shape.Dimensions} dimensions in blocks of {shape.BlockSize}";
}
