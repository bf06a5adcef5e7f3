using System.Globalization;
using System.IO.Compression;

namespace DirKernels.Benchmarks.SentencePairs;

/// <summary>Two sentences and how alike people found them.</summary>
/// <param name="Split">train, val or test.</param>
/// <param name="First">One sentence.</param>
/// <param name="Second">The other.</param>
/// <param name="Score">As it is written, 0..5.</param>
internal sealed record SentencePair(string Split, Sentence First, Sentence Second, string Score)
{
    /// <summary>Reads a table of pairs: split, two sentences and score, separated by tabs, without quoting.</summary>
    /// <param name="path">A gzip file with a header.</param>
    /// <exception cref="InvalidDataException">A line has not four fields, or its score is no number; it is named.</exception>
    public static SentencePair[] ReadAll(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var pairs = new List<SentencePair>();
        reader.ReadLine();
        for (int line = 2; reader.ReadLine() is { } text; line++)
        {
            string[] fields = text.Split('\t');
            pairs.Add(fields.Length == 4 && double.TryParse(fields[3], NumberStyles.Float, CultureInfo.InvariantCulture, out _)
                ? new SentencePair(fields[0], new Sentence(fields[1]), new Sentence(fields[2]), fields[3])
                : throw new InvalidDataException($"{path}: line {line} is not split, two sentences and a score"));
        }

        return [.. pairs];
    }
}
