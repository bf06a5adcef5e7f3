using System.Globalization;
using DirKernels.Data;

namespace DirKernels.Benchmarks.LargeData;

/// <summary><c>large FILE ROWS INPUTS</c>: a data file of any size with long-tailed labels, to train on what does not fit into memory.</summary>
/// <remarks>
/// Inputs x1..xD are uniform on [-1, 1) in single precision; the label is <c>10 (exp(h) - 1)</c> cut to 0..200 with <c>h = 1 + x1 + 0.8 sin(3 x2) + 0.7 x3 x4 + 0.2 u</c>, u
/// uniform on [-1, 1); of a hundred rows five validate and five test.
/// </remarks>
internal static class LargeDataCommand
{
    private const int FewestInputs = 4;

    public static int Run(string[] args)
    {
        if (args.Length != 3 || !int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out int rows)
            || !int.TryParse(args[2], NumberStyles.None, CultureInfo.InvariantCulture, out int inputs) || rows < 100 || inputs < FewestInputs)
        {
            Console.Error.WriteLine($"large FILE ROWS INPUTS: at least 100 rows and {FewestInputs} inputs");
            return 2;
        }

        AtomicFile.Write(args[0], stream => Write(stream, rows, inputs));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"wrote {args[0]}: {rows} rows of {inputs} inputs, {new FileInfo(args[0]).Length / 1e9:F2} GB"));
        return 0;
    }

    private static void Write(Stream stream, int rows, int inputs)
    {
        string[] names = [.. Enumerable.Range(1, inputs).Select(i => string.Create(CultureInfo.InvariantCulture, $"x{i}"))];
        var writer = new DataFileWriter(stream, [("split", true), .. names.Select(name => (name, false)), ("y", false)]);
        int most = DataFileWriter.RowsPerBlock(inputs + 2);
        for (int first = 0; first < rows; first += most)
        {
            writer.Add(Block(names, first, Math.Min(most, rows - first)));
        }

        writer.Finish();
    }

    private static Table Block(string[] names, int first, int rows)
    {
        var x = new double[names.Length][];
        for (int i = 0; i < x.Length; i++)
        {
            ulong stream = CounterRandom.Stream(1, (ulong)i);
            x[i] = new double[rows];
            for (int row = 0; row < rows; row++)
            {
                x[i][row] = 2 * CounterRandom.Uniform(stream, (ulong)(first + row)) - 1;
            }
        }

        var labels = new double[rows];
        var parts = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            double noise = 2 * CounterRandom.Uniform(CounterRandom.Stream(2, 0), (ulong)(first + row)) - 1;
            double h = 1 + x[0][row] + 0.8 * Math.Sin(3 * x[1][row]) + 0.7 * x[2][row] * x[3][row] + 0.2 * noise;
            labels[row] = Math.Clamp(10 * (Math.Exp(h) - 1), 0, 200);
            parts[row] = ((first + row) % 20) switch { 7 => 1, 13 => 2, _ => 0 };
        }

        return new Table("rows",
        [
            new TextColumn("split", parts, ["train", "val", "test"]), .. names.Select((name, i) => new NumericColumn(name, x[i])), new NumericColumn("y", labels),
        ]);
    }
}
