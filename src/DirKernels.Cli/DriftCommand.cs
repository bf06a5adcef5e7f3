using System.CommandLine;
using DirKernels.Data;
using DirKernels.Monitoring;

namespace DirKernels.Cli;

/// <summary><c>dirkernels drift</c>: whether rows still look like those that a model was trained on.</summary>
internal static class DriftCommand
{
    private const int MostShown = 100_000;

    public static Command Create(CommandStreams streams, CancellationToken cancellation)
    {
        var model = new Argument<string>("MODEL") { Description = "A model file written by train." };
        var file = new Argument<string?>("FILE") { Description = "A table with the columns of the training; - for standard input. Not needed with --add.", Arity = ArgumentArity.ZeroOrOne };
        var missing = new MissingValuesOption();
        var add = new Option<string[]>("--add") { Description = "Sketches that earlier runs wrote with --out, from here or elsewhere: they are added to the rows of the table.", HelpName = "SKETCH", AllowMultipleArgumentsPerToken = true };
        var output = new Option<string?>("--out") { Description = "Write the sketch of all rows to this file: some bytes for each input, which merge.", HelpName = "SKETCH" };
        var top = new Option<int>("--top") { Description = $"Inputs to show, those that moved most, 0..{MostShown}.", HelpName = "N", DefaultValueFactory = _ => 10 };
        var json = new Option<bool>("--json") { Description = "Write JSON, with all inputs." };
        var command = new Command("drift", "Compares rows with those that a model was trained on: the distribution of each input and of the predictions. A missing value counts as the median that stands for it.") { model, file, missing.Option, add, output, top, json };
        command.SetAction(parsed =>
        {
            MissingValues? missingValues = missing.Read(parsed);
            int shown = parsed.GetValue(top);
            OptionRange.Require(shown is >= 0 and <= MostShown, "--top", $"must be 0..{MostShown}", shown);
            string[] others = parsed.GetValue(add) ?? [];
            string? table = parsed.GetValue(file);
            if (table is null && others.Length == 0)
            {
                throw new ArgumentException("there is neither a table nor a sketch (--add) to compare with the model");
            }

            string path = parsed.GetValue(model)!;
            TrainedModel trained = TrainedModel.Read(path);
            DriftSketch reference = trained.Snapshot.Reference
                ?? throw new InvalidDataException($"{path}: the model knows nothing of its training rows: it was imported, is a checkpoint, or of an earlier version");
            var live = new DriftSketch(reference.Inputs, reference.Bins);
            if (table is not null)
            {
                using var prediction = new StreamedPrediction(trained);
                prediction.Sketch(TableStream.Open(table, trained.TableOptions(missingValues), streams.Input, cancellation), live, cancellation);
            }

            foreach (string other in others)
            {
                Merge(live, other);
            }

            if (parsed.GetValue(output) is { } kept)
            {
                AtomicFile.Write(kept, stream => stream.Write(live.ToBytes()));
            }

            DriftOutput.Write(streams.Output, DriftReport.Compare(reference, live), trained.Metadata.Encoder.FeatureNames, shown, parsed.GetValue(json));
            return ExitCode.Success;
        });
        return command;
    }

    private static void Merge(DriftSketch live, string path)
    {
        try
        {
            live.Merge(DriftSketch.Read(File.ReadAllBytes(path)));
        }
        catch (Exception problem) when (problem is InvalidDataException or ArgumentException)
        {
            throw new InvalidDataException($"{path}: {problem.Message}", problem);
        }
    }
}
