using System.Numerics;

namespace DirKernels.Backends.Cpu;

/// <summary>Dropout of a run of elements, by the numbers of the elements in the whole matrix.</summary>
internal static unsafe class DropoutFormula
{
    /// <summary><c>y_i = x_i / (1 - rate)</c> where the random number of (stream, start + i) is at least rate, else 0; x and y may be the same.</summary>
    public static void Apply(float* x, float rate, ulong stream, long start, float* y, int count) => Apply(x, rate, stream, start, 1, y, count);

    /// <summary>The same of elements with the numbers <c>start + i stride</c>.</summary>
    public static void Apply(float* x, float rate, ulong stream, long start, long stride, float* y, int count)
    {
        float scale = 1 / (1 - rate);
        int i = Vector.IsHardwareAccelerated ? ApplyWhole(x, rate, scale, stream + ((ulong)start + 1) * CounterRandom.Golden, (ulong)stride * CounterRandom.Golden, y, count) : 0;
        for (; i < count; i++)
        {
            y[i] = CounterRandom.Uniform(stream, (ulong)(start + i * stride)) >= rate ? x[i] * scale : 0;
        }
    }

    // Whole registers; returns how many elements that are.
    private static int ApplyWhole(float* x, float rate, float scale, ulong state, ulong next, float* y, int count)
    {
        // A number k 2^-24 is at least the rate where k is at least the rate's own multiple, rounded up; that is exact.
        var threshold = new Vector<int>((int)Math.Ceiling((double)rate * (1 << 24)));
        var factor = new Vector<float>(scale);
        Vector<ulong> states = new Vector<ulong>(state) + Vector<ulong>.Indices * next;
        var step = new Vector<ulong>((ulong)Vector<ulong>.Count * next);
        int i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<ulong> low = Numbers(states), high = Numbers(states + step);
            states += step + step;
            Vector<int> isKept = Vector.GreaterThanOrEqual(Vector.AsVectorInt32(Vector.Narrow(low, high)), threshold);
            Vector.ConditionalSelect(isKept, Vector.Load(x + i) * factor, Vector<float>.Zero).Store(y + i);
        }

        return i;
    }

    // The upper 24 bits of CounterRandom.Bits, whose last exclusive or reaches the lower 33 bits alone.
    private static Vector<ulong> Numbers(Vector<ulong> z)
    {
        z = (z ^ (z >> 30)) * CounterRandom.FirstFactor;
        z = (z ^ (z >> 27)) * CounterRandom.SecondFactor;
        return z >> 40;
    }
}
