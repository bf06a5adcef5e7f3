using System.Buffers;
using DirKernels.Exchange;

namespace DirKernels.Monitoring;

/// <summary>
/// Statistics of rows in bounded memory: of each input its distribution in cells, its mean and its variance, and of the predictions their label bins. Sketches of parts
/// merge into that of the whole, travel as bytes, and are compared by <see cref="DriftReport"/>.
/// </summary>
/// <remarks>
/// <para>
/// Inputs are standardised as for the network. Their cells: below -4, 32 of width 1/4 from -4 to 4, from 4 on; cell of z is <c>1 + floor(4 (z + 4))</c>, clamped to 0..33. NaN counts
/// as missing and nowhere else. Moments are double precision, merged pairwise: <c>S = S_a + S_b + d^2 n_a n_b / n</c>.
/// </para>
/// <para>Counts merge exactly, moments within rounding. Memory: <c>8 (34 + 4) inputs + 8 bins</c> bytes. Not thread-safe: one sketch for each thread, merged at the end.</para>
/// </remarks>
public sealed class DriftSketch
{
    /// <summary>Cells of an input.</summary>
    public const int Cells = 34;

    /// <summary>Most inputs of a sketch.</summary>
    public const int MostInputs = 1 << 20;

    private const string What = "drift sketch";
    private const double Lowest = -4;
    private const double CellsPerUnit = 4;

    private readonly long[] _cells;
    private readonly long[] _bins;
    private readonly long[] _missing;
    private readonly double[] _means;
    private readonly double[] _scatters;

