using System.IO.Compression;
using DirKernels.Networks;

namespace DirKernels.Data;

/// <summary>Opens the arrays of a network that was trained elsewhere: <c>.npz</c>, a folder of <c>.npy</c> files, or safetensors, told apart by content.</summary>
public static class WeightsFile
{
    private const string ArrayEnding = ".npy";

    /// <summary>More arrays than any chain of layers has.</summary>
    private const int MostArrays = 10_000;

    /// <summary>What counts training steps and is no number of the network.</summary>
    private const string Counter = "num_batches_tracked";

    /// <summary>Reads all arrays.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <exception cref="InvalidDataException">It holds none of these, or is damaged; the message names the file.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static IReadOnlyList<NamedTensor> Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path))
        {
            return ReadFolder(path);
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: there is no such file");
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        Span<byte> start = stackalloc byte[2];
        int read = file.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        file.Position = 0;
        try
        {
            return read == 2 && start.SequenceEqual("PK"u8) ? ReadArchive(file, path) : NamedTensor.Of(SafeTensorsFile.Read(file));
        }
        catch (InvalidDataException problem) when (!problem.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: {problem.Message}", problem);
        }
    }

    private static List<NamedTensor> ReadFolder(string path)
    {
        string[] files = Directory.GetFiles(path, "*" + ArrayEnding);
        Array.Sort(files, StringComparer.Ordinal);
        ThrowIfNone(files.Length, path);
        var tensors = new List<NamedTensor>();
        foreach (string file in files)
        {
            string name = NameOf(Path.GetFileName(file));
            if (!name.EndsWith(Counter, StringComparison.Ordinal))
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
                tensors.Add(NumpyTensor.Read(stream, file, name));
            }
        }

        return tensors;
    }

    private static List<NamedTensor> ReadArchive(Stream file, string path)
    {
        using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        ThrowIfNone(archive.Entries.Count, path);
        var tensors = new List<NamedTensor>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            string name = NameOf(entry.FullName);
            if (!entry.FullName.EndsWith(ArrayEnding, StringComparison.Ordinal))
            {
                throw new InvalidDataException($"{path}: '{entry.FullName}' is no array: an .npz archive holds .npy files");
            }

            if (!seen.Add(name))
            {
                throw new InvalidDataException($"{path}: there are two arrays named '{name}'");
            }

            if (!name.EndsWith(Counter, StringComparison.Ordinal))
            {
                using Stream stream = entry.Open();
                tensors.Add(NumpyTensor.Read(stream, $"{path}: {entry.FullName}", name));
            }
        }

        return tensors;
    }

    private static void ThrowIfNone(int count, string path)
    {
        if (count is 0 or > MostArrays)
        {
            throw new InvalidDataException($"{path}: there are {count} arrays ({ArrayEnding}); 1..{MostArrays} can be read");
        }
    }

    private static string NameOf(string file) => file.EndsWith(ArrayEnding, StringComparison.Ordinal) ? file[..^ArrayEnding.Length] : file;
}
