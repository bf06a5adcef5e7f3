using System.Runtime.InteropServices;
using DirKernels.Networks;
using Microsoft.Win32.SafeHandles;

namespace DirKernels.Data;

/// <summary>
/// Inputs copied to a temporary file, where they lie together: rows that are read every epoch, but are a small part of the blocks that they come from.
/// </summary>
/// <remarks>The file is gone when the process ends, however it ends.</remarks>
internal sealed class SpilledBlocks : IRowBlocks, IDisposable
{
    private const int BytesPerBlock = 1 << 22;

    private readonly SafeFileHandle _file;
    private readonly int _rowsPerBlock;
    private readonly int _rows;

    /// <summary>Copies rows.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="folder">Where the file goes.</param>
    /// <param name="cancellation">Stops copying.</param>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public SpilledBlocks(IRowBlocks source, string folder, CancellationToken cancellation)
    {
        Columns = source.Columns;
        _rows = source.RowCount();
        _rowsPerBlock = Math.Clamp(BytesPerBlock / (sizeof(float) * Columns), 1, Math.Max(1, _rows));
        string path = Path.Combine(folder, $"dirkernels-{Path.GetRandomFileName()}.tmp");
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose);
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(path); // what is open lives on without a name, and is gone even when the process is killed
            }

            var inputs = new float[checked(source.LargestBlock() * Columns)];
            for (int block = 0; block < source.BlockCount; block++)
            {
                cancellation.ThrowIfCancellationRequested();
                Span<float> rows = inputs.AsSpan(0, source.RowsOf(block) * Columns);
                source.Read(block, rows);
                RandomAccess.Write(_file, MemoryMarshal.AsBytes(rows), (long)source.FirstRow(block) * Columns * sizeof(float));
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int Columns { get; }

    /// <inheritdoc/>
    public int BlockCount => (_rows + _rowsPerBlock - 1) / _rowsPerBlock;

    /// <inheritdoc/>
    public int FirstRow(int block) => (int)Math.Min((long)block * _rowsPerBlock, _rows);

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void Read(int block, Span<float> inputs)
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(inputs);
        long at = (long)FirstRow(block) * Columns * sizeof(float);
        while (!bytes.IsEmpty)
        {
            int read = RandomAccess.Read(_file, bytes, at);
            if (read == 0)
            {
                throw new EndOfStreamException("the temporary file of the validation rows has become shorter");
            }

            bytes = bytes[read..];
            at += read;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
