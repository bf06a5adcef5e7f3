using System.Runtime.InteropServices;
using System.Text;

namespace DirKernels.Native.Tests;

/// <summary>The library loaded into this process by its path, as C#, Java or Rust would call it.</summary>
internal sealed unsafe class LoadedLibrary(string path)
{
    public const int Ok = 0, Failure = 1, BadArgument = 2, BadData = 3, BadHandle = 4, BadState = 5, TooSmall = 7;

    private readonly nint _library = NativeLibrary.Load(path);

    public uint AbiVersion => ((delegate* unmanaged<uint>)Function("dk_abi_version"))();

    public string InstructionSet => Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)Function("dk_instruction_set"))())!;

    public string LastError => Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)Function("dk_last_error"))())!;

    /// <summary>Address of a function.</summary>
    public nint Function(string name) => NativeLibrary.GetExport(_library, name);

    public int Free(string kind, nint handle) => ((delegate* unmanaged<nint, int>)Function($"dk_{kind}_free"))(handle);

    public int SetThreads(int threads) => ((delegate* unmanaged<int, int>)Function("dk_set_threads"))(threads);

    public int UniformBins(double lower, double width, int count, out nint bins)
    {
        fixed (nint* result = &bins)
        {
            return ((delegate* unmanaged<double, double, int, nint*, int>)Function("dk_bins_uniform"))(lower, width, count, result);
        }
    }

    public int LabelWeights(double[] labels, nint bins, byte[]? options, float[] weights)
    {
        fixed (double* source = labels)
        fixed (byte* chosen = options)
        fixed (float* result = weights)
        {
            return ((delegate* unmanaged<double*, nuint, nint, byte*, float*, nuint, int>)Function("dk_label_weights"))(
                source, (nuint)labels.Length, bins, chosen, result, (nuint)weights.Length);
        }
    }

    public int CreateMoments(int dimensions, int bins, int block, out nint moments)
    {
        fixed (nint* result = &moments)
        {
            return ((delegate* unmanaged<int, int, int, nint*, int>)Function("dk_moments_create"))(dimensions, bins, block, result);
        }
    }

    public int CreateSmoothing(int dimensions, int bins, out nint fds)
    {
        fixed (nint* result = &fds)
        {
            return ((delegate* unmanaged<int, int, void*, nint*, int>)Function("dk_fds_create"))(dimensions, bins, null, result);
        }
    }

    /// <summary>dk_moments_accumulate or dk_fds_accumulate.</summary>
    public int Accumulate(string kind, nint handle, float[] features, int rows, int columns, int[] bins)
    {
        fixed (float* source = features)
        fixed (int* indices = bins)
        {
            return ((delegate* unmanaged<nint, float*, nuint, nuint, int*, int>)Function($"dk_{kind}_accumulate"))(handle, source, (nuint)rows, (nuint)columns, indices);
        }
    }

    /// <summary>dk_moments_merge or dk_fds_merge.</summary>
    public int Merge(string kind, nint into, nint from) => ((delegate* unmanaged<nint, nint, int>)Function($"dk_{kind}_merge"))(into, from);

    public int EndEpoch(nint fds) => ((delegate* unmanaged<nint, void*, int>)Function("dk_fds_end_epoch"))(fds, null);

    public int Calibrate(nint fds, float[] features, int rows, int columns, int[] bins, float[] calibrated)
    {
        fixed (float* source = features, result = calibrated)
        fixed (int* indices = bins)
        {
            return ((delegate* unmanaged<nint, float*, nuint, nuint, int*, float*, int>)Function("dk_fds_calibrate"))(
                fds, source, (nuint)rows, (nuint)columns, indices, result);
        }
    }

    /// <summary>dk_model_load, dk_fds_load or another function of a path and a result.</summary>
    public int Load(string function, string? file, out nint handle)
    {
        fixed (byte* text = file is null ? null : Encoding.UTF8.GetBytes(file + '\0'))
        fixed (nint* result = &handle)
        {
            return ((delegate* unmanaged<byte*, nint*, int>)Function(function))(text, result);
        }
    }

    public int LoadModel(byte[] bytes, out nint model)
    {
        fixed (byte* source = bytes)
        fixed (nint* result = &model)
        {
            return ((delegate* unmanaged<byte*, nuint, nint*, int>)Function("dk_model_load_memory"))(source, (nuint)bytes.Length, result);
        }
    }

    public int Save(nint fds, string file)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(file + '\0'))
        {
            return ((delegate* unmanaged<nint, byte*, int>)Function("dk_fds_save"))(fds, text);
        }
    }

    public int Predict<T>(nint model, T[] inputs, int rows, int columns, double[] values, double[]? uncertainties = null)
        where T : unmanaged
    {
        string function = typeof(T) == typeof(double) ? "dk_model_predict_f64" : "dk_model_predict";
        fixed (T* source = inputs)
        fixed (double* result = values, deviations = uncertainties)
        {
            return ((delegate* unmanaged<nint, T*, nuint, nuint, double*, nuint, double*, nuint, int>)Function(function))(
                model, source, (nuint)rows, (nuint)columns, result, (nuint)values.Length, deviations, (nuint)(uncertainties?.Length ?? 0));
        }
    }

    /// <summary>The description of a model, or the status with an empty text.</summary>
    public int Describe(nint model, int capacity, out nuint needed, out string text)
    {
        var bytes = new byte[capacity];
        fixed (byte* result = bytes)
        fixed (nuint* size = &needed)
        {
            int status = ((delegate* unmanaged<nint, byte*, nuint, nuint*, int>)Function("dk_model_describe"))(model, result, (nuint)capacity, size);
            text = status == Ok && capacity > 0 ? Encoding.UTF8.GetString(bytes, 0, (int)needed - 1) : "";
            return status;
        }
    }
}
