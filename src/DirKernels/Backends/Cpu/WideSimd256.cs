using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DirKernels.Backends.Cpu;

/// <summary>Double-precision registers of 256 bits.</summary>
internal readonly unsafe struct WideSimd256 : IWideSimd<Vector256<double>>
{
    public static int Width => 4;

    public static Vector256<double> Zero => Vector256<double>.Zero;

    public static Vector256<double> LoadWide(float* source) => Avx.ConvertToVector256Double(Vector128.Load(source));

    public static void StoreNarrow(Vector256<double> vector, float* destination) => Avx.ConvertToVector128Single(vector).Store(destination);

    public static Vector256<double> Load(double* source) => Vector256.Load(source);

    public static void Store(Vector256<double> vector, double* destination) => vector.Store(destination);

    public static Vector256<double> Broadcast(double value) => Vector256.Create(value);

    public static Vector256<double> SpreadLane(Vector256<double> vector, nint lane, double* memory)
    {
        vector.Store(memory);
        return Vector256.Create(memory[lane]);
    }

    public static Vector256<double> Add(Vector256<double> a, Vector256<double> b) => a + b;

    public static Vector256<double> Subtract(Vector256<double> a, Vector256<double> b) => a - b;

    public static Vector256<double> Multiply(Vector256<double> a, Vector256<double> b) => a * b;

    public static Vector256<double> Divide(Vector256<double> a, Vector256<double> b) => a / b;

    public static Vector256<double> Sqrt(Vector256<double> a) => Vector256.Sqrt(a);

    public static Vector256<double> And(Vector256<double> a, Vector256<double> b) => a & b;

    public static Vector256<double> First(Vector256<double> vector, double count) =>
        Vector256.ConditionalSelect(Vector256.LessThan(Vector256<double>.Indices, Vector256.Create(count)), vector, Vector256<double>.Zero);

    public static Vector256<double> WherePositive(Vector256<double> condition, Vector256<double> value) => Vector256.GreaterThan(condition, Vector256<double>.Zero) & value;

    public static Vector256<double> Min(Vector256<double> a, Vector256<double> b) => Vector256.Min(a, b);

    public static Vector256<double> Max(Vector256<double> a, Vector256<double> b) => Vector256.Max(a, b);

    public static Vector256<double> MultiplyAdd(Vector256<double> a, Vector256<double> b, Vector256<double> c) =>
        Vector256.MultiplyAddEstimate(a, b, c);
}
