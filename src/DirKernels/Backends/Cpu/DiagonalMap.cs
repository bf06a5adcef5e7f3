using System.Numerics;

namespace DirKernels.Backends.Cpu;

/// <summary>The diagonal calibration map and its gradient on one row, each in a single pass; source and destination may be the same.</summary>
internal static unsafe class DiagonalMap
{
    /// <summary><c>result = z + map (z - mean) + shift</c>.</summary>
    public static void Apply(float* z, float* mean, float* map, float* shift, float* result, int width)
    {
        int i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> value = Vector.Load(z + i);
            (value + Vector.Load(shift + i) + (value - Vector.Load(mean + i)) * Vector.Load(map + i)).Store(result + i);
        }

        for (; i < width; i++)
        {
            result[i] = z[i] + shift[i] + (z[i] - mean[i]) * map[i];
        }
    }

    /// <summary><c>result = g + map g</c>.</summary>
    public static void ApplyGradient(float* g, float* map, float* result, int width)
    {
        int i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> value = Vector.Load(g + i);
            (value + value * Vector.Load(map + i)).Store(result + i);
        }

        for (; i < width; i++)
        {
            result[i] = g[i] + g[i] * map[i];
        }
    }
}
