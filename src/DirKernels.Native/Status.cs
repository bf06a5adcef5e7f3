namespace DirKernels.Native;

/// <summary>What every function returns; the numbers are part of the interface (<c>dk_status</c>), those below 4 are the exit codes of the command.</summary>
internal enum Status
{
    Ok = 0,

    /// <summary>Something failed that the caller is not to blame for, such as a full disk.</summary>
    Failure = 1,

    /// <summary>An argument is null, out of its range, or of another size than the others.</summary>
    BadArgument = 2,

    /// <summary>Labels, features or the bytes of a file are not what they should be.</summary>
    BadData = 3,

    /// <summary>A handle that was freed, is of another kind, or never was one.</summary>
    BadHandle = 4,

    /// <summary>The function needs another to be called before, or something that the model has not.</summary>
    BadState = 5,

    OutOfMemory = 6,

    /// <summary>The caller's memory is too small for a text or bytes; the size that is needed was told.</summary>
    TooSmall = 7,
}
