using DirKernels.Data;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>The columns that the inputs of an imported network are, and their scaling.</summary>
internal static class ImportedColumns
{
    /// <summary>The encoder that the model file will hold.</summary>
    /// <param name="settings">What the user says.</param>
    /// <param name="inputs">Inputs of the network.</param>
    /// <exception cref="InvalidDataException">The table of the scaling has other rows or columns than are needed.</exception>
    /// <exception cref="ArgumentException">Names are not as many as inputs, or occur twice.</exception>
    public static FeatureEncoder Create(ImportSettings settings, int inputs)
    {
        EncodedColumn[] columns = settings.ScalingTable is { } path ? Read(path, inputs) : [.. Enumerable.Range(0, inputs).Select(Plain)];
        if (settings.Columns is { } names)
        {
            if (names.Length != inputs)
            {
                throw new ArgumentException($"--columns: there are {names.Length} names, but the network has {inputs} inputs");
            }

            columns = [.. columns.Select((column, i) => EncodedColumn.Numeric(names[i], column.Mean, column.Scale, column.Median))];
        }

        return OptionRange.Make("--columns", () => new FeatureEncoder(columns, [settings.Target]));
    }

    private static EncodedColumn Plain(int input) => EncodedColumn.Numeric(FormattableString.Invariant($"c{input}"), 0, 1, 0);

    private static EncodedColumn[] Read(string path, int inputs)
    {
        Table table = TableFile.Read(path, new TableOptions { TextColumns = ["column"] });
        if (table.RowCount != inputs)
        {
            throw new InvalidDataException($"{path}: the scaling has {table.RowCount} rows, but the network has {inputs} inputs");
        }

        if (!table.TryGetColumn("column", out TableColumn? found) || found is not TextColumn names)
        {
            throw new InvalidDataException($"{path}: there is no column 'column' with the names of the inputs");
        }

        double[] means = table.Labels("mean"), scales = table.Labels("sd"), medians = table.TryGetColumn("median", out _) ? table.Labels("median") : means;
        int broken = Array.FindIndex(scales, scale => !(scale > 0));
        return broken < 0
            ? [.. Enumerable.Range(0, inputs).Select(i => EncodedColumn.Numeric(names.Categories[names.Codes[i]], means[i], scales[i], medians[i]))]
            : throw new InvalidDataException(FormattableString.Invariant($"{path}: row {table.RowNumber(broken)}, column 'sd': {scales[broken]} is no scale; it must be positive"));
    }
}
