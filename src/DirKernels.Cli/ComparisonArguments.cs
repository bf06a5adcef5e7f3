using System.CommandLine;
using System.Globalization;
using DirKernels.Data;

namespace DirKernels.Cli;

/// <summary>The options of <c>compare</c> that are about what is evaluated and told, not about training.</summary>
internal sealed class ComparisonArguments
{
    private readonly Option<bool> _json = new("--json") { Description = "Write all numbers as JSON." };

    private readonly Option<bool> _details = new("--details")
    {
        Description = "Add wins, ties and losses corrected for the number of methods, and further measures, to the text.",
    };

    private readonly Option<string[]> _drop = new("--drop")
    {
        Description = "Drop training rows with labels in this range, ends included, and tell the errors there apart; may be repeated.",
        HelpName = "lo..hi",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _pareto = new("--pareto")
    {
        Description = "Compare the dial between frequent and rare labels: weights of power 0, 0.12, 0.25, 0.5, 0.75, 1, with and without lds.",
    };

    private readonly Option<double> _tradeOff = new("--tradeoff")
    {
        Description = "With --pareto: how much a relative change of the few-shot error counts, 0..1; one of the many-shot error counts the rest.",
        HelpName = "W",
        DefaultValueFactory = _ => 0.5,
    };

    private readonly Option<double?> _budget = new("--budget")
    {
        Description = "Search the methods and a grid of windows and weightings for about so many minutes, then compare the best with the baseline.",
        HelpName = "MINUTES",
    };

    private readonly Option<long?> _budgetEpochs = new("--budget-epochs")
    {
        Description = "The same with a budget of training epochs, which repeats a search exactly.",
        HelpName = "N",
    };

    private readonly Option<string?> _regions = new("--regions")
    {
        Description = "Bins of each region where a benchmark prescribes them, instead of by training counts: many:0,2;medium:4;few:1,3. Every bin once.",
        HelpName = "REGION:BIN,BIN;...",
    };

    private readonly Option<string> _measures = new("--measures")
    {
        Description = $"Measures whose tables are written: {string.Join(", ", ComparisonMeasure.All.Select(measure => measure.Name))}.",
        HelpName = "MEASURE,MEASURE",
        DefaultValueFactory = _ => "mae,gm",
    };

    private readonly Option<string?> _file = new("--out") { Description = "Write to this file instead of standard output.", HelpName = "FILE" };

    /// <summary>Reports.</summary>
    public ReportArguments Report { get; } = new();

    /// <summary>Makes the options part of a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_drop);
        command.Add(_pareto);
        command.Add(_tradeOff);
        command.Add(_budget);
        command.Add(_budgetEpochs);
        command.Add(_regions);
        command.Add(_measures);
        command.Add(_json);
        command.Add(_details);
        Report.AddTo(command);
        command.Add(_file);
    }

    /// <summary>Whether the dial takes the place of the methods.</summary>
    public bool IsPareto(ParseResult parsed) => parsed.GetValue(_pareto);

    /// <summary>The label ranges to drop.</summary>
    /// <exception cref="ArgumentException">One is malformed.</exception>
    public LabelRange[] Drops(ParseResult parsed) => Array.ConvertAll(parsed.GetValue(_drop)!, Range);

    /// <summary>What the user chose.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="seeds">Seeds for each method.</param>
    /// <param name="device">Where to train.</param>
    /// <exception cref="ArgumentException">A value is out of its range or contradicts another.</exception>
    public ComparisonOptions Read(ParseResult parsed, int seeds, DeviceName device)
    {
        double weight = parsed.GetValue(_tradeOff);
        OptionRange.Require(weight is >= 0 and <= 1, "--tradeoff", "must be 0..1", weight);
        bool pareto = IsPareto(parsed);
        if (!pareto && parsed.GetResult(_tradeOff) is { Implicit: false })
        {
            throw new ArgumentException("--tradeoff: needs --pareto");
        }

        double? minutes = parsed.GetValue(_budget);
        long? epochs = parsed.GetValue(_budgetEpochs);
        OptionRange.Require(minutes is null or (> 0 and <= 100_000), "--budget", "must be a positive number of minutes", minutes ?? 0);
        OptionRange.Require(epochs is null or > 0, "--budget-epochs", "must be positive", epochs ?? 0);
        if (minutes is not null && epochs is not null)
        {
            throw new ArgumentException("--budget: leave it out where --budget-epochs is given");
        }

        if (pareto && (minutes is not null || epochs is not null))
        {
            throw new ArgumentException("--budget: cannot search the dial of --pareto, which is compared as a whole");
        }

        Report.ThrowIfNotWritable(parsed);
        return new ComparisonOptions(parsed, seeds, device, parsed.GetValue(_json), parsed.GetValue(_details), parsed.GetValue(_file), Report)
        {
            TradeOff = pareto ? weight : null,
            BudgetMinutes = minutes,
            BudgetEpochs = epochs,
            Drops = Drops(parsed),
            Regions = parsed.GetValue(_regions),
            Measures = ComparisonMeasure.Parse(parsed.GetValue(_measures)!),
        };
    }

    private static LabelRange Range(string text)
    {
        string[] ends = text.Split("..");
        return ends.Length == 2
            && double.TryParse(ends[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double lower)
            && double.TryParse(ends[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double upper)
            ? OptionRange.Make("--drop", () => new LabelRange(lower, upper))
            : throw new ArgumentException($"--drop: '{text}' is not lo..hi, such as 20..30");
    }
}
