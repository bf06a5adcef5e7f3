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

    // Calls to copy so few elements take longer than copying them.
    private readonly void CopyWhole(float* from, float* to)
    {
        int width = MatrixProduct.PanelWidth;
        for (int k = 0; k < Product.Depth; k++, to += width, from += Product.BRowStride)
        {
            for (int j = 0; j < width; j += Vector256<float>.Count)
            {
                Vector256.Load(from + j).Store(to + j);
            }
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
