namespace DirKernels;

/// <summary>Writes a file so that under its name there is always either what was there before or all of the new content.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes to a new file in the same folder, flushes it to the disk and renames it to <paramref name="path"/>, replacing what is there. When
    /// anything fails the new file is deleted and the old one untouched. A symbolic link is followed; devices (<c>/dev/...</c>) are written to directly.
    /// </summary>
    /// <param name="path">The file to write; its folder must exist.</param>
    /// <param name="write">Writes the content to the stream it is given, which it leaves open; exceptions pass through.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to, or the path is a folder.</exception>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        string full = Locate(path);
        if (IsDevice(full))
        {
            // A rename would replace the device itself (/dev/null, /dev/stdout) with an ordinary file.
            using var device = new FileStream(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            write(device);
            return;
        }

        string temporary = TemporaryName(full);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Throws what <see cref="Write"/> would throw for lack of folder, permission or space, before the work whose result is to be written. Leaves no file.</summary>
    /// <param name="path">The file that will be written.</param>
    /// <param name="bytes">About how large it will be.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to, or the path is a folder.</exception>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public static void ThrowIfNotWritable(string path, long bytes = 0)
    {
        string full = Locate(path);
        if (IsDevice(full))
        {
            using var device = new FileStream(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            return;
        }

        string temporary = TemporaryName(full);
        using var probe = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Options = FileOptions.DeleteOnClose,
            PreallocationSize = bytes,
        });
    }

    /// <summary>The full path with symbolic links followed, in a folder that exists.</summary>
    private static string Locate(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            throw new UnauthorizedAccessException($"{path} is a folder");
        }

        if (IsDevice(full))
        {
            return full;
        }

        full = new FileInfo(full) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : full;
        return Directory.Exists(Path.GetDirectoryName(full)) ? full : throw new DirectoryNotFoundException($"{path}: its folder does not exist");
    }

    /// <summary>Shared memory is mounted among the devices but holds ordinary files.</summary>
    private static bool IsDevice(string full) =>
        full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal);

    private static string TemporaryName(string full) => FormattableString.Invariant($"{full}.{Environment.ProcessId}-{Path.GetRandomFileName()}.tmp");
}
