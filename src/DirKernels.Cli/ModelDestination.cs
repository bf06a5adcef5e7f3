using DirKernels.Data;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>Where a model goes.</summary>
internal sealed class ModelDestination
{
    private readonly string _path;

    /// <summary>Names the files and checks that they can be written, before anything is trained.</summary>
    /// <param name="path">The model file.</param>
    /// <param name="source">The table that is read, which must be another file.</param>
    /// <exception cref="ArgumentException">The name is empty or that of the table.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public ModelDestination(string path, string source)
    {
        if (path.Length == 0)
        {
            throw new ArgumentException("--out: the name of the file is empty");
        }

        if (source != TableFile.StandardInput && Path.GetFullPath(path) == Path.GetFullPath(source))
        {
            throw new ArgumentException($"--out: {path} is the table that is read");
        }

        _path = path;
        AtomicFile.ThrowIfNotWritable(path);
    }

    /// <summary>Throws when the disk has no room for a model of networks of one shape.</summary>
    /// <exception cref="IOException">It has none.</exception>
    public void ThrowIfFull(NetworkShape shape, int networks) => AtomicFile.ThrowIfNotWritable(_path, networks * new ParameterLayout(shape).Length * sizeof(float));

    /// <summary>Writes the model.</summary>
    /// <exception cref="IOException">The disk is full or failing; there is no new file then.</exception>
    public void Write(ModelSnapshot snapshot) => AtomicFile.Write(_path, stream => ModelFile.Write(stream, snapshot));
}
