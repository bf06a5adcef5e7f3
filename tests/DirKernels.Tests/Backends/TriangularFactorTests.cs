using System.Runtime.InteropServices;
using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using Xunit;

namespace DirKernels.Tests.Backends;

/// <summary>The blocked factorisation and solve by what they promise, at every position of a block and a tile.</summary>
public sealed unsafe class TriangularFactorTests
{
    private const double Epsilon = 1.1102230246251565e-16;

    private static readonly int[] _sizes = [.. Enumerable.Range(1, 70), 127, 128, 129, 200, 300];

    [Fact]
    public void FactorTimesItsTransposeIsTheCovariance()
    {
        foreach (int size in _sizes)
        {
            float[] sigma = Covariance(size, seed: size);
            using var l = new PaddedMatrix(size);
            l.Load(sigma, size);
            Assert.True(l.Cholesky(), $"size {size}");

            // Backward error of any order of the sums: (n + 2) eps |L| |L^T|, and a row of L has the length of its standard deviation.
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    double sum = 0;
                    for (int k = 0; k <= j; k++)
                    {
                        sum += l[i, k] * l[j, k];
                    }

                    double bound = 2 * (size + 2) * Epsilon * Math.Sqrt((double)sigma[i * size + i] * sigma[j * size + j]);
                    Assert.True(Math.Abs(sum - sigma[i * size + j]) <= bound, $"size {size} at {i}, {j}: {sum} for {sigma[i * size + j]}");
                }
            }

