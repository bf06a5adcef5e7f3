using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// The linear head of a network behind calibration, forwards and backwards, bin by bin: one product of a bin's map with the head's weights stands for the
/// calibration of all rows of the bin.
/// </summary>
/// <remarks>
/// With <c>z~ = A (z - mu) + mu + shift</c>, <c>A = I + T</c>, and <c>u = A^T w</c>: the prediction is <c>w z~ + b = u (z - mu) + w (mu + shift) + b</c>, the gradient of the features is <c>g u</c> for the
/// gradient g of a row's prediction, and that of w over a bin's rows <c>sum g z~ = A s + (sum g)(mu + shift)</c> with <c>s = sum g (z - mu)</c>. Two products with a map for each bin and
/// target instead of two for each row. Rows of a bin are one run of the order; runs are dealt to chunks by where they start, so that results do not depend on threads.
/// </remarks>
internal unsafe struct CalibratedHead : IBlockJob
{
    /// <summary>Chunks that threads take one after the other.</summary>
    public const int Chunks = 16;

    public RegressionLoss Loss;
    public BinShape Shape;
    public int Targets;

    /// <summary>n.</summary>
    public int Rows;

    /// <summary>[targets x room] columns of the head's weights.</summary>
    public float* Weights;

    /// <summary>[targets].</summary>
    public float* Bias;

    /// <summary>[B x length of a bin], see <see cref="PackedCalibration"/>.</summary>
    public float* Packed;
    public long LengthOfBin;

    /// <summary>[n].</summary>
    public int* Bins;

    /// <summary>[n] rows of the batch in the table.</summary>
    public int* RowNumbers;
    public float* AllTargets;
    public float* AllWeights;

    /// <summary>[n x D].</summary>
    public float* Features;

    /// <summary>[n x D], receives the gradient of the features.</summary>
    public float* FeatureGradient;

    /// <summary>[chunks x targets x room] sums of the gradient of the weights, then [chunks x targets] of the bias.</summary>
    public float* WeightGradients;
    public float* BiasGradients;

    /// <summary>[chunks].</summary>
    public double* Losses;

    /// <summary>[chunks x <see cref="ScratchOfChunk"/>].</summary>
    public float* Scratch;

    /// <summary>Elements that a chunk works in.</summary>
    public static long ScratchOfChunk(BinShape shape, int targets) =>
        ScratchPieces.WholeLines(targets * (TriangularVector.PartialLength(shape) + 2L * TriangularVector.Room(shape) + 2));

    /// <summary>Elements that a block of rows works in: its sums, then what a chunk needs.</summary>
    public static long ScratchOfBlock(BinShape shape, int targets) =>
        targets * TriangularVector.Room(shape) + ScratchPieces.WholeLines(targets) + ScratchOfChunk(shape, targets);

    /// <summary>Elements of <see cref="Weights"/>.</summary>
    public readonly long WeightLength => (long)Targets * Room;

    private readonly int Room => TriangularVector.Room(Shape);

    /// <summary>Before the rows are visited: the columns of the weights.</summary>
    /// <param name="weights">[D x targets].</param>
    public readonly void Prepare(float* weights)
    {
        for (int t = 0; t < Targets; t++)
        {
            for (int k = 0; k < Shape.Dimensions; k++)
            {
                Weights[t * Room + k] = weights[(long)k * Targets + t];
            }
        }
    }

    /// <summary>A chunk of the rows.</summary>
    public readonly void Run(int chunk)
    {
        int from = (int)((long)Rows * chunk / Chunks), to = (int)((long)Rows * (chunk + 1) / Chunks);
        float* dWeights = WeightGradients + (long)chunk * Targets * Room, dBias = BiasGradients + (long)chunk * Targets;
        new Span<float>(dWeights, Targets * Room).Clear();
        new Span<float>(dBias, Targets).Clear();

        // The run that reaches over the start belongs to an earlier chunk.
        Losses[chunk] = from == to ? 0 : RunBins(EndOfRun(from), EndOfRun(to), dWeights, dBias, Scratch + chunk * ScratchOfChunk(Shape, Targets));
    }

    /// <summary>A block of rows.</summary>
    /// <param name="first">First row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="features">[rows x D].</param>
    /// <param name="featureGradient">[rows x D], receives the gradient of the features.</param>
    /// <param name="scratch">[<see cref="ScratchOfBlock"/>].</param>
    /// <param name="dWeights">[D x targets], receives the share of the gradient.</param>
    /// <param name="dBias">[targets], likewise.</param>
    /// <param name="adds">Whether the share is added to what they hold.</param>
    /// <returns>The weighted loss.</returns>
    public readonly double RunRows(int first, int rows, float* features, float* featureGradient, float* scratch, float* dWeights, float* dBias, bool adds)
    {
        CalibratedHead block = this;
        block.Features = features - (long)first * Shape.Dimensions;
        block.FeatureGradient = featureGradient - (long)first * Shape.Dimensions;
        float* sums = scratch, slopes = scratch + Targets * Room, work = slopes + ScratchPieces.WholeLines(Targets);
        new Span<float>(scratch, (int)(work - scratch)).Clear();
        double loss = block.RunBins(first, first + rows, sums, slopes, work);
        for (int t = 0; t < Targets; t++)
        {
            dBias[t] = adds ? dBias[t] + slopes[t] : slopes[t];
            for (int k = 0; k < Shape.Dimensions; k++)
            {
                float* to = dWeights + (long)k * Targets + t;
                *to = adds ? *to + sums[t * Room + k] : sums[t * Room + k];
            }
        }

        return loss;
    }

