namespace DirKernels.Features;

/// <summary>All eigenvalues of a symmetric matrix, without vectors: Householder reduction to three diagonals, then implicit QL steps.</summary>
/// <remarks>About 4/3 n^3 flops. Absolute accuracy about n 2^-52 times the largest eigenvalue. Source: Golub and Van Loan, Matrix Computations, chapter 8.</remarks>
internal static class SymmetricEigenvalues
{
    private const int MostSteps = 60;

    /// <summary>Computes the eigenvalues, in no particular order.</summary>
    /// <param name="matrix">[n x n], row-major, the lower triangle is read; overwritten.</param>
    /// <param name="n">Size, at least 1.</param>
    /// <exception cref="ArithmeticException">An entry is not finite, so that the iteration cannot converge.</exception>
    public static double[] Compute(double[] matrix, int n)
    {
        var diagonal = new double[n];
        var below = new double[n];
        Tridiagonalize(matrix, n, diagonal, below);
        Iterate(diagonal, below, n);
        return diagonal;
    }

    private static void Tridiagonalize(double[] a, int n, double[] diagonal, double[] below)
    {
        var product = new double[n];
        for (int i = n - 1; i > 0; i--)
        {
            Span<double> row = a.AsSpan(i * n, i);
            double scale = 0;
            foreach (double value in row)
            {
                scale += Math.Abs(value);
            }

            if (i == 1 || scale == 0)
            {
                below[i] = row[i - 1];
                continue;
            }

            double square = 0;
            for (int k = 0; k < i; k++)
            {
                row[k] /= scale;
                square += row[k] * row[k];
            }

            double head = row[i - 1], norm = head >= 0 ? -Math.Sqrt(square) : Math.Sqrt(square);
            below[i] = scale * norm;
            square -= head * norm;
            row[i - 1] = head - norm;
            ReduceBlock(a, n, i, square, product);
        }

        for (int i = 0; i < n; i++)
        {
            diagonal[i] = a[i * n + i];
        }
    }

    // A <- A - v p^T - p v^T on the leading i x i block, v the Householder vector in row i, p = A v / h - v (v^T A v) / (2 h^2).
    private static void ReduceBlock(double[] a, int n, int i, double h, double[] p)
    {
        Span<double> v = a.AsSpan(i * n, i);
        double projection = 0;
        for (int j = 0; j < i; j++)
        {
            double sum = 0;
            for (int k = 0; k <= j; k++)
            {
                sum += a[j * n + k] * v[k];
            }

            for (int k = j + 1; k < i; k++)
            {
                sum += a[k * n + j] * v[k];
            }

            p[j] = sum / h;
            projection += p[j] * v[j];
        }

        double half = projection / (2 * h);
        for (int j = 0; j < i; j++)
        {
            p[j] -= half * v[j];
            for (int k = 0; k <= j; k++)
            {
                a[j * n + k] -= v[j] * p[k] + p[j] * v[k];
            }
        }
    }

    private static void Iterate(double[] d, double[] below, int n)
    {
        // e[i] couples i and i + 1.
        var e = new double[n];
        Array.Copy(below, 1, e, 0, n - 1);
        for (int start = 0; start < n; start++)
        {
            for (int step = 0; ; step++)
            {
                int end = start;
                while (end < n - 1 && Math.Abs(e[end]) > double.Epsilon + 1.1e-16 * (Math.Abs(d[end]) + Math.Abs(d[end + 1])))
                {
                    end++;
                }

                if (end == start)
                {
                    break;
                }

                if (step == MostSteps)
                {
                    throw new ArithmeticException("the eigenvalues do not converge: an entry of the matrix is not finite");
                }

                ChaseBulge(d, e, start, end);
            }
        }
    }

    // One implicit QL step on rows start..end, with Wilkinson's shift.
    private static void ChaseBulge(double[] d, double[] e, int start, int end)
    {
        double g = (d[start + 1] - d[start]) / (2 * e[start]);
        double r = double.Hypot(g, 1);
        g = d[end] - d[start] + e[start] / (g + (g >= 0 ? r : -r));
        double sine = 1, cosine = 1, shift = 0;
        for (int i = end - 1; i >= start; i--)
        {
            double f = sine * e[i], b = cosine * e[i];
            r = double.Hypot(f, g);
            e[i + 1] = r;
            if (r == 0)
            {
                d[i + 1] -= shift;
                e[end] = 0;
                return;
            }

            sine = f / r;
            cosine = g / r;
            g = d[i + 1] - shift;
            r = (d[i] - g) * sine + 2 * cosine * b;
            shift = sine * r;
            d[i + 1] = g + shift;
            g = cosine * r - b;
        }

        d[start] -= shift;
        e[start] = g;
        e[end] = 0;
    }
}
