using System.CommandLine;
using DirKernels.Backends;
using DirKernels.Data;
using DirKernels.Metrics;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary><c>dirkernels evaluate</c>: the errors of a model on labelled rows, by shot region.</summary>
internal static class EvaluateCommand
{
    private const string Schema = "dirkernels.evaluate/1";
    private const string AllRows = "all";

    public static Command Create(CommandStreams streams, CancellationToken cancellation)
    {
        var model = new Argument<string>("MODEL") { Description = "A model file written by train." };
        var file = new Argument<string>("FILE") { Description = "A table with labels; - for standard input." };
        var part = new Option<string?>("--split")
        {
            Description = "The rows to evaluate; by default test when the table has a split column, otherwise all.",
            HelpName = "train|val|test|all",
        };
        var many = new Option<double>("--many") { Description = "Bins with more training rows are many-shot.", DefaultValueFactory = _ => 100 };
        var few = new Option<double>("--few") { Description = "Bins with fewer training rows are few-shot.", DefaultValueFactory = _ => 20 };
        var missing = new MissingValuesOption();
        var device = new DeviceOption();
        var json = new Option<bool>("--json") { Description = "Write JSON, with the table of bins." };
        var command = new Command("evaluate", "Errors of a model over all rows and by how many training rows the bins of the labels had.")
        {
            model, file, part, many, few, missing.Option, device.Option, json,
        };
        command.SetAction(parsed =>
        {
            DeviceName where = device.Read(parsed);
            string? chosen = parsed.GetValue(part);
            if (chosen is not null)
            {
                NamedChoice.Of("--split", chosen, ("train", 0), ("val", 1), ("test", 2), (AllRows, 3));
            }

            var thresholds = OptionRange.Make("--many, --few", () => new ShotThresholds(parsed.GetValue(many), parsed.GetValue(few)));
            MissingValues? missingValues = missing.Read(parsed);
            TrainedModel trained = TrainedModel.Read(parsed.GetValue(model)!);
            TableOptions options = trained.TableOptions(missingValues, trained.Metadata.Target, trained.Metadata.SplitColumn ?? DataSplit.DefaultColumn);
            Table table = TableFile.Read(parsed.GetValue(file)!, options, streams.Input, cancellation);
            (string name, int[] rows) = Rows(trained, table, chosen);
            (ShotReport report, UncertaintyReport? uncertainty) = Evaluate(trained, table, rows, thresholds, where);
            Write(streams.Output, trained, table, name, report, uncertainty, parsed.GetValue(json));
            return ExitCode.Success;
        });
        return command;
    }

    private static (string Part, int[] Rows) Rows(TrainedModel trained, Table table, string? chosen)
    {
        string? column = trained.SplitColumnOf(table);
        if (chosen == AllRows || (chosen is null && column is null))
        {
            return (AllRows, [.. Enumerable.Range(0, table.RowCount)]);
        }

        string part = chosen ?? "test";
        if (column is null)
        {
            throw new InvalidDataException($"{table.Name}: there is no split column to find the {part} rows by");
        }

        int[] rows = RowsOfPart(table, column, part);
        return rows.Length > 0
            ? (part, rows)
            : throw new InvalidDataException($"{table.Name}: column '{column}' has no {part} rows; name others with --split");
    }

    /// <summary>Unlike a split to train by, this one need not have training rows.</summary>
    private static int[] RowsOfPart(Table table, string column, string part)
    {
        if (table.Column(column) is not TextColumn text)
        {
            throw new InvalidDataException($"{table.Name}: column '{column}' holds numbers, but the split must be one of train, val, test");
        }

        bool[] isChosen = [.. text.Categories.Select(category => PartOf(table, column, category) == part)];
        return [.. Enumerable.Range(0, table.RowCount).Where(row => isChosen[text.Codes[row]])];
    }

    private static string PartOf(Table table, string column, string category) => category.ToLowerInvariant() switch
    {
        "train" => "train",
        "val" or "valid" or "validation" => "val",
        "test" => "test",
        _ => throw new InvalidDataException($"{table.Name}: column '{column}': '{category}' is none of train, val, test"),
    };

    private static (ShotReport Errors, UncertaintyReport? Uncertainty) Evaluate(TrainedModel trained, Table table, int[] rows, ShotThresholds thresholds, DeviceName device)
    {
        float[] inputs = trained.Encoder.Encode(table, rows);
        double[] allLabels = table.Labels(trained.Metadata.Target);
        double[] labels = Array.ConvertAll(rows, row => allLabels[row]);
        ModelSnapshot snapshot = trained.Snapshot;
        using IBackend backend = DeviceOption.Open(device);
        using RegressionModel model = snapshot.ToModel(backend);
        (double[] predictions, double[]? deviations) = model.PredictAll(inputs);
        UncertaintyReport? uncertainty = deviations is null
            ? null
            : UncertaintyReport.Compute(model.Distribution!.Value, predictions, deviations, labels, snapshot.Bins, snapshot.TrainCounts, thresholds);
        return (ShotReport.Compute(predictions, labels, snapshot.Bins, snapshot.TrainCounts, thresholds), uncertainty);
    }

    private static void Write(TextWriter writer, TrainedModel trained, Table table, string part, ShotReport report, UncertaintyReport? uncertainty, bool asJson)
    {
        if (!asJson)
        {
            writer.Write($"{trained.Metadata.Target} of {table.Name}, {(part == AllRows ? "all rows" : part + " rows")}\n");
            ShotReportOutput.WriteText(writer, report);
            UncertaintyOutput.WriteText(writer, uncertainty);
            return;
        }

        JsonOutput.Write(writer, Schema, json =>
        {
            json.WriteString("data", table.Name);
            json.WriteString("target", trained.Metadata.Target);
            json.WriteString("rows", part);
            ShotReportOutput.WriteJson(json, report);
            UncertaintyOutput.WriteJson(json, uncertainty);
        });
    }
}
