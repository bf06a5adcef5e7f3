using System.Runtime.Intrinsics;

namespace DirKernels.Backends.Cpu;

/// <summary>Double-precision registers of 128 bits.</summary>
internal readonly unsafe struct WideSimd128 : IWideSimd<Vector128<double>>
{
    public static int Width => 2;

    public static Vector128<double> Zero => Vector128<double>.Zero;

    public static Vector128<double> LoadWide(float* source) => Vector128.WidenLower(Vector64.Load(source).ToVector128Unsafe());

    public static void StoreNarrow(Vector128<double> vector, float* destination) => Vector128.Narrow(vector, vector).GetLower().Store(destination);

    public static Vector128<double> Load(double* source) => Vector128.Load(source);

    public static void Store(Vector128<double> vector, double* destination) => vector.Store(destination);

    public static Vector128<double> Broadcast(double value) => Vector128.Create(value);

    public static Vector128<double> SpreadLane(Vector128<double> vector, nint lane, double* memory)
    {
        vector.Store(memory);
        return Vector128.Create(memory[lane]);
    }

    public static Vector128<double> Add(Vector128<double> a, Vector128<double> b) => a + b;

    public static Vector128<double> Subtract(Vector128<double> a, Vector128<double> b) => a - b;

    public static Vector128<double> Multiply(Vector128<double> a, Vector128<double> b) => a * b;

    public static Vector128<double> Divide(Vector128<double> a, Vector128<double> b) => a / b;

    public static Vector128<double> Sqrt(Vector128<double> a) => Vector128.Sqrt(a);

    public static Vector128<double> And(Vector128<double> a, Vector128<double> b) => a & b;

    public static Vector128<double> First(Vector128<double> vector, double count) =>
        Vector128.ConditionalSelect(Vector128.LessThan(Vector128<double>.Indices, Vector128.Create(count)), vector, Vector128<double>.Zero);

    public static Vector128<double> WherePositive(Vector128<double> condition, Vector128<double> value) => Vector128.GreaterThan(condition, Vector128<double>.Zero) & value;

    public static Vector128<double> Min(Vector128<double> a, Vector128<double> b) => Vector128.Min(a, b);

    public static Vector128<double> Max(Vector128<double> a, Vector128<double> b) => Vector128.Max(a, b);

    public static Vector128<double> MultiplyAdd(Vector128<double> a, Vector128<double> b, Vector128<double> c) =>
        Vector128.MultiplyAddEstimate(a, b, c);
}
