using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace DirKernels.Native;

/// <summary>The text of the last error of each thread.</summary>
internal static unsafe class LastError
{
    [ThreadStatic]
    private static ErrorText? _ofThread;

    /// <summary>The status an exception stands for; its message is kept for the thread. Never throws.</summary>
    public static int Record(Exception problem)
    {
        try
        {
            (_ofThread ??= new ErrorText()).Set(MessageOf(problem));
        }
        catch (OutOfMemoryException)
        {
            // No memory even for the text: the status says enough.
        }

        return (int)StatusOf(problem);
    }

    [UnmanagedCallersOnly(EntryPoint = "dk_last_error")]
    public static byte* Text() => _ofThread is { } text ? text.Pointer : ErrorText.Empty;

    private static Status StatusOf(Exception problem) => problem switch
    {
        NativeCallException refused => refused.Status,
        InvalidDataException or FileNotFoundException or DirectoryNotFoundException => Status.BadData,
        ObjectDisposedException => Status.BadHandle,
        InvalidOperationException => Status.BadState,
        ArgumentException => Status.BadArgument,
        OverflowException => Status.BadArgument,
        OutOfMemoryException => Status.OutOfMemory,
        _ => Status.Failure,
    };

    private static string MessageOf(Exception problem) => problem switch
    {
        ArgumentException { ParamName: { } name } => problem.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal),
        OutOfMemoryException => "there is not enough memory",
        OverflowException => "the sizes together are more than an array holds",
        _ => problem.Message,
    };

    /// <summary>Memory for the text of one thread, which lives as long as the thread.</summary>
    private sealed class ErrorText
    {
        private const int Capacity = 2048;

        public ErrorText() => Pointer = (byte*)NativeMemory.AllocZeroed(Capacity);

        /// <summary>Frees the memory once the thread is gone.</summary>
        ~ErrorText() => NativeMemory.Free(Pointer);

        public static byte* Empty => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("\0"u8));

        public byte* Pointer { get; }

        /// <summary>Sets the text, cut off behind a whole character if it is too long.</summary>
        public void Set(string message)
        {
            Utf8.FromUtf16(message, new Span<byte>(Pointer, Capacity - 1), out _, out int written);
            Pointer[written] = 0;
        }
    }
}
