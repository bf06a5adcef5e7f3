using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DirKernels.Native;

/// <summary>What is true of the library as a whole.</summary>
internal static unsafe class LibraryExports
{
    /// <summary>Version of the interface as dirkernels.h has it: the first number in the upper 16 bits, the second in the lower.</summary>
    private const uint AbiVersion = (1 << 16) | 0;

    private const int MostThreads = 1024;

    private static int _threads = 1;

    /// <summary>Threads that objects made from now on share large operations between.</summary>
    public static int Threads => Volatile.Read(ref _threads);

    [UnmanagedCallersOnly(EntryPoint = "dk_abi_version")]
    public static uint Abi() => AbiVersion;

    [UnmanagedCallersOnly(EntryPoint = "dk_instruction_set")]
    public static byte* InstructionSet() => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(
        Vector512.IsHardwareAccelerated ? "x86-64-v4\0"u8
        : Vector256.IsHardwareAccelerated ? "x86-64-v3\0"u8
        : RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64\0"u8
        : "x86-64-v2\0"u8));

    [UnmanagedCallersOnly(EntryPoint = "dk_threads")]
    public static int GetThreads(int* threads)
    {
        try
        {
            Memory.Result(threads, "threads") = Threads;
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_set_threads")]
    public static int SetThreads(int threads)
    {
        try
        {
            if (threads is < 0 or > MostThreads)
            {
                throw new NativeCallException(Status.BadArgument, $"threads must be 0..{MostThreads}, but is {threads}");
            }

            Volatile.Write(ref _threads, threads);
            return (int)Status.Ok;
        }
        catch (Exception problem)
        {
            return LastError.Record(problem);
        }
    }
}
