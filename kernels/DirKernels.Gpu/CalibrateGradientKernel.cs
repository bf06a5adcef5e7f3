using DirKernels.Backends;
using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// <c>dz = dz~ + T_b^T dz~</c>. The diagonal kind is here; blocks are <see cref="TriangularProductKernel"/>. Launch: groups of 256 in a loop over the elements, four at a time
/// where they lie aligned. 8 bytes an element, the maps from the caches. Deterministic; two roundings.
/// </summary>
internal static class CalibrateGradientKernel
{
    public static void Run(
        GpuRuntime gpu, ArrayView<float> dCalibrated, ArrayView<int> bins, BinShape shape, ArrayView<float> maps, ArrayView<float> dFeatures)
    {
        if (bins.Length == 0)
        {
            return;
        }

        if (shape.BlockSize > 1)
        {
            ArrayView<float> nothing = gpu.Nothing<float>();
            TriangularProductKernel.Run(gpu, dCalibrated, bins, shape, nothing, maps, nothing, dFeatures, upper: false);
            return;
        }

        bool aligned = shape.Dimensions % 4 == 0 && Quads.Aligned(dCalibrated) && Quads.Aligned(maps) && Quads.Aligned(dFeatures);
        long count = aligned ? dCalibrated.Length / 4 : dCalibrated.Length;
        gpu.Launch(gpu.Elements(count), Kernel, dCalibrated, bins, maps, dFeatures, count, shape.Dimensions, aligned ? 1 : 0);
    }

    public static void Kernel(
        ArrayView<float> dCalibrated, ArrayView<int> bins, ArrayView<float> maps, ArrayView<float> dFeatures, long count, int width, int aligned)
    {
        long stride = (long)Grid.DimX * Group.DimX;
        int steps = aligned != 0 ? width / 4 : width;
        ArrayView<F4> d4 = dCalibrated.Cast<F4>(), maps4 = maps.Cast<F4>(), results4 = dFeatures.Cast<F4>();
        for (long i = Grid.GlobalIndex.X; i < count; i += stride)
        {
            long row = i / steps, map = (long)bins[row] * steps + (i - row * steps);
            if (aligned != 0)
            {
                F4 d = d4[i], t = maps4[map];
                results4[i] = new F4(d.X + d.X * t.X, d.Y + d.Y * t.Y, d.Z + d.Z * t.Z, d.W + d.W * t.W);
            }
            else
            {
                float d = dCalibrated[i];
                dFeatures[i] = d + d * maps[map];
            }
        }
    }
}
