namespace DirKernels.Backends.Cpu;

/// <summary>Dropout of a run of elements, by the numbers of the elements in the whole matrix.</summary>
internal static unsafe class DropoutFormula
{
    /// <summary><c>y_i = x_i / (1 - rate)</c> where the random number of (stream, start + i) is at least rate, else 0; x and y may be the same.</summary>
    public static void Apply(float* x, float rate, ulong stream, long start, float* y, int count)
    {
        float scale = 1 / (1 - rate);
        for (int i = 0; i < count; i++)
        {
            y[i] = CounterRandom.Uniform(stream, (ulong)(start + i)) >= rate ? x[i] * scale : 0;
        }
    }
}
