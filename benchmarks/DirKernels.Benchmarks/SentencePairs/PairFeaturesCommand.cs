using System.Globalization;
using System.IO.Compression;

namespace DirKernels.Benchmarks.SentencePairs;

/// <summary><c>pairs FOLDER OUT.csv.gz</c>: features of STS-B-DIR from its sentences and word vectors, a table for <c>dirkernels compare</c>.</summary>
internal static class PairFeaturesCommand
{
    private static readonly string[] _spaces = ["glove_6B_50d", "glove_twitter_25d", "googlenews_300d"];

    public static int Run(string[] args)
    {
        if (args is not [string folder, string file])
        {
            Console.Error.WriteLine("usage: pairs FOLDER OUT.csv.gz");
            return 2;
        }

        SentencePair[] pairs = SentencePair.ReadAll(Path.Combine(folder, "pairs.tsv.gz"));
        Sentence[] training = [.. pairs.Where(pair => pair.Split == "train").SelectMany(pair => new[] { pair.First, pair.Second })];
        var features = new PairFeatures([.. _spaces.Select(name => (name, new WordVectors(Path.Combine(folder, name + ".txt.gz"))))], training);
        AtomicFile.Write(file, stream =>
        {
            using var writer = new StreamWriter(new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true));
            for (int row = 0; row < pairs.Length; row++)
            {
                IReadOnlyList<(string Name, double Value)> values = features.Of(pairs[row].First, pairs[row].Second);
                if (row == 0)
                {
                    writer.Write($"split,{string.Join(',', values.Select(feature => feature.Name))},score\n");
                }

                writer.Write($"{pairs[row].Split},{string.Join(',', values.Select(feature => feature.Value.ToString("G7", CultureInfo.InvariantCulture)))},{pairs[row].Score}\n");
            }
        });
        return 0;
    }
}
