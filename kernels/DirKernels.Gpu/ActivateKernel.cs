using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// <c>y_i = activation(x_i)</c>. Launch: groups of 256 in a loop over the elements, four at a time where both views are aligned. 8 bytes an element.
/// Deterministic; errors as at <see cref="Activation"/>.
/// </summary>
internal static class ActivateKernel
{
    public static void Run(GpuRuntime gpu, Activation activation, ArrayView<float> x, ArrayView<float> y)
    {
        if (y.Length > 0)
        {
            long quads = Quads.Of(y.Length, Quads.Aligned(x) && Quads.Aligned(y));
            gpu.Launch(gpu.Elements(Quads.Work(y.Length, quads)), Kernel, x, y, y.Length, quads, (int)activation);
        }
    }

    public static void Kernel(ArrayView<float> x, ArrayView<float> y, long count, long quads, int activation)
    {
        long first = Grid.GlobalIndex.X, stride = (long)Grid.DimX * Group.DimX;
        ArrayView<F4> x4 = x.Cast<F4>(), y4 = y.Cast<F4>();
        for (long i = first; i < quads; i += stride)
        {
            F4 v = x4[i];
            y4[i] = new F4(
                ActivationFormula.Apply(activation, v.X), ActivationFormula.Apply(activation, v.Y), ActivationFormula.Apply(activation, v.Z), ActivationFormula.Apply(activation, v.W));
        }

        for (long i = 4 * quads + first; i < count; i += stride)
        {
            y[i] = ActivationFormula.Apply(activation, x[i]);
        }
    }
}