    // Where the run of a bin ends that a boundary of chunks lies in; a boundary between runs stays where it is.
    private readonly int EndOfRun(int boundary)
    {
        while (boundary > 0 && boundary < Rows && Bins[boundary] == Bins[boundary - 1])
        {
            boundary++;
        }

        return boundary;
    }

    private readonly double RunBins(int first, int end, float* dWeights, float* dBias, float* scratch)
    {
        long partial = TriangularVector.PartialLength(Shape);
        new Span<float>(scratch, (int)(Targets * partial)).Clear();
        double loss = 0;
        for (int next; first < end; first = next)
        {
            next = first + 1;
            while (next < end && Bins[next] == Bins[first])
            {
                next++;
            }

            loss += RunBin(Bins[first], first, next, dWeights, dBias, scratch);
        }

        for (int t = 0; t < Targets; t++)
        {
            TriangularVector.AddPartials(scratch + t * partial, Shape, dWeights + t * Room);
        }

        return loss;
    }

    /// <summary>Adds the chunks' gradients in order.</summary>
    /// <param name="dWeights">[D x targets].</param>
    /// <param name="dBias">[targets].</param>
    public readonly void FoldGradients(float* dWeights, float* dBias)
    {
        for (int t = 0; t < Targets; t++)
        {
            dBias[t] = 0;
            for (int chunk = 0; chunk < Chunks; chunk++)
            {
                dBias[t] += BiasGradients[chunk * Targets + t];
            }

            float* total = WeightGradients + t * Room;
            for (int chunk = 1; chunk < Chunks; chunk++)
            {
                Add(total + (long)chunk * Targets * Room, 1, Shape.Dimensions, total);
            }

            for (int k = 0; k < Shape.Dimensions; k++)
            {
                dWeights[(long)k * Targets + t] = total[k];
            }
        }
    }

    private readonly double RunBin(int bin, int first, int end, float* dWeights, float* dBias, float* scratch)
    {
        int d = Shape.Dimensions, room = Room;
        long partial = TriangularVector.PartialLength(Shape);
        float* mean = Packed + bin * LengthOfBin, centre = mean + PackedCalibration.CentreAt(Shape), map = mean + PackedCalibration.PanelsAt(Shape);
        float* felt = scratch + Targets * partial, sums = felt + Targets * room, constants = sums + Targets * room, slopes = constants + Targets;
        new Span<float>(sums, Targets * room).Clear();
        new Span<float>(slopes, Targets).Clear();
        for (int t = 0; t < Targets; t++)
        {
            TriangularVector.TransposedProduct(map, Shape, Weights + t * room, felt + t * room);
            RowSums.Dot(centre, 1, d, Weights + t * room, Bias[t], constants + t);
        }

        double loss = InstructionSet.Bits switch
        {
            512 => RunRows<Simd512, Vector512<float>>(first, end, mean, felt, constants, sums, slopes),
            256 => RunRows<Simd256, Vector256<float>>(first, end, mean, felt, constants, sums, slopes),
            _ => RunRows<Simd128, Vector128<float>>(first, end, mean, felt, constants, sums, slopes),
        };
        for (int t = 0; t < Targets; t++)
        {
            TriangularVector.AccumulateProduct(map, Shape, sums + t * room, scratch + t * partial);
            Add(centre, slopes[t], d, dWeights + t * room);
            dBias[t] += slopes[t];
        }

        return loss;
    }

    /// <summary>Rows of a bin, one after the other forwards and backwards: they are few, and each loop over them would end where nobody expects it.</summary>
    /// <param name="first">First row.</param>
    /// <param name="end">Behind the last one.</param>
    /// <param name="mean">[D].</param>
    /// <param name="felt">[targets x room] u.</param>
    /// <param name="constants">[targets] what a prediction is at the mean.</param>
    /// <param name="sums">[targets x room] s, added to.</param>
    /// <param name="slopes">[targets] sums of g, added to.</param>
    [MethodImpl(KernelMethod.Options)]
    private readonly double RunRows<TSimd, TVector>(int first, int end, float* mean, float* felt, float* constants, float* sums, float* slopes)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int d = Shape.Dimensions, room = Room;
        float share = 1f / ((long)Rows * Targets);
        double loss = 0;
        for (int i = first; i < end; i++)
        {
            long at = (long)i * d, row = RowNumbers[i];
            float* z = Features + at;
            float weight = AllWeights == null ? 1 : AllWeights[row];
            for (int t = 0; t < Targets; t++)
            {
                float error = CentredRow.Dot<TSimd, TVector>(z, mean, felt + t * room, d) + constants[t] - AllTargets[row * Targets + t];
                loss += (double)weight * Loss.Evaluate(error, out float derivative);
                float slope = weight * derivative * share;
                slopes[t] += slope;
                CentredRow.Differentiate<TSimd, TVector>(z, mean, felt + t * room, d, slope, adds: t > 0, sums + t * room, FeatureGradient + at);
            }
        }

        return loss / Targets;
    }

    // sum += factor x.
    private static void Add(float* x, float factor, int count, float* sum)
    {
        var to = new Span<float>(sum, count);
        TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(x, count), factor, to, to);
    }
}
