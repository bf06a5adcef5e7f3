using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>Copies B of a product into panels [depth x panel width], zeros where the last one is not full; a block is a panel.</summary>
internal unsafe struct PackPanelsJob : IBlockJob
{
    public MatrixProduct Product;
    public float* Packed;

    public readonly void Run(int panel)
    {
        int width = MatrixProduct.PanelWidth, first = panel * width;
        float* to = Packed + (long)panel * width * Product.Depth, from = Product.B + first * Product.BColumnStride;
        int columns = Math.Min(width, Product.Columns - first);
        if (Product.BColumnStride != 1)
        {
            Transpose(from, columns, to);
        }
        else if (columns == width)
        {
            CopyWhole(from, to);
        }
        else
        {
            CopyPart(from, columns, to);
        }
    }

    private readonly void CopyWhole(float* from, float* to)
    {
        switch (InstructionSet.Bits)
        {
            case 512:
                CopyWhole<Simd512, Vector512<float>>(from, Product.BRowStride, Product.Depth, to);
                break;
            case 256:
                CopyWhole<Simd256, Vector256<float>>(from, Product.BRowStride, Product.Depth, to);
                break;
            default:
                CopyWhole<Simd128, Vector128<float>>(from, Product.BRowStride, Product.Depth, to);
                break;
        }
    }

    // A panel is two registers wide.
    [MethodImpl(KernelMethod.Options)]
    private static void CopyWhole<TSimd, TVector>(float* from, nint stride, int depth, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        for (int k = 0; k < depth; k++, to += 2 * TSimd.Width, from += stride)
        {
            TVector left = TSimd.Load(from), right = TSimd.Load(from + TSimd.Width);
            TSimd.Store(left, to);
            TSimd.Store(right, to + TSimd.Width);
        }
    }

    private readonly void CopyPart(float* from, int columns, float* to)
    {
        int width = MatrixProduct.PanelWidth;
        for (int k = 0; k < Product.Depth; k++, to += width, from += Product.BRowStride)
        {
            new ReadOnlySpan<float>(from, columns).CopyTo(new Span<float>(to, columns));
            new Span<float>(to + columns, width - columns).Clear();
        }
    }

    private readonly void Transpose(float* from, int columns, float* to)
    {
        int width = MatrixProduct.PanelWidth, depth = Product.Depth;
        if (Product.BRowStride == 1)
        {
            TransposedMatrix.Copy(from, Product.BColumnStride, columns, depth, to, width);
        }

        for (int k = 0; k < depth; k++)
        {
            for (int j = Product.BRowStride == 1 ? columns : 0; j < width; j++)
            {
                to[k * width + j] = j < columns ? from[j * Product.BColumnStride + k * Product.BRowStride] : 0;
            }
        }
    }
}
