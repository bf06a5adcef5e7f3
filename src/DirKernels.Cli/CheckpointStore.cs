using System.Globalization;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>Where a run keeps the states to go on from: one file beside the model, or a folder with the two newest.</summary>
/// <remarks>
/// In a folder a file is called after the epochs that had ended, <c>epoch-000012.checkpoint</c>. The one before the newest stays until the next is written, so that a
/// file that the disk has damaged costs a few epochs and not the run.
/// </remarks>
internal sealed class CheckpointStore
{
    private const string Prefix = "epoch-";
    private const string Extension = ".checkpoint";
    private const int Kept = 2;

    private readonly string? _folder;
    private readonly string _besideModel;

    /// <summary>Names the place; nothing is written yet.</summary>
    /// <param name="folder">The folder, which is made when it does not exist; null for a file beside the model.</param>
    /// <param name="modelPath">The model file.</param>
    public CheckpointStore(string? folder, string modelPath)
    {
        _folder = folder;
        _besideModel = modelPath + Extension;
    }

    /// <summary>Whether it is a folder, which a run writes to while it trains.</summary>
    public bool IsFolder => _folder is not null;

    /// <summary>For people.</summary>
    public string Name => _folder ?? _besideModel;

    /// <summary>Makes the folder and checks that it can be written to; takes away what a killed run had not finished writing.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Prepare()
    {
        if (_folder is null)
        {
            return;
        }

        Directory.CreateDirectory(_folder);
        AtomicFile.ThrowIfNotWritable(PathOf(0));
        foreach (string unfinished in Directory.EnumerateFiles(_folder, $"{Prefix}*{Extension}.*.tmp"))
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>The checkpoints there are, newest first.</summary>
    public IReadOnlyList<string> Find()
    {
        if (_folder is null)
        {
            return File.Exists(_besideModel) ? [_besideModel] : [];
        }

        return Directory.Exists(_folder)
            ? [.. Directory.EnumerateFiles(_folder, $"{Prefix}*{Extension}").Where(path => EpochOf(path) is not null).OrderByDescending(EpochOf)]
            : [];
    }

    /// <summary>Writes a checkpoint: all of it is there afterwards, or nothing of it.</summary>
    /// <param name="epochs">Epochs that have ended.</param>
    /// <param name="snapshot">The model with its state.</param>
    /// <exception cref="IOException">The disk is full or failing; the ones before are still there.</exception>
    public void Write(int epochs, ModelSnapshot snapshot)
    {
        AtomicFile.Write(_folder is null ? _besideModel : PathOf(epochs), stream => ModelFile.Write(stream, snapshot));
        foreach (string old in Find().Skip(Kept))
        {
            File.Delete(old);
        }
    }

    /// <summary>Takes all checkpoints away: the run has come to its end.</summary>
    public void Clear()
    {
        foreach (string path in Find())
        {
            File.Delete(path);
        }
    }

    private static int? EpochOf(string path) =>
        int.TryParse(Path.GetFileNameWithoutExtension(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int epoch) ? epoch : null;

    private string PathOf(int epochs) => Path.Combine(_folder!, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{epochs:D6}{Extension}"));
}
