using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DirKernels.Objectives;

/// <summary>Arithmetic on pairs of feature rows, so short that a general routine's call would cost more than it does.</summary>
/// <remarks>Products are rounded before they are added on every instruction set; lanes differ with its width, and hence the order of sums.</remarks>
internal static class FeatureRows
{
    /// <summary>Euclidean distance.</summary>
    [MethodImpl(KernelMethod.Options)]
    public static float Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ref float x = ref MemoryMarshal.GetReference(a), y = ref MemoryMarshal.GetReference(b);
        var sums = Vector<float>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> difference = Vector.LoadUnsafe(ref x, (nuint)i) - Vector.LoadUnsafe(ref y, (nuint)i);
            sums += difference * difference;
        }

        float sum = Vector.Sum(sums);
        for (; i < a.Length; i++)
        {
            float difference = a[i] - b[i];
            sum += difference * difference;
        }

        return MathF.Sqrt(sum);
    }

    /// <summary><c>sumA += factor b, sumB += factor a</c>.</summary>
    [MethodImpl(KernelMethod.Options)]
    public static void AddCrosswise(float factor, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> sumA, Span<float> sumB)
    {
        ref float x = ref MemoryMarshal.GetReference(a), y = ref MemoryMarshal.GetReference(b);
        ref float u = ref MemoryMarshal.GetReference(sumA), v = ref MemoryMarshal.GetReference(sumB);
        var factors = new Vector<float>(factor);
        int i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (Vector.LoadUnsafe(ref u, (nuint)i) + factors * Vector.LoadUnsafe(ref y, (nuint)i)).StoreUnsafe(ref u, (nuint)i);
            (Vector.LoadUnsafe(ref v, (nuint)i) + factors * Vector.LoadUnsafe(ref x, (nuint)i)).StoreUnsafe(ref v, (nuint)i);
        }

        for (; i < a.Length; i++)
        {
            sumA[i] += factor * b[i];
            sumB[i] += factor * a[i];
        }
    }
}
