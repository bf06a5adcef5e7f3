using DirKernels.Networks;

namespace DirKernels.Native;

/// <summary>A model that is ready to predict, and what is known about it.</summary>
internal sealed class LoadedModel : IDisposable
{
    private LoadedModel(ModelSnapshot snapshot)
    {
        Predictor = new TablePredictor(snapshot, LibraryExports.Threads);
        Information = ModelInformation.Of(snapshot);
        Description = ModelText.Of(snapshot);
    }

    public TablePredictor Predictor { get; }

    public ModelInformation Information { get; }

    /// <summary>UTF-8 JSON with a zero byte behind.</summary>
    public byte[] Description { get; }

    /// <summary>Reads a model file.</summary>
    /// <exception cref="InvalidDataException">It is none, damaged, or of a newer schema.</exception>
    public static LoadedModel Read(Stream stream) => new(ModelFile.Read(stream));

    /// <inheritdoc/>
    public void Dispose() => Predictor.Dispose();
}
