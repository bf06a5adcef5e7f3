using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DirKernels.Backends.Cpu;

/// <summary>Double-precision registers of 512 bits.</summary>
internal readonly unsafe struct WideSimd512 : IWideSimd<Vector512<double>>
{
    public static int Width => 8;

    public static Vector512<double> Zero => Vector512<double>.Zero;

    public static Vector512<double> LoadWide(float* source) => Avx512F.ConvertToVector512Double(Vector256.Load(source));

    public static void StoreNarrow(Vector512<double> vector, float* destination) => Avx512F.ConvertToVector256Single(vector).Store(destination);

    public static Vector512<double> Load(double* source) => Vector512.Load(source);

    public static void Store(Vector512<double> vector, double* destination) => vector.Store(destination);

    public static Vector512<double> Broadcast(double value) => Vector512.Create(value);

    public static Vector512<double> SpreadLane(Vector512<double> vector, nint lane, double* memory) => Vector512.ShuffleNative(vector, Vector512.Create((long)lane));

    public static Vector512<double> Add(Vector512<double> a, Vector512<double> b) => a + b;

    public static Vector512<double> Subtract(Vector512<double> a, Vector512<double> b) => a - b;

    public static Vector512<double> Multiply(Vector512<double> a, Vector512<double> b) => a * b;

    public static Vector512<double> Divide(Vector512<double> a, Vector512<double> b) => a / b;

    public static Vector512<double> Sqrt(Vector512<double> a) => Vector512.Sqrt(a);

    public static Vector512<double> And(Vector512<double> a, Vector512<double> b) => a & b;

    public static Vector512<double> First(Vector512<double> vector, double count) =>
        Vector512.ConditionalSelect(Vector512.LessThan(Vector512<double>.Indices, Vector512.Create(count)), vector, Vector512<double>.Zero);

    public static Vector512<double> WherePositive(Vector512<double> condition, Vector512<double> value) => Vector512.GreaterThan(condition, Vector512<double>.Zero) & value;

    public static Vector512<double> Min(Vector512<double> a, Vector512<double> b) => Vector512.Min(a, b);

    public static Vector512<double> Max(Vector512<double> a, Vector512<double> b) => Vector512.Max(a, b);

    public static Vector512<double> MultiplyAdd(Vector512<double> a, Vector512<double> b, Vector512<double> c) =>
        Vector512.MultiplyAddEstimate(a, b, c);
}
