using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DirKernels.Gpu;

/// <summary>Four neighbouring numbers that are read or written at once; they start at a multiple of 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct F4
{
    public float X;
    public float Y;
    public float Z;
    public float W;

    public F4(float x, float y, float z, float w)
    {
        X = x;
        Y = y;
        Z = z;
        W = w;
    }

    /// <summary>Adds a number times another four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddProduct(float a, in F4 b)
    {
        X += a * b.X;
        Y += a * b.Y;
        Z += a * b.Z;
        W += a * b.W;
    }

    /// <summary>Adds another four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAll(in F4 other)
    {
        X += other.X;
        Y += other.Y;
        Z += other.Z;
        W += other.W;
    }
}
