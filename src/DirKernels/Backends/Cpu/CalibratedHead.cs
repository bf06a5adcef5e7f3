using System.Numerics.Tensors;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// The linear head of a network behind calibration, forwards and backwards, bin by bin: one product of a bin's map with the head's weights stands for the
/// calibration of all rows of the bin.
/// </summary>
/// <remarks>
/// With <c>z~ = z + T (z - mu) + shift</c> and <c>u = w + T^T w</c>: the prediction is <c>w z~ + b = u (z - mu) + w (mu + shift) + b</c>, the gradient of the features is <c>g u</c> for the
/// gradient g of a row's prediction, and that of w over a bin's rows <c>sum g z~ = s + T s + (sum g)(mu + shift)</c> with <c>s = sum g (z - mu)</c>. Two products with a map for each bin and
/// target instead of two for each row. Rows of a bin are one run of the order; runs are dealt to chunks by where they start, so that results do not depend on threads.
/// </remarks>
internal unsafe struct CalibratedHead : IBlockJob
{
    /// <summary>Chunks that threads take one after the other.</summary>
    public const int Chunks = 16;

    /// <summary>Rows of a run that are looked at together.</summary>
    private const int RowsAtOnce = 32;

    public RegressionLoss Loss;
    public BinShape Shape;
    public int Targets;

    /// <summary>n.</summary>
    public int Rows;

    /// <summary>[targets x room] columns of the head's weights.</summary>
    public float* Weights;

    /// <summary>[targets].</summary>
    public float* Bias;
    public float* Means;
    public float* Maps;
    public float* Shifts;
    public int* Bins;
    public int* Order;
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
    public static long ScratchOfChunk(BinShape shape, int targets) => (long)TriangularVector.Room(shape) * (RowsAtOnce + 2 * targets + 2) + (RowsAtOnce + 2) * targets;

    private readonly int Room => TriangularVector.Room(Shape);

    public readonly void Run(int chunk)
    {
        int from = (int)((long)Rows * chunk / Chunks), to = (int)((long)Rows * (chunk + 1) / Chunks), room = Room;
        float* dWeights = WeightGradients + (long)chunk * Targets * room, dBias = BiasGradients + (long)chunk * Targets;
        new Span<float>(dWeights, Targets * room).Clear();
        new Span<float>(dBias, Targets).Clear();
        double loss = 0;

        // The run that reaches over the start belongs to an earlier chunk.
        int visit = from;
        while (visit > 0 && visit < to && Bins[Order[visit]] == Bins[Order[visit - 1]])
        {
            visit++;
        }

        while (visit < to)
        {
            int bin = Bins[Order[visit]], end = visit + 1;
            while (end < Rows && Bins[Order[end]] == bin)
            {
                end++;
            }

            loss += RunBin(bin, visit, end, dWeights, dBias, Scratch + chunk * ScratchOfChunk(Shape, Targets));
            visit = end;
        }

        Losses[chunk] = loss;
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
        float* mean = Means + (long)bin * d, shift = Shifts + (long)bin * d, map = Maps + (long)bin * Shape.CovarianceWidth;
        float* felt = scratch, sums = felt + Targets * room, product = sums + Targets * room, centre = product + room, x = centre + room;
        float* gradient = x + RowsAtOnce * room, constants = gradient + RowsAtOnce * Targets, gradientSums = constants + Targets;
        new Span<float>(sums, Targets * room).Clear();
        new Span<float>(gradientSums, Targets).Clear();
        TensorPrimitives.Add(new ReadOnlySpan<float>(mean, d), new ReadOnlySpan<float>(shift, d), new Span<float>(centre, d));
        for (int t = 0; t < Targets; t++)
        {
            TriangularVector.AddTransposedProduct(map, Shape, Weights + t * room, felt + t * room);
            RowSums.Dot(centre, 1, d, Weights + t * room, Bias[t], constants + t);
        }

        double loss = 0;
        for (int at = first; at < end; at += RowsAtOnce)
        {
            int rows = Math.Min(RowsAtOnce, end - at);
            for (int r = 0; r < rows; r++)
            {
                float* z = Features + (long)Order[at + r] * d;
                DiagonalMap.Center(z, mean, x + (long)r * d, d, z, z);
            }

            for (int t = 0; t < Targets; t++)
            {
                RowSums.Dot(x, rows, d, felt + t * room, constants[t], gradient + t * RowsAtOnce);
            }

            loss += Differentiate(at, rows, gradient);
            for (int t = 0; t < Targets; t++)
            {
                RowSums.Combine(x, gradient + t * RowsAtOnce, rows, d, product);
                Add(product, 1, d, sums + t * room);
                gradientSums[t] += TensorPrimitives.Sum(new ReadOnlySpan<float>(gradient + t * RowsAtOnce, rows));
            }

            SpreadGradient(at, rows, gradient, felt);
        }

        for (int t = 0; t < Targets; t++)
        {
            TriangularVector.AddProduct(map, Shape, sums + t * room, product);
            Add(product, 1, d, dWeights + t * room);
            Add(centre, gradientSums[t], d, dWeights + t * room);
            dBias[t] += gradientSums[t];
        }

        return loss;
    }

    // The weighted loss of some rows; their predictions [targets x rows at once] become its gradient.
    private readonly double Differentiate(int at, int rows, float* predictions)
    {
        float share = 1f / ((long)Rows * Targets);
        double sum = 0;
        for (int r = 0; r < rows; r++)
        {
            long row = RowNumbers[Order[at + r]];
            float weight = AllWeights == null ? 1 : AllWeights[row];
            for (int t = 0; t < Targets; t++)
            {
                ref float prediction = ref predictions[t * RowsAtOnce + r];
                sum += (double)weight * Loss.Evaluate(prediction - AllTargets[row * Targets + t], out float derivative);
                prediction = weight * derivative * share;
            }
        }

        return sum / Targets;
    }

    private readonly void SpreadGradient(int at, int rows, float* gradient, float* felt)
    {
        int d = Shape.Dimensions;
        for (int r = 0; r < rows; r++)
        {
            float* to = FeatureGradient + (long)Order[at + r] * d;
            RowSums.Spread(gradient + r, 1, felt, d, to);
            for (int t = 1; t < Targets; t++)
            {
                Add(felt + t * Room, gradient[t * RowsAtOnce + r], d, to);
            }
        }
    }

    // sum += factor x.
    private static void Add(float* x, float factor, int count, float* sum)
    {
        var to = new Span<float>(sum, count);
        TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(x, count), factor, to, to);
    }
}
