using System.Globalization;
using System.IO.Compression;
using System.Numerics.Tensors;

namespace DirKernels.Benchmarks.SentencePairs;

/// <summary>Vectors of words, scaled to length 1.</summary>
internal sealed class WordVectors
{
    private readonly Dictionary<string, float[]> _vectors = [];

    /// <summary>Reads a gzip file of lines <c>word v1 v2 ...</c>.</summary>
    /// <exception cref="InvalidDataException">Lines differ in length.</exception>
    public WordVectors(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            string[] fields = line.Split(' ');
            float[] vector = Array.ConvertAll(fields[1..], field => float.Parse(field, CultureInfo.InvariantCulture));
            Dimensions = _vectors.Count == 0 ? vector.Length : Dimensions;
            if (vector.Length != Dimensions)
            {
                throw new InvalidDataException($"{path}: '{fields[0]}' has {vector.Length} numbers, but words before it have {Dimensions}");
            }

            float norm = TensorPrimitives.Norm<float>(vector);
            if (norm > 0)
            {
                TensorPrimitives.Divide(vector, norm, vector);
                _vectors[fields[0]] = vector;
            }
        }
    }

    /// <summary>Numbers of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>The vector of a word, or null.</summary>
    public float[]? Find(string word) => _vectors.GetValueOrDefault(word);
}
