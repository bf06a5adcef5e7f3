using System.Runtime.CompilerServices;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Where the panels of a product's operand come from: element (p, k) of an operand, p along the tile and k along the depth, lies at
/// <c>p PanelStride + k DepthStride</c>, and one of the strides is 1.
/// </summary>
internal struct PanelSource
{
    public int PanelStride;
    public int DepthStride;

    /// <summary>Length along the tile; what lies beyond is 0.</summary>
    public int Limit;

    /// <summary>1 where neighbours can be read four at a time.</summary>
    public int Aligned;

    /// <summary>An operand [Limit x depth], or transposed; <paramref name="stride"/> is the one that is not 1.</summary>
    public static PanelSource Of(ArrayView<float> view, int limit, int stride, bool transposed) => new()
    {
        PanelStride = transposed ? 1 : stride,
        DepthStride = transposed ? stride : 1,
        Limit = limit,
        Aligned = Quads.Aligned(view) && stride % 4 == 0 ? 1 : 0,
    };
}

/// <summary>The runs of four of a panel that one thread carries from device memory to shared memory, in registers while the step before is computed.</summary>
internal struct PanelQuads
{
    /// <summary>Steps of depth of a panel.</summary>
    public const int Depth = 8;

    public F4 Q0;
    public F4 Q1;
    public F4 Q2;
    public F4 Q3;

    /// <summary>Reads the thread's part of the panel at (first, k); beyond the limit and the end there are zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(ArrayView<float> from, in PanelSource source, int first, int k, int end, int tile, int threads)
    {
        // One to four runs a thread: a constant of the kernel, so that the registers that are not needed do not exist.
        int runs = Depth * tile / 4 / threads, thread = Group.IdxX;
        Q0 = ReadOne(from, source, first, k, end, tile, thread);
        if (runs > 1)
        {
            Q1 = ReadOne(from, source, first, k, end, tile, thread + threads);
        }

        if (runs > 2)
        {
            Q2 = ReadOne(from, source, first, k, end, tile, thread + 2 * threads);
            Q3 = ReadOne(from, source, first, k, end, tile, thread + 3 * threads);
        }
    }

    /// <summary>Writes the part to a panel [Depth x tile] that starts at element <paramref name="start"/> and has rows of <paramref name="stride"/> elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Write(ArrayView<F4> panel, bool alongDepth, int start, int tile, int stride, int threads)
    {
        int runs = Depth * tile / 4 / threads, thread = Group.IdxX;
        WriteOne(panel, alongDepth, start, tile, stride, thread, Q0);
        if (runs > 1)
        {
            WriteOne(panel, alongDepth, start, tile, stride, thread + threads, Q1);
        }

        if (runs > 2)
        {
            WriteOne(panel, alongDepth, start, tile, stride, thread + 2 * threads, Q2);
            WriteOne(panel, alongDepth, start, tile, stride, thread + 3 * threads, Q3);
        }
    }

    private static F4 ReadOne(ArrayView<float> from, in PanelSource source, int first, int k, int end, int tile, int quad)
    {
        bool alongDepth = source.DepthStride == 1;
        int at = first + (alongDepth ? quad / (Depth / 4) : quad % (tile / 4) * 4);
        int step = k + (alongDepth ? quad % (Depth / 4) * 4 : quad / (tile / 4));
        long index = (long)at * source.PanelStride + (long)step * source.DepthStride;
        int left = alongDepth ? (at < source.Limit ? end - step : 0) : (step < end ? source.Limit - at : 0);
        if (left >= 4 && source.Aligned != 0)
        {
            return from.Cast<F4>()[index / 4];
        }

        return new F4(
            left > 0 ? from[index] : 0f, left > 1 ? from[index + 1] : 0f, left > 2 ? from[index + 2] : 0f, left > 3 ? from[index + 3] : 0f);
    }

    private static void WriteOne(ArrayView<F4> panel, bool alongDepth, int start, int tile, int stride, int quad, in F4 value)
    {
        if (alongDepth)
        {
            ArrayView<float> elements = panel.Cast<float>();
            int at = start + quad % (Depth / 4) * 4 * stride + quad / (Depth / 4);
            elements[at] = value.X;
            elements[at + stride] = value.Y;
            elements[at + 2 * stride] = value.Z;
            elements[at + 3 * stride] = value.W;
        }
        else
        {
            panel[start / 4 + quad / (tile / 4) * (stride / 4) + quad % (tile / 4)] = value;
        }
    }
}
