namespace DirKernels.Native;

/// <summary>Files that are read: what is wrong with one is told with its name.</summary>
internal static class SourceFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is a folder, or not what it should be.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static T Read<T>(string path, Func<Stream, T> read)
    {
        if (Directory.Exists(path))
        {
            throw new InvalidDataException($"{path}: this is a folder, not a file");
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: there is no such file");
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
            return read(stream);
        }
        catch (InvalidDataException problem)
        {
            throw new InvalidDataException($"{path}: {problem.Message}", problem);
        }
    }
}