            l.CheckZeros();
        }
    }

    [Fact]
    public void MapTimesOneFactorIsTheOther()
    {
        foreach (int size in _sizes)
        {
            using PaddedMatrix l = Factor(Covariance(size, seed: size)), target = Factor(Covariance(size, seed: size + 1)), a = target.Copy();
            a.SolveRight(l);
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    double sum = 0, magnitude = 0;
                    for (int k = j; k <= i; k++)
                    {
                        sum += a[i, k] * l[k, j];
                        magnitude += Math.Abs(a[i, k] * l[k, j]);
                    }

                    // Backward error of substitution: (n + 2) eps |A| |L|, and as much for the sum here.
                    Assert.True(Math.Abs(sum - target[i, j]) <= 2 * (size + 2) * Epsilon * (magnitude + Math.Abs(target[i, j])), $"size {size} at {i}, {j}");
                }
            }

            a.CheckZeros();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(50)]
    public void InactiveDimensionsAreRowsOfTheIdentity(int size)
    {
        for (int dead = 0; dead < size; dead++)
        {
            float[] sigma = Covariance(size, seed: 3);

            // What the statistics hold for a dimension without variance must not be read.
            for (int k = 0; k < size; k++)
            {
                sigma[Math.Max(k, dead) * size + Math.Min(k, dead)] = k == dead ? 0 : float.NaN;
            }

            using var l = new PaddedMatrix(size);
            l.Load(sigma, size, dead);
            Assert.True(l.Cholesky());
            using PaddedMatrix a = l.Copy();
            a.SolveRight(l);
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    if (i == dead || j == dead)
                    {
                        Assert.Equal(i == j ? 1 : 0, l[i, j]);
                        Assert.Equal(i == j ? 1 : 0, a[i, j]);
                    }
                    else
                    {
                        Assert.InRange(a[i, j], (i == j ? 1 : 0) - 1e-12, (i == j ? 1 : 0) + 1e-12);
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(53)]
    public void PivotsFailAtEveryPosition(int size)
    {
        float[] sigma = Covariance(size, seed: 4);
        using PaddedMatrix whole = Factor(sigma);
        for (int bad = 0; bad < size; bad++)
        {
            double explained = 0;
            for (int k = 0; k < bad; k++)
            {
                explained += whole[bad, k] * whole[bad, k];
            }

            // The pivot keeps a share s of the variance v when s v = v - explained.
            Assert.Equal(bad == 0, Factors(sigma, size, bad, explained / (1 - 0.9e-7) + (bad == 0 ? 1 : 0)));
            Assert.True(Factors(sigma, bad + 1, bad, explained / (1 - 1.1e-7) + (bad == 0 ? 1 : 0)), $"share above the limit at {bad} of {size}");
            foreach (double diagonal in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, -1, 0 })
            {
                Assert.False(Factors(sigma, size, bad, diagonal), $"{diagonal} at {bad} of {size}");
            }

            foreach (double beside in bad == 0 ? [] : new[] { double.NaN, double.PositiveInfinity, 1e200 })
            {
                using var l = new PaddedMatrix(size);
                l.Load(sigma, size);
                l[bad, bad / 2] = beside;
                Assert.False(l.Cholesky(), $"{beside} left of {bad} of {size}");
            }
        }
    }

    [Fact]
    public void MapsAreStoredWithZerosAboveTheDiagonalAndNothingBeyond()
    {
        foreach (int size in _sizes)
        {
            int stride = size + size % 3;
            using PaddedMatrix a = Factor(Covariance(size, seed: 5));
            var map = new float[size * stride + 1];
            Array.Fill(map, float.NaN);
            fixed (float* to = map)
            {
                TriangularOperand.Store(a.Elements, size, 0.3f, to, stride);
            }

            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j < stride; j++)
                {
                    Assert.Equal(j > i ? 0 : (float)(0.3f * (a[i, j] - (i == j ? 1 : 0))), map[i * stride + j]);
                }
            }

            Assert.Equal(float.NaN, map[^1]);
        }
    }

    private static bool Factors(float[] sigma, int size, int at, double diagonal)
    {
        using var l = new PaddedMatrix(size);
        l.Load(sigma, stride: (int)Math.Sqrt(sigma.Length));
        l[at, at] = diagonal;
        return l.Cholesky();
    }

    private static PaddedMatrix Factor(float[] sigma)
    {
        var l = new PaddedMatrix((int)Math.Sqrt(sigma.Length));
        l.Load(sigma, l.Size);
        Assert.True(l.Cholesky());
        return l;
    }

    // M M^T / g + I/2 with normal M; above the diagonal NaN: not to be read.
    private static float[] Covariance(int size, int seed)
    {
        float[] m = SampleNumbers.Normal(seed, size * size), sigma = new float[size * size];
        Array.Fill(sigma, float.NaN);
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = 0;
                for (int k = 0; k < size; k++)
                {
                    sum += (double)m[i * size + k] * m[j * size + k];
                }

                sigma[i * size + j] = (float)(sum / size + (i == j ? 0.5 : 0));
            }
        }

        return sigma;
    }

    /// <summary>A matrix with padding, working memory and sentinels around both.</summary>
    private sealed class PaddedMatrix : IDisposable
    {
        private const double Sentinel = -12345.678;
        private readonly long _length;
        private readonly int _workLength;

        public PaddedMatrix(int size)
        {
            Size = size;
            _length = TriangularFactor.MatrixElements(size);
            _workLength = TriangularFactor.WorkElements(size);
            Elements = Guarded(_length);
            Work = Guarded(_workLength);
        }

        public int Size { get; }

        public double* Elements { get; }

        private double* Work { get; }

        public double this[int i, int j]
        {
            get => Elements[i * TriangularFactor.RowStride(Size) + j];
            set => Elements[i * TriangularFactor.RowStride(Size) + j] = value;
        }

        public void Load(float[] sigma, int stride, int dead = -1)
        {
            var inactive = new bool[Size];
            if (dead >= 0)
            {
                inactive[dead] = true;
            }

            fixed (float* from = sigma)
            fixed (bool* flags = inactive)
            {
                TriangularOperand.Load(from, stride, Size, 0, 0, flags, Elements);
            }
        }

        public bool Cholesky() => TriangularFactor.Cholesky(Elements, Size, Work);

        public void SolveRight(PaddedMatrix factor) => TriangularFactor.SolveRight(factor.Elements, Elements, Size, Work);

        public PaddedMatrix Copy()
        {
            var copy = new PaddedMatrix(Size);
            new ReadOnlySpan<double>(Elements, (int)_length).CopyTo(new Span<double>(copy.Elements, (int)_length));
            return copy;
        }

        /// <summary>Right of the diagonal, as far as kernels read, and in the rows of the padding zeros remain.</summary>
        public void CheckZeros()
        {
            for (int i = 0; i < TriangularFactor.Rows(Size); i++)
            {
                int first = i < Size ? i + 1 : 0, end = i < Size ? Math.Min(i + 1 + TriangularFactor.ZeroMargin, TriangularFactor.RowStride(Size)) : Size;
                for (int j = first; j < end; j++)
                {
                    Assert.True(this[i, j] == 0, $"{this[i, j]} at {i}, {j} of {Size}");
                }
            }
        }

        public void Dispose()
        {
            Assert.Equal([Sentinel, Sentinel, Sentinel, Sentinel], [Elements[-1], Elements[_length], Work[-1], Work[_workLength]]);
            NativeMemory.AlignedFree(Elements - 8);
            NativeMemory.AlignedFree(Work - 8);
        }

        private static double* Guarded(long length)
        {
            double* memory = (double*)NativeMemory.AlignedAlloc((nuint)(length + 16) * sizeof(double), 64);
            new Span<double>(memory, (int)length + 16).Fill(Sentinel);
            return memory + 8;
        }
    }
}
