using System.Globalization;
using System.Text.Json;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>Where commands compute. The GPU kernels run on the kernel compiler's simulation, on sizes that are tiny for it.</summary>
public sealed class DeviceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void DevicesListsTheProcessorFirst()
    {
        string output = CommandRun.Of("devices").AssertSucceeds().Output;
        Assert.StartsWith("cpu ", output, StringComparison.Ordinal);
        JsonElement devices = JsonDocument.Parse(CommandRun.Of("devices", "--json").AssertSucceeds().Output).RootElement.GetProperty("devices");
        Assert.Equal("cpu", devices[0].GetProperty("name").GetString());
        Assert.Equal(output.Split('\n').Count(line => line.Contains(':') && !line.StartsWith("No GPU", StringComparison.Ordinal)), devices.GetArrayLength() - 1);
    }

    [Theory]
    [InlineData("cuda:99")]
    [InlineData("opencl:99")]
    public void AnAbsentDeviceIsAnErrorOfItsOwn(string device)
    {
        CommandRun.Of("compare", "--sample", "--epochs", "1", "--seeds", "1", "--device", device).AssertFails(ExitCode.DeviceAbsent, device + ": ");
        Train(device).AssertFails(ExitCode.DeviceAbsent, device + ": ");
        CommandRun.Of("diagnose", _folder.PathOf("rows.csv"), "--target", "y", "--bins", SampleTable.Bins, "--epochs", "1", "--device", device).AssertFails(ExitCode.DeviceAbsent, device + ": ");
        Assert.Equal(["rows.csv"], _folder.FileNames);
    }

    [Theory]
    [InlineData("tpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cpu:0")]
    [InlineData("cuda:0:0")]
    public void AMisspeltDeviceIsAUsageError(string device) =>
        CommandRun.Of("compare", "--sample", "--device", device).AssertFails(ExitCode.Usage, $"--device: '{device}' is none of");

    [Fact]
    public void TheSimulatedDeviceComparesLikeTheProcessor()
    {
        double[] cpu = Numbers("cpu"), simulated = Numbers("simulated");
        Assert.True(cpu.Length > 50);
        Assert.Equal(cpu.Length, simulated.Length);
        for (int i = 0; i < cpu.Length; i++)
        {
            // Roundings differ in the seventh digit and grow over some dozen steps of training; a wrong operation would show in the first.
            Assert.Equal(cpu[i], simulated[i], 1e-3 * (1 + Math.Abs(cpu[i])));
        }
    }

    [Fact]
    public void TheSimulatedDeviceDiagnosesLikeTheProcessor()
    {
        string table = _folder.Write("rows.csv", SampleTable.Csv());
        double[] Diagnosed(string device)
        {
            var numbers = new List<double>();
            Collect(JsonDocument.Parse(CommandRun.Of(
                "diagnose", table, "--target", "y", "--bins", SampleTable.Bins, "--hidden", "6", "--epochs", "2", "--batch", "256", "--no-search", "--json", "--device", device).AssertSucceeds().Output).RootElement, numbers);
            return [.. numbers];
        }

        double[] cpu = Diagnosed("cpu"), simulated = Diagnosed("simulated");
        Assert.True(cpu.Length > 50);
        Assert.Equal(cpu.Length, simulated.Length);
        for (int i = 0; i < cpu.Length; i++)
        {
            // As in a comparison: roundings that grow over a few steps of training.
            Assert.Equal(cpu[i], simulated[i], 1e-3 * (1 + Math.Abs(cpu[i])));
        }
    }

    [Fact]
    public void AModelOfTheSimulatedDevicePredictsTheSameOnTheProcessor()
    {
        Train("simulated").AssertSucceeds();
        double[] cpu = Predictions("cpu"), simulated = Predictions("simulated");
        Assert.Equal(500, cpu.Length);
        for (int i = 0; i < cpu.Length; i++)
        {
            // The same parameters: only the roundings of two small layers differ.
            Assert.Equal(cpu[i], simulated[i], 1e-5 * (1 + Math.Abs(cpu[i])));
        }
    }

    [Fact]
    public void AnEnsembleOfTheSimulatedDevicePredictsTheSameOnTheProcessor()
    {
        string table = _folder.Write("rows.csv", SampleTable.Csv());
        CommandRun.Of(
            "train", table, "--target", "y", "--method", "ensemble:2+laplace", "--hidden", "6", "--epochs", "2", "--batch", "128", "--bins", SampleTable.Bins, "--out", _folder.PathOf("model"), "--device", "simulated").AssertSucceeds();
        string[] cpu = Lines("cpu"), simulated = Lines("simulated");
        Assert.Equal(500, cpu.Length);
        for (int i = 0; i < cpu.Length; i++)
        {
            double[] expected = Array.ConvertAll(cpu[i].Split(','), field => double.Parse(field, CultureInfo.InvariantCulture));
            double[] values = Array.ConvertAll(simulated[i].Split(','), field => double.Parse(field, CultureInfo.InvariantCulture));
            Assert.Equal(2, expected.Length);
            Assert.Equal(expected[0], values[0], 1e-5 * (1 + Math.Abs(expected[0])));
            Assert.Equal(expected[1], values[1], 1e-5 * (1 + Math.Abs(expected[1])));
        }
    }

    private CommandRun Train(string device)
    {
        string table = _folder.Write("rows.csv", SampleTable.Csv());
        return CommandRun.Of(
            "train", table, "--target", "y", "--method", "fds", "--covariance", "full", "--fds-start", "1", "--hidden", "6", "--batch-norm", "--dropout", "0.1", "--activation", "silu", "--epochs", "2", "--batch", "128", "--bins", SampleTable.Bins, "--out", _folder.PathOf("model"), "--device", device);
    }

    private double[] Predictions(string device) => Array.ConvertAll(Lines(device), line => double.Parse(line, CultureInfo.InvariantCulture));

    private string[] Lines(string device) =>
        [.. CommandRun.Of("predict", _folder.PathOf("model"), _folder.PathOf("rows.csv"), "--device", device).AssertSucceeds().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)];

    private static double[] Numbers(string device)
    {
        string output = CommandRun.Of(
            "compare", "--sample", "--methods", "vanilla,lds+fds", "--seeds", "1", "--epochs", "3", "--batch", "1024", "--hidden", "8", "--fds-start", "1", "--json", "--device", device).AssertSucceeds().Output;
        var numbers = new List<double>();
        Collect(JsonDocument.Parse(output).RootElement, numbers);
        return [.. numbers];
    }

    private static void Collect(JsonElement element, List<double> numbers)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Number:
                numbers.Add(element.GetDouble());
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Collect(item, numbers);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    // Times differ, of course.
                    if (!property.Name.Contains("second", StringComparison.OrdinalIgnoreCase))
                    {
                        Collect(property.Value, numbers);
                    }
                }

                break;
        }
    }
}
