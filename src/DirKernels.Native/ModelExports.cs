using System.Numerics;
using System.Runtime.InteropServices;

namespace DirKernels.Native;

/// <summary>Models that predict: <c>dk_model_*</c>.</summary>
internal static unsafe class ModelExports
{
    [UnmanagedCallersOnly(EntryPoint = "dk_model_load")]
    public static int Load(byte* path, nint* model)
    {
        try
        {
            Memory.Result(model, "model") = 0;
            *model = HandleTable.Add(HandleKind.Model, SourceFile.Read(Memory.Text(path, "path"), LoadedModel.Read));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_model_load_memory")]
    public static int LoadMemory(byte* bytes, nuint count, nint* model)
    {
        try
        {
            Memory.Result(model, "model") = 0;
            _ = Memory.In(bytes, count, "bytes");
            using Stream stream = count == 0 ? Stream.Null : new UnmanagedMemoryStream(bytes, (long)count);
            *model = HandleTable.Add(HandleKind.Model, LoadedModel.Read(stream));
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_model_get_info")]
    public static int GetInformation(nint model, ModelInformation* info)
    {
        try
        {
            Structure.Write(info, Of(model).Information, "info");
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_model_describe")]
    public static int Describe(nint model, byte* text, nuint capacity, nuint* needed)
    {
        try
        {
            Memory.Copy(Of(model).Description, text, capacity, needed, "text");
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_model_predict")]
    public static int Predict(
        nint model, float* inputs, nuint rows, nuint columns, double* values, nuint valueCount, double* uncertainties, nuint uncertaintyCount)
    {
        try
        {
            PredictRows(Of(model), inputs, rows, columns, values, valueCount, uncertainties, uncertaintyCount);
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_model_predict_f64")]
    public static int PredictDoubles(
        nint model, double* inputs, nuint rows, nuint columns, double* values, nuint valueCount, double* uncertainties, nuint uncertaintyCount)
    {
        try
        {
            PredictRows(Of(model), inputs, rows, columns, values, valueCount, uncertainties, uncertaintyCount);
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_model_free")]
    public static int Free(nint model)
    {
        try
        {
            (HandleTable.Remove(model, HandleKind.Model) as IDisposable)?.Dispose();
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    private static LoadedModel Of(nint handle) => HandleTable.Get<LoadedModel>(handle, HandleKind.Model);

    private static void PredictRows<T>(
        LoadedModel model, T* inputs, nuint rows, nuint columns, double* values, nuint valueCount, double* uncertainties, nuint uncertaintyCount)
        where T : unmanaged, IFloatingPoint<T>
    {
        ModelInformation information = model.Information;
        ReadOnlySpan<T> source = Memory.Rows(inputs, rows, columns, information.Inputs, "inputs");
        Memory.ThrowIfNotOfLength(valueCount, checked((long)rows * information.Targets), "values");
        Span<double> predicted = Memory.Out(values, valueCount, "values");
        if (uncertainties is null && uncertaintyCount == 0)
        {
            model.Predictor.Predict(source, predicted);
            return;
        }

        Memory.ThrowIfNotOfLength(uncertaintyCount, checked((long)rows), "uncertainties");
        model.Predictor.Predict(source, predicted, Memory.Out(uncertainties, uncertaintyCount, "uncertainties"));
    }
}
