using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>Activations and their gradients over runs of elements.</summary>
internal static unsafe class ActivationFormula
{
    private const float RootHalf = 0.70710678f;
    private const float RootTwoPiInverse = 0.39894228f;

    /// <summary><c>y_i = activation(x_i)</c>; x and y may be the same.</summary>
    public static void Apply(Activation activation, float* x, float* y, int count)
    {
        var from = new ReadOnlySpan<float>(x, count);
        var to = new Span<float>(y, count);
        switch (activation)
        {
            case Activation.Identity:
                if (x != y)
                {
                    from.CopyTo(to);
                }

                break;
            case Activation.Relu:
                int done = InstructionSet.Bits == 512 ? Relu512(x, y, count) : 0;
                ForEachVector<ReluOperator>(x + done, x + done, y + done, count - done);
                break;
            case Activation.Tanh:
                Tanh(from, to);
                break;
            case Activation.Silu:
                ForEachVector<SiluOperator>(x, x, y, count);
                break;
            default:
                ForEachVector<GeluOperator>(x, x, y, count);
                break;
        }
    }

    /// <summary>The same for some columns of a matrix; x and y may be the same.</summary>
    /// <param name="activation">The function.</param>
    /// <param name="x">First element of the columns.</param>
    /// <param name="y">Receives the values, laid out like x.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="stride">Elements from row to row.</param>
    public static void Apply(Activation activation, float* x, float* y, int rows, int columns, int stride)
    {
        bool isQuick = activation == Activation.Relu && columns % Vector<float>.Count == 0;
        for (int row = 0; row < rows; row++, x += stride, y += stride)
        {
            if (!isQuick)
            {
                Apply(activation, x, y, columns);
                continue;
            }

            // A call takes longer than the maximum of so few elements.
            for (int j = 0; j < columns; j += Vector<float>.Count)
            {
                ReluOperator.Invoke(Vector.Load(x + j), default).Store(y + j);
            }
        }
    }

    /// <summary><c>dPre_i = dY_i activation'(pre_i)</c>; dY and dPre may be the same.</summary>
    public static void Gradient(Activation activation, float* preActivation, float* y, float* dY, float* dPre, int count)
    {
        switch (activation)
        {
            case Activation.Identity:
                if (dY != dPre)
                {
                    new ReadOnlySpan<float>(dY, count).CopyTo(new Span<float>(dPre, count));
                }

                break;
            case Activation.Relu:
                int done = InstructionSet.Bits == 512 ? ReluGradient512(y, dY, dPre, count) : 0;
                ForEachVector<ReluGradientOperator>(y + done, dY + done, dPre + done, count - done);
                break;
            case Activation.Tanh:
                ForEachVector<TanhGradientOperator>(y, dY, dPre, count);
                break;
            case Activation.Silu:
                ForEachVector<SiluGradientOperator>(preActivation, dY, dPre, count);
                break;
            default:
                ForEachVector<GeluGradientOperator>(preActivation, dY, dPre, count);
                break;
        }
    }

    // Fewer elements than a register would go through a scalar function with other bits: they pass in a whole one.
    // Comparisons of the usual activation are so cheap that half registers and the loop around them take as long again. Both return how many elements are done.
    [MethodImpl(KernelMethod.Options)]
    private static int Relu512(float* x, float* y, int count)
    {
        int i = 0;
        for (; i <= count - 32; i += 32)
        {
            Vector512<float> left = Vector512.Load(x + i), right = Vector512.Load(x + i + 16);
            Vector512.MaxNative(Vector512<float>.Zero, left).Store(y + i);
            Vector512.MaxNative(Vector512<float>.Zero, right).Store(y + i + 16);
        }

        return i;
    }

    [MethodImpl(KernelMethod.Options)]
    private static int ReluGradient512(float* y, float* dY, float* dPre, int count)
    {
        int i = 0;
        for (; i <= count - 32; i += 32)
        {
            Vector512<float> left = Vector512.GreaterThan(Vector512.Load(y + i), Vector512<float>.Zero);
            Vector512<float> right = Vector512.GreaterThan(Vector512.Load(y + i + 16), Vector512<float>.Zero);
            Vector512.ConditionalSelect(left, Vector512.Load(dY + i), Vector512<float>.Zero).Store(dPre + i);
            Vector512.ConditionalSelect(right, Vector512.Load(dY + i + 16), Vector512<float>.Zero).Store(dPre + i + 16);
        }

        return i;
    }

