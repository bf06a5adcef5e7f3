namespace DirKernels.Data;

/// <summary>Opens a table whatever its format: <c>.csv</c>, <c>.tsv</c>, <c>.npy</c>, each plain or gzip-compressed, a data file, or standard input.</summary>
public static class TableFile
{
    /// <summary>The path that means standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>Reads a table from a file or from standard input.</summary>
    /// <param name="path">A file, or <see cref="StandardInput"/>.</param>
    /// <param name="options">Null for <see cref="TableOptions.Default"/>.</param>
    /// <param name="standardInput">Stands in for the process's standard input; null for the real one.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="InvalidDataException">The content is not a table; the message names the file and where it is wrong.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Table Read(string path, TableOptions? options = null, Stream? standardInput = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path != StandardInput)
        {
            using FileStream file = Open(path);
            if (!DataFile.IsDataFile(file))
            {
                return Read(file, path, options, cancellation);
            }

            using DataFile data = DataFile.Open(path);
            return DataFileTable.Read(data, options ?? TableOptions.Default, cancellation);
        }

        if (standardInput is not null)
        {
            return Read(standardInput, "standard input", options, cancellation);
        }

        using Stream input = Console.OpenStandardInput();
        return Read(input, "standard input", options, cancellation);
    }

    /// <summary>Reads a table from a stream, from its present position to its end; its first bytes tell arrays from text. Leaves it open.</summary>
    /// <param name="stream">Plain or compressed; need not be seekable.</param>
    /// <param name="name">Name of the source for messages; <c>.tsv</c> and <c>.tsv.gz</c> mean tabs.</param>
    /// <param name="options">Null for <see cref="TableOptions.Default"/>.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="InvalidDataException">The content is not a table; the message names the source and where it is wrong.</exception>
    public static Table Read(Stream stream, string name, TableOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        using var expanded = new ExpandedStream(stream, name);
        return Sniff(expanded, name, out PrefixedStream content)
            ? NumpyArray.Read(content, name, options, cancellation)
            : TableReader.ReadText(content, name, options, cancellation);
    }

    /// <summary>Opens a file for reading from its start to its end.</summary>
    internal static FileStream Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new InvalidDataException($"{path}: this is a folder, not a table");
        }

        // Both the decompressor and the parsers read in large blocks, so that a buffer here would only copy.
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
    }

    /// <summary>Whether content is an array, by its first bytes or its name.</summary>
    /// <param name="expanded">The content at its start.</param>
    /// <param name="name">Name of the source.</param>
    /// <param name="content">The same content, its first bytes included.</param>
    internal static bool Sniff(Stream expanded, string name, out PrefixedStream content)
    {
        var start = new byte[NumpyHeader.MagicLength];
        int read = expanded.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (start.AsSpan(0, read).SequenceEqual(DataFileFormat.Magic[..start.Length]))
        {
            throw new InvalidDataException($"{name}: a data file can only be read by its name: its description is at its end");
        }

        content = new PrefixedStream(start[..read], expanded);
        return NumpyHeader.StartsArray(start.AsSpan(0, read)) || name.EndsWith(".npy", StringComparison.OrdinalIgnoreCase);
    }
}
