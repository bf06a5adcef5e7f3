using System.Buffers.Binary;
using DirKernels.Exchange;
using Microsoft.Win32.SafeHandles;

namespace DirKernels.Data;

/// <summary>A data file (<c>.dirk-data</c>), open for reading: a table of any size whose blocks and columns are read when they are needed.</summary>
/// <remarks>
/// Read with positioned reads rather than mapped into memory: what a process has mapped counts as its memory, and a page that is not there stops the thread
/// that touches it. Thread-safe. Rows are numbered from 1 in messages.
/// </remarks>
public sealed class DataFile : IDisposable
{
    /// <summary>The usual ending of the names of data files.</summary>
    public const string Extension = ".dirk-data";

    private readonly SafeFileHandle _file;

    private DataFile(string path, SafeFileHandle file)
    {
        Name = path;
        _file = file;
        long length = RandomAccess.GetLength(file);
        Span<byte> start = stackalloc byte[DataFileFormat.StartLength], end = stackalloc byte[DataFileFormat.EndLength];
        if (length < DataFileFormat.StartLength + DataFileFormat.EndLength || !TryRead(start, 0) || !start.StartsWith(DataFileFormat.Magic))
        {
            throw new InvalidDataException($"{path}: this is not a data file");
        }

        uint schema = BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (schema is < 1 or > DataFileFormat.Schema)
        {
            throw new InvalidDataException($"{path}: the data file has schema {schema}, but this version knows 1 to {DataFileFormat.Schema} only");
        }

        if (!TryRead(end, length - end.Length) || !end[16..].SequenceEqual(DataFileFormat.Magic) || BinaryPrimitives.ReadUInt32LittleEndian(end[12..]) != schema)
        {
            throw new InvalidDataException($"{path}: the data file is cut off");
        }

        long at = BinaryPrimitives.ReadInt64LittleEndian(end);
        long size = length - end.Length - at;
        if (at < start.Length || size is < sizeof(int) or > DataFileFormat.LargestDescription)
        {
            throw new InvalidDataException($"{path}: the data file is damaged: it says that its description starts at byte {at} of {length}");
        }

        var footer = new byte[size];
        if (!TryRead(footer, at) || Crc32C.Of(footer) != BinaryPrimitives.ReadUInt32LittleEndian(end[8..]))
        {
            throw new InvalidDataException($"{path}: the data file is damaged: the checksum of its description is wrong");
        }

        Checksum = BinaryPrimitives.ReadUInt32LittleEndian(end[8..]);
        try
        {
            Description = new DataFileDescription(footer, at);
        }
        catch (InvalidDataException problem)
        {
            throw new InvalidDataException($"{path}: the data file is damaged: {problem.Message}", problem);
        }
    }

    /// <summary>Path of the file.</summary>
    public string Name { get; }

    /// <summary>Number of rows.</summary>
    public int Rows => Description.FirstRow(Description.BlockCount);

    /// <summary>The columns, in their order.</summary>
    public IReadOnlyList<DataFileColumn> Columns => Description.Columns;

    /// <summary>Number of blocks.</summary>
    public int BlockCount => Description.BlockCount;

    /// <summary>Checksum of the description, which holds those of all chunks: it differs when the content does, but for accidents of 1 in 2^32.</summary>
    public uint Checksum { get; }

    internal DataFileDescription Description { get; }

    /// <summary>Opens a file and reads its description.</summary>
    /// <exception cref="InvalidDataException">It is no data file, damaged, cut off or newer; the message names the file.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static DataFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path))
        {
            throw new InvalidDataException($"{path}: this is a folder, not a data file");
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: there is no such file");
        }

        SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            return new DataFile(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is a file that starts like a data file.</summary>
    public static bool IsDataFile(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return IsDataFile(file);
    }

    /// <summary>Whether a file that was opened starts like a data file; its position stays where it is. False of what cannot be sought in, such as a pipe.</summary>
    internal static bool IsDataFile(FileStream file)
    {
        Span<byte> start = stackalloc byte[DataFileFormat.Magic.Length];
        return file.CanSeek && RandomAccess.Read(file.SafeFileHandle, start, 0) == start.Length && start.SequenceEqual(DataFileFormat.Magic);
    }

    /// <summary>Index of a column.</summary>
    /// <exception cref="InvalidDataException">There is none of that name; the message lists those that there are.</exception>
    public int IndexOf(string column)
    {
        int index = Array.FindIndex(Description.Columns, found => found.Name == column);
        return index >= 0 ? index : throw new InvalidDataException(UnknownColumn.Message(Name, [.. Columns.Select(found => found.Name)], column));
    }

    /// <summary>Index of a column of numbers.</summary>
    /// <exception cref="InvalidDataException">There is none of that name, or it holds text.</exception>
    public int IndexOfNumbers(string column)
    {
        int index = IndexOf(column);
        return Columns[index].Categories is { } categories
            ? throw new InvalidDataException($"{Name}: column '{column}': '{categories[0]}' is text, but the column must be numeric")
            : index;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Reads chunks of a block that follow each other.</summary>
    /// <param name="block">The block.</param>
    /// <param name="column">The first column.</param>
    /// <param name="count">Columns.</param>
    /// <param name="room">Made larger when it is too small.</param>
    /// <returns>Length of the chunks.</returns>
    /// <exception cref="InvalidDataException">A chunk is damaged; file, block and column are named.</exception>
    internal int Read(int block, int column, int count, ref byte[] room)
    {
        long at = Description.OffsetOf(block, column);
        int length = checked((int)(Description.OffsetOf(block, column + count) - at));
        if (room.Length < length)
        {
            room = GC.AllocateUninitializedArray<byte>(length);
        }

        if (!TryRead(room.AsSpan(0, length), at))
        {
            throw new InvalidDataException($"{Name}: the data file has become shorter while it was read");
        }

        int start = 0;
        for (int c = column; c < column + count; c++)
        {
            int size = ColumnChunk.Length(Description.EncodingOf(block, c), Description.RowsOf(block));
            if (Crc32C.Of(room.AsSpan(start, size)) != Description.ChecksumOf(block, c))
            {
                throw new InvalidDataException(
                    $"{Name}: rows {Description.FirstRow(block) + 1}..{Description.FirstRow(block + 1)}, column '{Columns[c].Name}': the data file is damaged: the checksum is wrong");
            }

            start += size;
        }

        return length;
    }

    /// <summary>Throws when a code is that of no category.</summary>
    internal void CheckCodes(ReadOnlySpan<int> codes, int column, int firstRow)
    {
        int categories = Columns[column].Categories!.Count;
        for (int i = 0; i < codes.Length; i++)
        {
            if ((uint)codes[i] >= (uint)categories)
            {
                throw new InvalidDataException($"{Name}: row {firstRow + i + 1}, column '{Columns[column].Name}': code {codes[i]} is none of {categories} categories");
            }
        }
    }

    private bool TryRead(Span<byte> bytes, long at)
    {
        while (!bytes.IsEmpty)
        {
            int read = RandomAccess.Read(_file, bytes, at);
            if (read == 0)
            {
                return false;
            }

            bytes = bytes[read..];
            at += read;
        }

        return true;
    }
}
