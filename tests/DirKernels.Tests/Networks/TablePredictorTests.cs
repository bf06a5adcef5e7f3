using DirKernels.Conformance;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Networks;

/// <summary>Rows as a table has them: scaled in double precision as training did it, then what the predictor says.</summary>
public sealed class TablePredictorTests
{
    private const int Inputs = 4, Rows = 1500;

    private static readonly double[] _means = [1e6, 0.5, 0, 0], _scales = [1.0 / 3, 20, 1, 1], _medians = [1e6 + 1, 0.25, 0, 0];

    [Fact]
    public void RowsAreScaledAndPredicted()
    {
        ModelSnapshot snapshot = Snapshot("error");
        using var predictor = new TablePredictor(snapshot);
        using Predictor prepared = snapshot.ToPredictor();
        double[] rows = Table(), values = new double[Rows], expected = new double[Rows];
        float[] inputs = [.. rows.Select((x, i) => (float)((x - _means[i % Inputs]) / _scales[i % Inputs]))];
        prepared.Predict(inputs, expected);
        predictor.Predict<double>(rows, values);
        Assert.Equal(expected, values);

        float[] narrow = [.. rows.Select(x => (float)x)], narrowInputs = [.. narrow.Select((x, i) => (float)((x - _means[i % Inputs]) / _scales[i % Inputs]))];
        prepared.Predict(narrowInputs, expected);
        predictor.Predict<float>(narrow, values);
        Assert.Equal(expected, values);
        for (int row = 0; row < 5; row++)
        {
            var value = new double[1];
            predictor.Predict<float>(narrow.AsSpan(row * Inputs, Inputs), value);
            Assert.Equal(expected[row], value[0]);
        }
    }

    [Fact]
    public void WithoutColumnsRowsAreInputs()
    {
        ModelSnapshot snapshot = Snapshot("error") with { Metadata = new Dictionary<string, string>() };
        using var predictor = new TablePredictor(snapshot);
        using Predictor prepared = snapshot.ToPredictor();
        float[] inputs = SampleNumbers.Normal(3, 20 * Inputs);
        double[] values = new double[20], expected = new double[20];
        predictor.Predict<float>(inputs, values);
        prepared.Predict(inputs, expected);
        Assert.Equal(expected, values);
    }

    [Fact]
    public void MissingNumbersAreMediansWhereTrainingSaysSo()
    {
        using TablePredictor medians = new(Snapshot("median")), strict = new(Snapshot("error"));
        double[] rows = Table()[..(3 * Inputs)], filled = [.. rows], values = new double[3], expected = new double[3];
        rows[Inputs + 1] = double.NaN;
        filled[Inputs + 1] = _medians[1];
        medians.Predict<double>(rows, values);
        medians.Predict<double>(filled, expected);
        Assert.Equal(expected, values);
        string message = Assert.Throws<InvalidDataException>(() => strict.Predict<double>(rows, values)).Message;
        Assert.Equal("row 1, input 1 (counted from 0) is NaN, which is no finite input (mean 0.5, sd 20 of the training rows)", message);
    }

    [Fact]
    public void RowsBehindTheFirstBatchAreNamedByTheirNumber()
    {
        using TablePredictor strict = new(Snapshot("error"));
        double[] rows = Table();
        rows[1200 * Inputs + 2] = 1e300;
        Assert.StartsWith(
            "row 1200, input 2 (counted from 0) is 1E+300",
            Assert.Throws<InvalidDataException>(() => strict.Predict<double>(rows, new double[Rows])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ShapesThatDoNotFitAreRefused()
    {
        using TablePredictor predictor = new(Snapshot("error"));
        Assert.Contains(
            "inputs has 7 elements, rows of 4, but values has 2",
            Assert.Throws<ArgumentException>(() => predictor.Predict<double>(new double[7], new double[2])).Message,
            StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => predictor.Predict<double>(new double[8], new double[2], new double[2]));
    }

    [Fact]
    public void PredictionAllocatesNothing()
    {
        using TablePredictor predictor = new(Snapshot("error"));
        double[] rows = Table(), values = new double[Rows];
        void Predict()
        {
            predictor.Predict<double>(rows, values);
            predictor.Predict<double>(rows.AsSpan(0, Inputs), values.AsSpan(0, 1));
        }

        Predict();
        Assert.Equal(0, AllocatedBytes.Smallest(Predict));
    }

    [Theory]
    [InlineData("columns", "{")]
    [InlineData("columns", """{"columns":[],"ignored":[]}""")]
    [InlineData("columns", """{"columns":[{"name":"a","mean":0,"scale":0,"median":0}],"ignored":[]}""")]
    [InlineData("columns", """{"columns":[{"name":"a","mean":0,"scale":1}],"ignored":[]}""")]
    [InlineData("options", "[]")]
    [InlineData("options", "{\"missing\":1}")]
    public void DamagedEntriesAreNamed(string key, string value)
    {
        ModelSnapshot snapshot = Snapshot("error");
        var damaged = new Dictionary<string, string>(snapshot.Metadata) { [key] = value };
        string message = Assert.Throws<InvalidDataException>(() => new TablePredictor(snapshot with { Metadata = damaged })).Message;
        Assert.Contains(key, message, StringComparison.Ordinal);
    }

    private static double[] Table() =>
        [.. SampleNumbers.Normal(7, Rows * Inputs).Select((x, i) => i % Inputs < 2 ? _means[i % Inputs] + _scales[i % Inputs] * x : i % Inputs == 2 ? 1 : 0)];

    private static ModelSnapshot Snapshot(string missing)
    {
        var shape = new NetworkShape { Inputs = Inputs, Hidden = [16] };
        var columns = new ModelColumns(
            [EncodedColumn.Numeric("a", _means[0], _scales[0], _medians[0]), EncodedColumn.Numeric("b", _means[1], _scales[1], _medians[1]), EncodedColumn.Categorical("c", ["x", "y"])],
            []);
        return new ModelSnapshot
        {
            Shape = shape,
            Networks = [new NetworkSnapshot(SampleNumbers.Normal(9, (int)new ParameterLayout(shape).Length), [], new TargetScaling([100], [7]))],
            Bins = LabelBins.Uniform(0, 1, 3),
            TrainCounts = [1, 2, 3],
            Metadata = new Dictionary<string, string> { [ModelColumns.Key] = columns.ToJson(), [InputScaling.OptionsKey] = $$"""{"missing":"{{missing}}"}""" },
        };
    }
}