    /// <summary>An empty sketch.</summary>
    /// <param name="inputs">Inputs of a row, 1..<see cref="MostInputs"/>.</param>
    /// <param name="bins">Label bins, 1..<see cref="LabelBins.MaximumCount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Out of these ranges.</exception>
    public DriftSketch(int inputs, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputs, MostInputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bins, LabelBins.MaximumCount);
        Inputs = inputs;
        _cells = new long[inputs * Cells];
        _bins = new long[bins];
        _missing = new long[inputs];
        _means = new double[inputs];
        _scatters = new double[inputs];
    }

    /// <summary>Inputs of a row.</summary>
    public int Inputs { get; }

    /// <summary>Label bins.</summary>
    public int Bins => _bins.Length;

    /// <summary>Rows added.</summary>
    public long Rows { get; private set; }

    /// <summary>[bins] rows by the bin of their prediction.</summary>
    public ReadOnlySpan<long> BinCounts => _bins;

    /// <summary>[<see cref="Cells"/>] rows by the cell of an input.</summary>
    public ReadOnlySpan<long> CellCounts(int input) => _cells.AsSpan(input * Cells, Cells);

    /// <summary>Rows in which an input was missing.</summary>
    public long Missing(int input) => _missing[input];

    /// <summary>Mean of an input where it was not missing; 0 of none.</summary>
    public double Mean(int input) => _means[input];

    /// <summary>Its population variance; 0 of none.</summary>
    public double Variance(int input) => Present(input) is > 0 and long count ? _scatters[input] / count : 0;

    /// <summary>Adds rows.</summary>
    /// <param name="inputs">[n x inputs], standardised; NaN for a missing value.</param>
    /// <param name="bins">[n] bins of the predictions; see <see cref="LabelBins.IndexOf"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A bin is none of the sketch; nothing has been added.</exception>
    public void Add(ReadOnlySpan<float> inputs, ReadOnlySpan<int> bins)
    {
        if (inputs.Length != (long)bins.Length * Inputs)
        {
            throw new ArgumentException($"inputs has {inputs.Length} elements, rows of {Inputs}, but there are {bins.Length} bins");
        }

        foreach (int bin in bins)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)bin, (uint)Bins, nameof(bins));
        }

        foreach (int bin in bins)
        {
            _bins[bin]++;
        }

        for (int input = 0; input < Inputs; input++)
        {
            AddColumn(inputs, input);
        }

        Rows += bins.Length;
    }

    /// <summary>Adds the rows of another sketch, which stays as it is.</summary>
    /// <exception cref="ArgumentException">It has other inputs or bins; the message carries both.</exception>
    public void Merge(DriftSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Inputs != Inputs || other.Bins != Bins)
        {
            throw new ArgumentException($"a sketch of {other.Inputs} inputs and {other.Bins} bins cannot be merged into one of {Inputs} and {Bins}", nameof(other));
        }

        for (int input = 0; input < Inputs; input++)
        {
            MergeMoments(input, other.Present(input), other._means[input], other._scatters[input]);
            _missing[input] += other._missing[input];
        }

        AddCounts(_cells, other._cells);
        AddCounts(_bins, other._bins);
        Rows += other.Rows;
    }

    /// <summary>The sketch as bytes: little-endian, with version and checksum.</summary>
    public byte[] ToBytes()
    {
        var bytes = new ArrayBufferWriter<byte>(StatisticsHeader.TotalLength(ContentsLength(Inputs, Bins), What));
        var writer = new StatisticsWriter(bytes, StatisticsKind.DriftSketch);
        writer.Write(Inputs);
        writer.Write(Bins);
        writer.Write(_bins);
        for (int input = 0; input < Inputs; input++)
        {
            writer.Write(CellCounts(input));
            writer.Write([_missing[input]]);
            writer.Write(_means[input]);
            writer.Write(_scatters[input]);
        }

        writer.Finish();
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote. What it allocates is bounded by the length of the input.</summary>
    /// <exception cref="InvalidDataException">The bytes are no drift sketch, damaged, incomplete or of a newer version.</exception>
    public static DriftSketch Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new StatisticsReader(bytes, StatisticsKind.DriftSketch, What);
        int inputs = reader.ReadInt32(), bins = reader.ReadInt32();
        if (inputs is < 1 or > MostInputs || bins is < 1 or > LabelBins.MaximumCount)
        {
            throw reader.Fault($"there are {inputs} inputs and {bins} bins; there must be 1..{MostInputs} and 1..{LabelBins.MaximumCount}");
        }

        reader.CheckLengthAndChecksum(ContentsLength(inputs, bins));
        var sketch = new DriftSketch(inputs, bins);
        sketch.Rows = reader.ReadCounts(sketch._bins);
        for (int input = 0; input < inputs; input++)
        {
            long present = reader.ReadCounts(sketch._cells.AsSpan(input * Cells, Cells)), missing = reader.ReadCounts(sketch._missing.AsSpan(input, 1));
            double mean = sketch._means[input] = reader.ReadDouble(), scatter = sketch._scatters[input] = reader.ReadDouble();
            if (present + missing != sketch.Rows || !double.IsFinite(mean) || !double.IsFinite(scatter) || scatter < 0)
            {
                throw reader.Fault($"input {input} has {present} values and {missing} missing ones of {sketch.Rows} rows, mean {mean} and sum of squares {scatter}, which cannot be");
            }
        }

        return sketch;
    }

    private static Int128 ContentsLength(int inputs, int bins) =>
        2 * sizeof(int) + (Int128)bins * sizeof(long) + (Int128)inputs * ((Cells + 1) * sizeof(long) + 2 * sizeof(double));

    private static void AddCounts(long[] counts, long[] others)
    {
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] += others[i];
        }
    }

    private long Present(int input) => Rows - _missing[input];

    private void AddColumn(ReadOnlySpan<float> inputs, int input)
    {
        Span<long> cells = _cells.AsSpan(input * Cells, Cells);
        double shift = 0, sum = 0, squares = 0;
        long count = 0, missing = 0;
        for (int at = input; at < inputs.Length; at += Inputs)
        {
            float z = inputs[at];
            if (float.IsNaN(z))
            {
                missing++;
                continue;
            }

            // Infinity has a cell but no place in a mean; what is beyond any use as an input counts as the end of the range.
            double value = Math.Clamp(z, -1e18, 1e18);
            cells[(int)Math.Clamp(Math.Floor((value - Lowest) * CellsPerUnit) + 1, 0, Cells - 1)]++;
            shift = count == 0 ? value : shift;
            sum += value - shift;
            squares += (value - shift) * (value - shift);
            count++;
        }

        if (count > 0)
        {
            MergeMoments(input, count, shift + sum / count, Math.Max(squares - sum * sum / count, 0));
        }

        _missing[input] += missing;
    }

    private void MergeMoments(int input, long count, double mean, double scatter)
    {
        if (count == 0)
        {
            return;
        }

        double before = Present(input), share = count / (before + count), delta = mean - _means[input];
        _means[input] += delta * share;
        _scatters[input] += scatter + delta * delta * before * share;
    }
}
