using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using DirKernels.Data;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary><c>train --memory</c>: rows stay in a data file.</summary>
public sealed partial class LimitedMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _data;

    public LimitedMemoryTests() => _data = _folder.PathOf("t.dirk-data");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lds+fds")]
    [InlineData("sqinv+rrt", "--batch-norm", "--dropout", "0.2")]
    [InlineData("ensemble:2+lds")]
    public void MemoryForAllRowsTrainsTheModelOfTheTable(string method, params string[] options)
    {
        string csv = _folder.Write("t.csv", SampleTable.Csv(2000));
        CommandRun.Of("convert", csv, "--out", _data).AssertSucceeds();
        string[] args = ["--target", "y", "--bins", SampleTable.Bins, "--hidden", "16,8", "--epochs", "3", "--method", method, .. options];
        string table = CommandRun.Of(["train", csv, .. args, "--out", _folder.PathOf("csv.dir")]).AssertSucceeds().Output;
        string streamed = CommandRun.Of(["train", _data, .. args, "--memory", "500MB", "--out", _folder.PathOf("data.dir")]).AssertSucceeds().Output;
        Assert.Equal(table.Replace("csv.dir", "data.dir"), streamed);
        Assert.Equal(Predictions("csv.dir", csv), Predictions("data.dir", csv));
        Assert.Contains("blocks in memory", CommandRun.Of("inspect", _folder.PathOf("data.dir")).AssertSucceeds().Output);
    }

    [Fact]
    public void LittleMemoryGivesTheSameBitsForAnyThreadsAndAfterAStop()
    {
        DataFileOf(60_000, 20);
        string[] args = ["train", _data, "--target", "y", "--bins", SampleTable.Bins, "--hidden", "8", "--epochs", "4", "--method", "lds+fds", "--batch", "512", "--memory"];
        string needed = LeastMemory(args);
        CommandRun.Of([.. args, needed, "--threads", "1", "--out", _folder.PathOf("whole.dir")]).AssertSucceeds();
        string[] stopped = [.. args, needed, "--threads", "2", "--out", _folder.PathOf("m.dir")];
        CommandRun.StoppedAfterEpoch(2, stopped).AssertFails(ExitCode.Cancelled, "stopped after epoch 2 of 4");
        CommandRun.Of([.. args, "400MB", "--out", _folder.PathOf("m.dir"), "--resume"]).AssertFails(ExitCode.BadData, "the checkpoint was made with blocks in memory '");
        CommandRun.Of([.. stopped, "--resume"]).AssertSucceeds();
        Assert.Equal(File.ReadAllBytes(_folder.PathOf("whole.dir")), File.ReadAllBytes(_folder.PathOf("m.dir")));

        // The order is another one than with all rows in memory, or nothing was tested.
        CommandRun.Of([.. args, "400MB", "--out", _folder.PathOf("all.dir")]).AssertSucceeds();
        Assert.NotEqual(Predictions("all.dir", _data), Predictions("whole.dir", _data));
        Assert.Equal(["all.dir", "m.dir", "t.dirk-data", "whole.dir"], _folder.FileNames);
    }

    [Fact]
    public void WhatNeedsAllRowsInMemoryIsRefused()
    {
        DataFileOf(2000, 5);
        string csv = _folder.Write("t.csv", SampleTable.Csv());
        string[] args = ["--target", "y", "--bins", SampleTable.Bins, "--epochs", "1", "--out", _folder.PathOf("m.dir")];
        CommandRun.Of(["train", csv, .. args, "--memory", "1GB"]).AssertFails(ExitCode.Usage, $"--memory: {csv} is no data file; make one with: convert {csv} --out NAME.dirk-data");
        CommandRun.Of(["train", "-", .. args, "--memory", "1GB"]).AssertFails(ExitCode.Usage, "--memory: - is no data file");
        CommandRun.Of(["train", _data, .. args, "--memory", "1MB"]).AssertFails(ExitCode.Usage, "--memory: 1MB are too little for 2000 rows of 7 columns; they need 102MB");
        foreach (string size in new[] { "1", "x", "-1GB", "1.5.5GB", "NaNMB", "" })
        {
            CommandRun.Of(["train", _data, .. args, "--memory", size]).AssertFails(ExitCode.Usage, $"--memory: '{size}' is no size such as 500MB or 2GB");
        }

        CommandRun.Of(["train", _data, .. args, "--memory", "0.2GiB", "--method", "smoter"]).AssertFails(ExitCode.Usage, "the method 'smoter' resamples");
        CommandRun.Of(["train", _data, .. args, "--memory", "0.2GiB", "--batches", "stratified"]).AssertFails(ExitCode.Usage, "stratified batches are dealt from all rows at once");
        CommandRun.Of(["train", _data, .. args, "--memory", "0.2GiB", "--split", "part"]).AssertFails(ExitCode.BadData, "there is no column 'part'");
        CommandRun.Of(["train", _folder.PathOf("none"), .. args, "--memory", "1GB"]).AssertFails(ExitCode.BadData, "there is no such file");
        Assert.Equal(["t.csv", "t.dirk-data"], _folder.FileNames);
    }

    [Fact]
    public void ADamagedBlockStopsTrainingAndIsNamed()
    {
        DataFileOf(60_000, 20);
        byte[] bytes = File.ReadAllBytes(_data);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(_data, bytes);
        CommandRun run = CommandRun.Of("train", _data, "--target", "y", "--bins", SampleTable.Bins, "--memory", "1GB", "--out", _folder.PathOf("m.dir"));
        run.AssertFails(ExitCode.BadData, "the data file is damaged: the checksum is wrong");
        Assert.Matches(@"rows \d+\.\.\d+, column 'x\d+'", run.Error);
        Assert.Equal(["t.dirk-data"], _folder.FileNames);
    }

    [Fact]
    public void AProcessStaysWithinItsMemory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the peak of a process is read from Linux");
        const long Limit = 200_000_000;
        DataFileOf(1_000_000, 40);
        long size = new FileInfo(_data).Length;
        Assert.True(size > Limit * 3 / 2, $"the file has {size} bytes only");
        long peak = PeakOf(
            "train", _data, "--target", "y", "--bins", SampleTable.Bins, "--hidden", "8", "--epochs", "2", "--batch", "2048", "--method", "lds", "--memory", $"{Limit}B",
            "--out", _folder.PathOf("m.dir"));
        Assert.True(peak < Limit, string.Create(CultureInfo.InvariantCulture, $"{peak} bytes at most, of a file of {size}"));
    }

    [GeneratedRegex(@"they need (\d+MB)")]
    private static partial Regex Needed { get; }

    private string LeastMemory(string[] args)
    {
        CommandRun run = CommandRun.Of([.. args, "1MB", "--out", _folder.PathOf("m.dir")]);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        return Needed.Match(run.Error).Groups[1].Value;
    }

    private string Predictions(string model, string table) => CommandRun.Of("predict", _folder.PathOf(model), table).AssertSucceeds().Output;

    /// <summary>Rows with a split, inputs that single precision does not hold exactly, and long-tailed labels.</summary>
    private void DataFileOf(int rows, int inputs)
    {
        string[] names = [.. Enumerable.Range(1, inputs).Select(i => $"x{i}")];
        using FileStream stream = File.Create(_data);
        var writer = new DataFileWriter(stream, [("split", true), .. names.Select(name => (name, false)), ("y", false)]);
        var random = new Random(7);
        int most = DataFileWriter.RowsPerBlock(inputs + 2);
        for (int first = 0; first < rows; first += most)
        {
            int count = Math.Min(most, rows - first);
            double[][] x = [.. names.Select(_ => Enumerable.Range(0, count).Select(_ => random.NextDouble()).ToArray())];
            writer.Add(new Table("part",
            [
                new TextColumn("split", [.. Enumerable.Range(0, count).Select(row => (first + row) % 10 is var n and < 2 ? n + 1 : 0)], ["train", "val", "test"]),
                .. names.Select((name, i) => new NumericColumn(name, x[i])),
                new NumericColumn("y", [.. Enumerable.Range(0, count).Select(row => Math.Min(99, -10 * Math.Log(x[0][row]) + 10 * x[1][row]))]),
            ]));
        }

        writer.Finish();
    }

    /// <summary>Most memory that the command has resident as a process of its own.</summary>
    private static long PeakOf(params string[] args)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (IEnumerable<string>)["exec", Path.Combine(AppContext.BaseDirectory, "dirkernels-cli.dll"), .. args])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        long peak = 0;
        while (!process.WaitForExit(20))
        {
            string? line = File.Exists($"/proc/{process.Id}/status") ? File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
            peak = line is null ? peak : Math.Max(peak, 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));
        }

        Task.WaitAll(output, error);
        Assert.Equal("", error.Result);
        Assert.Equal(ExitCode.Success, process.ExitCode);
        return peak;
    }
}