    private static void Tanh(ReadOnlySpan<float> from, Span<float> to)
    {
        const int Whole = 16;

        if (from.Length >= Whole)
        {
            TensorPrimitives.Tanh(from, to);
            return;
        }

        Span<float> padded = stackalloc float[Whole];
        padded.Clear();
        from.CopyTo(padded);
        TensorPrimitives.Tanh(padded, padded);
        padded[..to.Length].CopyTo(to);
    }

    // The tail goes through the same vector code on a copy, so that an element's bits do not depend on where it lies.
    private static void ForEachVector<TOperator>(float* x, float* second, float* result, int count)
        where TOperator : struct, IVectorOperator
    {
        int i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            TOperator.Invoke(Vector.Load(x + i), Vector.Load(second + i)).Store(result + i);
        }

        int left = count - i;
        if (left > 0)
        {
            float* tail = stackalloc float[2 * Vector<float>.Count];
            for (int j = 0; j < left; j++)
            {
                tail[j] = x[i + j];
                tail[Vector<float>.Count + j] = second[i + j];
            }

            TOperator.Invoke(Vector.Load(tail), Vector.Load(tail + Vector<float>.Count)).Store(tail);
            for (int j = 0; j < left; j++)
            {
                result[i + j] = tail[j];
            }
        }
    }

    private interface IVectorOperator
    {
        static abstract Vector<float> Invoke(Vector<float> x, Vector<float> second);
    }

    private static Vector<float> Sigmoid(Vector<float> x) => Vector<float>.One / (Vector<float>.One + Vector.Exp(-x));

    /// <summary>Normal distribution function by Abramowitz and Stegun 7.1.26 for erf, absolute error below 1e-7.</summary>
    private static Vector<float> NormalDistribution(Vector<float> x)
    {
        Vector<float> u = Vector.Abs(x) * new Vector<float>(RootHalf);
        Vector<float> t = Vector<float>.One / (Vector<float>.One + new Vector<float>(0.3275911f) * u);
        Vector<float> polynomial = new Vector<float>(1.061405429f) * t + new Vector<float>(-1.453152027f);
        polynomial = polynomial * t + new Vector<float>(1.421413741f);
        polynomial = polynomial * t + new Vector<float>(-0.284496736f);
        polynomial = polynomial * t + new Vector<float>(0.254829592f);
        Vector<float> upperTail = polynomial * t * Vector.Exp(-u * u) * new Vector<float>(0.5f);
        return Vector.ConditionalSelect(Vector.GreaterThanOrEqual(x, Vector<float>.Zero), Vector<float>.One - upperTail, upperTail);
    }

    private readonly struct ReluOperator : IVectorOperator
    {
        // The processor's own maximum gives its second operand where either is NaN, which is what relu must keep.
        public static Vector<float> Invoke(Vector<float> x, Vector<float> second) => Vector.MaxNative(Vector<float>.Zero, x);
    }

    private readonly struct SiluOperator : IVectorOperator
    {
        public static Vector<float> Invoke(Vector<float> x, Vector<float> second) => x * Sigmoid(x);
    }

    private readonly struct GeluOperator : IVectorOperator
    {
        public static Vector<float> Invoke(Vector<float> x, Vector<float> second) => x * NormalDistribution(x);
    }

    private readonly struct ReluGradientOperator : IVectorOperator
    {
        public static Vector<float> Invoke(Vector<float> y, Vector<float> dY) =>
            Vector.ConditionalSelect(Vector.GreaterThan(y, Vector<float>.Zero), dY, Vector<float>.Zero);
    }

    private readonly struct TanhGradientOperator : IVectorOperator
    {
        public static Vector<float> Invoke(Vector<float> y, Vector<float> dY) => dY * (Vector<float>.One - y * y);
    }

    private readonly struct SiluGradientOperator : IVectorOperator
    {
        public static Vector<float> Invoke(Vector<float> x, Vector<float> dY)
        {
            Vector<float> sigmoid = Sigmoid(x);
            return dY * sigmoid * (Vector<float>.One + x * (Vector<float>.One - sigmoid));
        }
    }

    private readonly struct GeluGradientOperator : IVectorOperator
    {
        public static Vector<float> Invoke(Vector<float> x, Vector<float> dY)
        {
            Vector<float> density = new Vector<float>(RootTwoPiInverse) * Vector.Exp(x * x * new Vector<float>(-0.5f));
            return dY * (NormalDistribution(x) + x * density);
        }
    }
}
