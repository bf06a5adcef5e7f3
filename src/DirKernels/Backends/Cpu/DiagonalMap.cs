using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>The diagonal calibration map and its gradient on one row, each in a single pass; source and destination may be the same.</summary>
internal static unsafe class DiagonalMap
{
    /// <summary><c>result = z + map (z - mean) + shift</c>.</summary>
    /// <param name="z">[width].</param>
    /// <param name="mean">[width].</param>
    /// <param name="map">[width].</param>
    /// <param name="shift">[width].</param>
    /// <param name="result">[width].</param>
    /// <param name="width">D.</param>
    /// <param name="around">Stores past the caches.</param>
    /// <param name="ahead">[width] what is read next, or any address: it is fetched early.</param>
    public static void Apply(float* z, float* mean, float* map, float* shift, float* result, int width, bool around, float* ahead)
    {
        // It waits for memory: half registers measured 5.5 ms where whole ones took 6.4, at 512 bits and 50,000 x 512.
        int applied = InstructionSet.Bits switch
        {
            >= 256 => ApplyVectors<Simd256, Vector256<float>>(z, mean, map, shift, result, width, around, ahead),
            _ => ApplyVectors<Simd128, Vector128<float>>(z, mean, map, shift, result, width, around, ahead),
        };
        for (int i = applied; i < width; i++)
        {
            result[i] = z[i] + shift[i] + (z[i] - mean[i]) * map[i];
        }
    }

    /// <summary>What a full map multiplies: <c>centred = z - mean</c>.</summary>
    /// <param name="z">[width].</param>
    /// <param name="mean">[width].</param>
    /// <param name="centred">[width].</param>
    /// <param name="width">D.</param>
    /// <param name="ahead">[width] what is read next, or any address: it is fetched early.</param>
    /// <param name="destination">[width] what is written soon, likewise; null where that goes past the caches.</param>
    public static void Center(float* z, float* mean, float* centred, int width, float* ahead, float* destination)
    {
        int done = InstructionSet.Bits switch
        {
            >= 256 => CenterVectors<Simd256, Vector256<float>>(z, mean, centred, width, ahead, destination),
            _ => CenterVectors<Simd128, Vector128<float>>(z, mean, centred, width, ahead, destination),
        };
        for (int i = done; i < width; i++)
        {
            centred[i] = z[i] - mean[i];
        }
    }

    /// <summary><c>result = g + map g</c>.</summary>
    public static void ApplyGradient(float* g, float* map, float* result, int width)
    {
        int applied = InstructionSet.Bits switch
        {
            512 => ApplyGradientVectors<Simd512, Vector512<float>>(g, map, result, width),
            256 => ApplyGradientVectors<Simd256, Vector256<float>>(g, map, result, width),
            _ => ApplyGradientVectors<Simd128, Vector128<float>>(g, map, result, width),
        };
        for (int i = applied; i < width; i++)
        {
            result[i] = g[i] + g[i] * map[i];
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private static int ApplyVectors<TSimd, TVector>(float* z, float* mean, float* map, float* shift, float* result, int width, bool around, float* ahead)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int i = 0;
        if (around && (nuint)result % (nuint)(TSimd.Width * sizeof(float)) == 0)
        {
            for (; i <= width - TSimd.Width; i += TSimd.Width)
            {
                CacheLine.Fetch(ahead + i);
                TVector value = TSimd.Load(z + i), moved = TSimd.Add(value, TSimd.Load(shift + i));
                TSimd.StoreAround(TSimd.MultiplyAdd(TSimd.Subtract(value, TSimd.Load(mean + i)), TSimd.Load(map + i), moved), result + i);
            }

            return i;
        }

        for (; i <= width - TSimd.Width; i += TSimd.Width)
        {
            TVector value = TSimd.Load(z + i), moved = TSimd.Add(value, TSimd.Load(shift + i));
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Subtract(value, TSimd.Load(mean + i)), TSimd.Load(map + i), moved), result + i);
        }

        return i;
    }

    [MethodImpl(KernelMethod.Options)]
    private static int CenterVectors<TSimd, TVector>(float* z, float* mean, float* centred, int width, float* ahead, float* destination)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        // A line for two registers, of 256 bits.
        int i = 0;
        for (; i <= width - 2 * TSimd.Width; i += 2 * TSimd.Width)
        {
            CacheLine.Fetch(ahead + i);
            if (destination != null)
            {
                CacheLine.Fetch(destination + i);
            }

            TSimd.Store(TSimd.Subtract(TSimd.Load(z + i), TSimd.Load(mean + i)), centred + i);
            TSimd.Store(TSimd.Subtract(TSimd.Load(z + i + TSimd.Width), TSimd.Load(mean + i + TSimd.Width)), centred + i + TSimd.Width);
        }

        for (; i <= width - TSimd.Width; i += TSimd.Width)
        {
            TSimd.Store(TSimd.Subtract(TSimd.Load(z + i), TSimd.Load(mean + i)), centred + i);
        }

        return i;
    }

    [MethodImpl(KernelMethod.Options)]
    private static int ApplyGradientVectors<TSimd, TVector>(float* g, float* map, float* result, int width)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        int i = 0;
        for (; i <= width - TSimd.Width; i += TSimd.Width)
        {
            TVector value = TSimd.Load(g + i);
            TSimd.Store(TSimd.MultiplyAdd(value, TSimd.Load(map + i), value), result + i);
        }

        return i;
    }
}
