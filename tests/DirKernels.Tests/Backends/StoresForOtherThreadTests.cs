using System.Runtime.InteropServices;
using DirKernels.Backends.Cpu;
using Xunit;

namespace DirKernels.Tests.Backends;

/// <summary>Both ways by which one thread makes something for another, of which a processor takes one.</summary>
public sealed unsafe class StoresForOtherThreadTests
{
    private const int Room = 16;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CopiesAreCompleteWhateverTheirAlignment(bool isAround)
    {
        for (int count = 0; count <= 256; count++)
        {
            for (int offset = 0; offset < 3; offset++)
            {
                float* from = Aligned(count + offset + Room), to = Aligned(count + offset + 2 * Room);
                for (int i = 0; i < count + Room; i++)
                {
                    from[i] = i + 1;
                }

                new Span<float>(to, count + offset + 2 * Room).Fill(-1);
                if (isAround)
                {
                    CacheLine.CopyAround(from, to + offset, count);
                }
                else
                {
                    CacheLine.CopyForOther(from, to + offset, count);
                }

                Interlocked.MemoryBarrier();
                for (int i = 0; i < count; i++)
                {
                    Assert.Equal(i + 1, to[offset + i]);
                }

                // A whole register may be written at the end, and no more.
                Assert.All(new Span<float>(to, offset).ToArray(), value => Assert.Equal(-1, value));
                Assert.All(new Span<float>(to + offset + count + Room, Room).ToArray(), value => Assert.Equal(-1, value));
                NativeMemory.AlignedFree(from);
                NativeMemory.AlignedFree(to);
            }
        }
    }

    [Fact]
    public void ProductsPastTheCachesAreTheSame()
    {
        const int Columns = 64, Depth = 37;
        for (int rows = 1; rows <= 30; rows++)
        {
            float* a = Aligned(rows * Depth), b = Aligned(Depth * Columns), c = Aligned(rows * Columns), around = Aligned(rows * Columns);
            Fill(a, rows * Depth, 1);
            Fill(b, Depth * Columns, 2);
            MatrixProduct product = new() { A = a, ARowStride = Depth, AColumnStride = 1, B = b, BRowStride = Columns, BColumnStride = 1, C = c, Activated = c, Rows = rows, Columns = Columns, Depth = Depth };
            product.RunAlone(null);
            product.C = product.Activated = around;
            product.EndAround = rows;
            product.RunAlone(null);
            Interlocked.MemoryBarrier();
            for (int i = 0; i < rows; i++)
            {
                double exact = 0;
                for (int k = 0; k < Depth; k++)
                {
                    exact += (double)a[i * Depth + k] * b[k * Columns + i % Columns];
                }

                Assert.Equal(exact, around[i * Columns + i % Columns], 37 * 1e-6);
            }

            Assert.Equal(new ReadOnlySpan<float>(c, rows * Columns).ToArray(), new ReadOnlySpan<float>(around, rows * Columns).ToArray());
            foreach (nint matrix in new[] { (nint)a, (nint)b, (nint)c, (nint)around })
            {
                NativeMemory.AlignedFree((void*)matrix);
            }
        }
    }

    private static float* Aligned(int count) => (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), CacheLine.Size);

    private static void Fill(float* values, int count, ulong stream)
    {
        for (int i = 0; i < count; i++)
        {
            values[i] = 2 * CounterRandom.Uniform(stream, (ulong)i) - 1;
        }
    }
}
