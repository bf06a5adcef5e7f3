using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// <c>dPre_i = dY_i activation'(pre_i)</c>. Launch: groups of 256 in a loop over the elements, four at a time where all views are aligned. 12 to 16 bytes an
/// element. Deterministic; errors as at <see cref="Activation"/>.
/// </summary>
internal static class ActivationGradientKernel
{
    public static void Run(GpuRuntime gpu, Activation activation, ArrayView<float> x, ArrayView<float> y, ArrayView<float> dY, ArrayView<float> dPre)
    {
        if (dY.Length > 0)
        {
            // Only one of argument and value is read; the other may be absent.
            ArrayView<float> read = activation is Activation.Gelu or Activation.Silu ? x : activation == Activation.Identity ? dY : y;
            long quads = Quads.Of(dY.Length, Quads.Aligned(read) && Quads.Aligned(dY) && Quads.Aligned(dPre));
            gpu.Launch(gpu.Elements(Quads.Work(dY.Length, quads)), Kernel, read, dY, dPre, dY.Length, quads, (int)activation);
        }
    }

    public static void Kernel(ArrayView<float> read, ArrayView<float> dY, ArrayView<float> dPre, long count, long quads, int activation)
    {
        long first = Grid.GlobalIndex.X, stride = (long)Grid.DimX * Group.DimX;
        ArrayView<F4> read4 = read.Cast<F4>(), dY4 = dY.Cast<F4>(), dPre4 = dPre.Cast<F4>();
        for (long i = first; i < quads; i += stride)
        {
            F4 r = read4[i], d = dY4[i];
            dPre4[i] = new F4(
                ActivationFormula.Gradient(activation, r.X, r.X, d.X),
                ActivationFormula.Gradient(activation, r.Y, r.Y, d.Y),
                ActivationFormula.Gradient(activation, r.Z, r.Z, d.Z),
                ActivationFormula.Gradient(activation, r.W, r.W, d.W));
        }

        for (long i = 4 * quads + first; i < count; i += stride)
        {
            dPre[i] = ActivationFormula.Gradient(activation, read[i], read[i], dY[i]);
        }
    }
}
