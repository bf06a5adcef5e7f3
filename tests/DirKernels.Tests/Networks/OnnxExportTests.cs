using System.Numerics.Tensors;
using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using DirKernels.Networks;
using Microsoft.ML.OnnxRuntime;
using Xunit;

namespace DirKernels.Tests.Networks;

/// <summary>Exported models, run by ONNX Runtime: both it and the library stay within a derived bound of a double-precision network.</summary>
public sealed class OnnxExportTests : IDisposable
{
    private static readonly int[] _batches = [1, 7, 300];

    private readonly CpuBackend _backend = new(1);

    public void Dispose() => _backend.Dispose();

    public static TheoryData<Activation, bool, int> Networks
    {
        get
        {
            var data = new TheoryData<Activation, bool, int>();
            foreach (Activation activation in Enum.GetValues<Activation>())
            {
                foreach (bool normalized in new[] { false, true })
                {
                    data.Add(activation, normalized, 1);
                    data.Add(activation, normalized, 3);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void ARuntimePredictsWhatThePredictorDoes(Activation activation, bool normalized, int targets) =>
        Check(new NetworkShape { Inputs = 11, Hidden = [24, 17], Targets = targets, Activation = activation, BatchNormalization = normalized, Dropout = 0.3f });

    [Fact]
    public void ALinearModelIsItsHead() => Check(new NetworkShape { Inputs = 11, Hidden = [], Targets = 3 });

    [Theory]
    [InlineData("laplace")]
    [InlineData("gaussian")]
    [InlineData("vote of 2")]
    [InlineData("vote of 5")]
    public void ARuntimeIsAsUncertainAsThePredictor(string name)
    {
        const int Rows = 300;
        using RegressionModel model = Model(new NetworkShape { Inputs = 11, Hidden = [24, 17], Activation = Activation.Tanh, Head = PredictionHeadTests.Of(name) }, headFactor: 8);
        float[] inputs = SampleNumbers.Normal(3, Rows * 11);
        double[] values = new double[Rows], uncertainties = new double[Rows];
        model.Predict(inputs, values, uncertainties);
        byte[] onnx = Export(model, null);
        float[] runtimeValues = Run(onnx, inputs, 11, 1), runtimeUncertainties = Run(onnx, inputs, 11, 1, "uncertainty");
        for (int row = 0; row < Rows; row++)
        {
            // Outputs below 3 of three layers of at most 24 terms: 3 * 28 * 2^-24 * 3 = 1.5e-5 in locations and logarithms of scales, on either side; the
            // latter change a vote's weights by twice as much each, times differences of locations below 6: 2 * 2 * 2 * 1.5e-5 * 6 of a scaled target, times 0.7.
            Assert.Equal(values[row], runtimeValues[row], 5e-4);
            Assert.Equal(uncertainties[row], runtimeUncertainties[row], 5e-4 * (1 + uncertainties[row]));
        }

        Assert.True(uncertainties.Max() > 1.2 * uncertainties.Min(), "uncertainties hardly differ: nothing is tested");
        using var session = new InferenceSession(onnx);
        Assert.Equal(["uncertainty", "values"], session.OutputMetadata.Keys.Order());
    }

    [Theory]
    [InlineData("value", 1)]
    [InlineData("value", 2)]
    [InlineData("laplace", 1)]
    [InlineData("vote of 2", 1)]
    public void ARuntimeAveragesTheNetworksOfAnEnsemble(string head, int targets)
    {
        // Far from 0, with scalings that differ but for the first two.
        const int Rows = 300, Networks = 4;
        var shape = new NetworkShape { Inputs = 11, Hidden = [24, 17], Activation = Activation.Tanh, Targets = targets, Head = head == "value" ? PredictionHead.Value : PredictionHeadTests.Of(head) };
        RegressionModel[] members = [.. Enumerable.Range(0, Networks).Select(k => Model(
            shape, headFactor: 8, seed: (ulong)k,
            new TargetScaling([.. Enumerable.Range(0, targets).Select(t => 1000.0 + k / 2)], [.. Enumerable.Range(0, targets).Select(t => 2 + 0.3 * t + 0.2 * (k / 2))])))];
        using RegressionModel model = RegressionModel.MeanOf(members, _backend);
        Array.ForEach(members, member => member.Dispose());
        float[] inputs = SampleNumbers.Normal(3, Rows * 11);
        double[] values = new double[Rows * targets], uncertainties = new double[Rows * targets];
        model.Predict(inputs, values, uncertainties);
        byte[] onnx = Export(model, null);
        float[] runtimeValues = Run(onnx, inputs, 11, targets), runtimeUncertainties = Run(onnx, inputs, 11, targets, "uncertainty");
        for (int i = 0; i < values.Length; i++)
        {
            // Outputs below 3 of three layers of at most 24 terms are off by 3 * 28 * 2^-24 * 3 = 1.5e-5 on either side, of a vote by 5e-4 as above; times scales
            // below 2.5. Labels near 1000 are written in floats that lie 6e-5 apart. A deviation moves no further than the values that it is of.
            double bound = (head == "vote of 2" ? 5e-4 : 3e-5) * 2.5 + 6.2e-5;
            Assert.Equal(values[i], runtimeValues[i], bound);
            Assert.Equal(uncertainties[i], runtimeUncertainties[i], bound);
        }

        Assert.True(uncertainties.Max() > 0.5 && uncertainties.Max() > 1.5 * uncertainties.Min(), "uncertainties hardly differ: nothing is tested");
    }

    [Fact]
    public void RawInputsAreStandardisedAndMissingOnesReplaced()
    {
        // Far from 0 next to their deviation, like years: the mean itself is no float.
        const int Columns = 5, Rows = 40;
        using var network = new RegressionNetwork(new NetworkShape { Inputs = Columns, Hidden = [9] }, _backend, seed: 6);
        using var model = new RegressionModel(network, new TargetScaling([3], [0.5]));
        double[] mean = [2014.3, -1e6 / 3, 0.1, 0, 1e-3], scale = [1.7, 1e3, 25.5, 1, 3e-4], missing = [2014, -333_000, 0, 0, 1e-3];
        float[] raw = SampleNumbers.Normal(7, Rows * Columns);
        var inputs = new double[raw.Length];
        for (int i = 0; i < raw.Length; i++)
        {
            int column = i % Columns;
            raw[i] = i % 13 == 0 ? float.NaN : (float)(mean[column] + scale[column] * raw[i]);
            inputs[i] = ((float.IsNaN(raw[i]) ? (float)missing[column] : raw[i]) - mean[column]) / scale[column];
        }

        float[] values = Run(Export(model, new InputScaling(mean, scale, missing)), raw, Columns, 1);
        var reference = Reference(model);
        for (int row = 0; row < Rows; row++)
        {
            // Differences, quotient and the rounded scale, as parts of the standardised value; the rest of the mean is rounded beyond notice.
            double[] x = inputs[(row * Columns)..((row + 1) * Columns)];
            double[] error = [.. x.Select((value, c) => 5 * ErrorBound.Unit * Math.Abs(value) + 4 * ErrorBound.Unit * ErrorBound.Unit * Math.Abs(mean[c]) / scale[c])];
            (double[] expected, double[] bounds) = reference.Predict(x, error);
            ErrorBound.Check(expected, values.AsSpan(row, 1), t => bounds[t], $"row {row}");
        }

        float[] unprepared = Run(Export(model, new InputScaling(mean, scale)), raw, Columns, 1);
        Assert.Equal(Enumerable.Range(0, Rows).Select(row => raw.Skip(row * Columns).Take(Columns).Any(float.IsNaN)), unprepared.Select(float.IsNaN));
    }

    [Fact]
    public void MetadataTravelAndTheSameModelGivesTheSameBytes()
    {
        using RegressionModel model = Model(SampleRun.Shape());
        var properties = new Dictionary<string, string> { ["target"] = "Größe", ["columns"] = "{}" };
        byte[] bytes = Export(model, null, properties);
        Assert.Equal(bytes, Export(model, null, properties));
        using var session = new InferenceSession(bytes);
        Assert.Equal(properties, session.ModelMetadata.CustomMetadataMap);
        Assert.Equal("DirKernels", session.ModelMetadata.ProducerName);
        NodeMetadata input = Assert.Single(session.InputMetadata, pair => pair.Key == "inputs").Value;
        NodeMetadata output = Assert.Single(session.OutputMetadata, pair => pair.Key == "values").Value;
        Assert.Equal((typeof(float), typeof(float)), (input.ElementType, output.ElementType));
        Assert.Equal([-1, SampleRun.Inputs], input.Dimensions);
        Assert.Equal([-1, 1], output.Dimensions);
        Assert.Equal("n", input.SymbolicDimensions[0]);
    }

    [Fact]
    public void ASnapshotGivesTheBytesOfItsModel()
    {
        using TrainingRun run = SampleRun.Create(new TrainingOptions { Epochs = 2 }, SampleRun.Shape(normalized: true));
        SampleRun.Finish(run);
        ModelSnapshot snapshot = ModelSnapshot.Capture(run, SampleRun.Bins, new double[SampleRun.Bins.Count]);
        using RegressionModel model = run.BestModel();
        using var stream = new MemoryStream();
        OnnxExport.Write(stream, snapshot);
        Assert.Equal(Export(model, null), stream.ToArray());
    }

    [Fact]
    public void WhatDoesNotFitIsNamed()
    {
        using RegressionModel model = Model(SampleRun.Shape());
        Assert.Contains(
            "16 inputs but their scaling has 1 means, 2 scales and 0 ",
            Assert.Throws<ArgumentException>(() => Export(model, new InputScaling([1], [1, 2]))).Message);
        double[] zeros = new double[SampleRun.Inputs], ones = [.. zeros.Select(_ => 1.0)], large = [.. ones[1..], 1e300], small = [.. ones[1..], 1e-60];
        Assert.Contains("input 16 has mean 1E+300", Assert.Throws<InvalidDataException>(() => Export(model, new InputScaling(large, ones))).Message);
        Assert.Contains("scale 1E-60", Assert.Throws<InvalidDataException>(() => Export(model, new InputScaling(zeros, small))).Message);
        using var far = new RegressionModel(new RegressionNetwork(SampleRun.Shape(), _backend), new TargetScaling([1e200], [1]));
        Assert.Contains("target 1 has mean 1E+200", Assert.Throws<InvalidDataException>(() => Export(far, null)).Message);
    }

    private void Check(NetworkShape shape)
    {
        using RegressionModel model = Model(shape);
        using var predictor = new Predictor(model);
        byte[] onnx = Export(model, null);
        BoundedNetwork reference = Reference(model);
        foreach (int rows in _batches)
        {
            float[] inputs = SampleNumbers.Normal(rows, rows * shape.Inputs);
            var library = new double[rows * shape.Targets];
            predictor.Predict(inputs, library);
            float[] runtime = Run(onnx, inputs, shape.Inputs, shape.Targets);
            Assert.Equal(library.Length, runtime.Length);
            for (int row = 0; row < rows; row++)
            {
                int first = row * shape.Targets;
                double[] x = Array.ConvertAll(inputs[(row * shape.Inputs)..((row + 1) * shape.Inputs)], value => (double)value);
                (double[] expected, double[] bounds) = reference.Predict(x, new double[x.Length]);
                ErrorBound.Check(expected, library.AsSpan(first, shape.Targets), t => bounds[t], $"{shape}, library, row {row} of {rows}");
                ErrorBound.Check(expected, runtime.AsSpan(first, shape.Targets), t => bounds[t], $"{shape}, ONNX, row {row} of {rows}");
            }
        }
    }

    /// <summary>A model none of whose parameters is a neutral element.</summary>
    private RegressionModel Model(NetworkShape shape, float headFactor = 1, ulong seed = 5, TargetScaling? scaling = null)
    {
        using var initial = new RegressionNetwork(shape, _backend, seed);
        float[] parameters = _backend.Download(initial.Parameters), statistics = _backend.Download(initial.NormalizationStatistics);
        foreach (ParameterEntry entry in initial.Layout.Entries.Where(entry => entry.Rows == 1))
        {
            float[] noise = SampleNumbers.Uniform((int)entry.Offset, (int)entry.Length, -0.5, 0.5);
            noise.Select((value, i) => parameters[entry.Offset + i] + value).ToArray().CopyTo(parameters, entry.Offset);
        }

        ParameterEntry head = initial.Layout.Entries.Single(entry => entry.Name == "head.weight");
        TensorPrimitives.Multiply(parameters.AsSpan((int)head.Offset, (int)head.Length), headFactor, parameters.AsSpan((int)head.Offset, (int)head.Length));
        float[] drift = SampleNumbers.Uniform(8, statistics.Length, -0.4, 0.4);
        var network = new RegressionNetwork(shape, _backend, parameters, [.. statistics.Select((value, i) => value + drift[i])]);
        return new RegressionModel(network, scaling ?? new TargetScaling([.. Enumerable.Range(1, shape.Targets).Select(t => 10.0 / 3 * t)], [.. Enumerable.Range(1, shape.Targets).Select(t => 0.7 * t)]));
    }

    private BoundedNetwork Reference(RegressionModel model) => new(
        model.Network.Shape, _backend.Download(model.Network.Parameters), _backend.Download(model.Network.NormalizationStatistics), model.Scaling);

    private static byte[] Export(RegressionModel model, InputScaling? scaling, Dictionary<string, string>? properties = null)
    {
        using var stream = new MemoryStream();
        OnnxExport.Write(stream, model, scaling, properties);
        return stream.ToArray();
    }

    private static float[] Run(byte[] onnx, float[] inputs, int columns, int targets, string output = "values")
    {
        int rows = inputs.Length / columns;
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(onnx, options);
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(inputs, [rows, columns]);
        using var runOptions = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(runOptions, ["inputs"], [value], [output]);
        Assert.Equal([rows, targets], results[0].GetTensorTypeAndShape().Shape);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
