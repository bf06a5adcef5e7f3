using DirKernels.Conformance;
using Xunit;

namespace DirKernels.Gpu.Tests;

/// <summary>
/// How the lanes of a warp hold their parts of a tile on tensor cores: the instruction m16n8k8 carried out on the host as the PTX ISA lays it down, on the elements that each lane would read, must give
/// the product of the panels.
/// </summary>
public sealed class TensorSumsTests
{
    private const int Tile = 128;
    private const int Depth = PanelQuads.Depth;
    private const int Side = 16;

    [Fact]
    public void LanesReadAndHoldWhatTheInstructionAsksFor()
    {
        float[] a = SampleNumbers.Normal(1, Depth * Tile), b = SampleNumbers.Normal(2, Depth * Tile);
        var result = new double[Tile, Tile];
        var written = new int[Tile, Tile];
        for (int warp = 0; warp < 8; warp++)
        {
            for (int rows = 0; rows < 4; rows++)
            {
                for (int run = 0; run < 2; run++)
                {
                    for (int half = 0; half < 2; half++)
                    {
                        Multiply(warp, rows, run, half, a, b, result, written);
                    }
                }
            }
        }

        for (int i = 0; i < Tile; i++)
        {
            for (int j = 0; j < Tile; j++)
            {
                Assert.Equal(1, written[i, j]);
                double expected = Enumerable.Range(0, Depth).Sum(k => (double)a[k * Tile + i] * b[k * Tile + j]);
                Assert.Equal(expected, result[i, j], 1e-12); // double precision on both sides
            }
        }
    }

    [Theory]
    [InlineData(MatrixPrecision.Tf32)]
    [InlineData(MatrixPrecision.Tf32Triple)]
    public void TensorCoresAreRefusedWhereThereAreNone(MatrixPrecision precision)
    {
        GpuUnavailableException error = Assert.Throws<GpuUnavailableException>(() => GpuBackend.Open(GpuDeviceKind.Simulated, 0, precision));
        Assert.Contains("compute capability 8.0", error.Message, StringComparison.Ordinal);
    }

    // PTX ISA, matrix fragments for mma.m16n8k8 with .tf32: group = lane / 4, t = lane mod 4.
    private static void Multiply(int warp, int rows, int run, int half, float[] a, float[] b, double[,] result, int[,] written)
    {
        var left = new double[16, 8];
        var right = new double[8, 8];
        for (int lane = 0; lane < 32; lane++)
        {
            int thread = warp * 32 + lane, group = lane / 4, t = lane % 4;
            int row = TensorSums<OneTerm>.RowOf(thread, 0, Side) + 16 * rows, column = TensorSums<OneTerm>.RightColumnOf(thread, run, half);
            left[group, t] = a[t * Tile + row];
            left[group + 8, t] = a[t * Tile + row + 8];
            left[group, t + 4] = a[(t + 4) * Tile + row];
            left[group + 8, t + 4] = a[(t + 4) * Tile + row + 8];
            right[t, group] = b[t * Tile + column];
            right[t + 4, group] = b[(t + 4) * Tile + column];
        }

        for (int lane = 0; lane < 32; lane++)
        {
            int thread = warp * 32 + lane, group = lane / 4, t = lane % 4;
            for (int register = 0; register < 4; register++)
            {
                int m = group + register / 2 * 8, n = 2 * t + register % 2;
                double sum = Enumerable.Range(0, 8).Sum(k => left[m, k] * right[k, n]);
                int i = TensorSums<OneTerm>.RowOf(thread, 2 * rows + register / 2, Side), j = TensorSums<OneTerm>.ColumnOf(thread, run, Side) + 2 * half + register % 2;
                result[i, j] = sum;
                written[i, j]++;
            }
        }
    }
}
