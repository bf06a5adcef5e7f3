using DirKernels.Data;
using Xunit;

namespace DirKernels.Cli.Tests;

public sealed class ConvertCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _csv;
    private readonly string _data;

    public ConvertCommandTests()
    {
        _csv = _folder.Write("t.csv", SampleTable.Csv());
        _data = _folder.PathOf("t.dirk-data");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EveryCommandReadsADataFileAsTheTableThatItWas()
    {
        string said = CommandRun.Of("convert", _csv, "--out", _data).AssertSucceeds().Output;
        Assert.StartsWith($"wrote {_data}: 500 rows of 10 columns, 0.0 MB", said);
        string[] options = ["--target", "y", "--bins", SampleTable.Bins, "--hidden", "16,8", "--epochs", "2", "--method", "lds+fds"];
        foreach (string table in new[] { _csv, _data })
        {
            CommandRun.Of(["train", table, .. options, "--out", _folder.PathOf(Path.GetFileName(table) + ".dir")]).AssertSucceeds();
        }

        Assert.Equal(File.ReadAllBytes(_folder.PathOf("t.csv.dir")), File.ReadAllBytes(_folder.PathOf("t.dirk-data.dir")));
        string model = _folder.PathOf("t.csv.dir");
        Same("predict", model, "{}");
        Same("evaluate", model, "{}", "--split", "test");
        Same("drift", model, "{}");
        Same("weights", "{}", "--target", "y", "--bins", SampleTable.Bins);
    }

    [Fact]
    public void StandardInputArraysAndDataFilesCanBeConverted()
    {
        CommandRun.Of("convert", _csv, "--out", _data).AssertSucceeds();
        CommandRun.WithInput(File.ReadAllText(_csv), "convert", "-", "--out", _folder.PathOf("i.dirk-data")).AssertSucceeds();
        Assert.Equal(File.ReadAllBytes(_data), File.ReadAllBytes(_folder.PathOf("i.dirk-data")));
        Assert.Contains("500 rows of 9 columns", CommandRun.Of("convert", _data, "--out", _folder.PathOf("9.dirk-data"), "--without", "x3").AssertSucceeds().Output);
        Assert.DoesNotContain("x3", Table("9.dirk-data").Columns.Select(column => column.Name));

        // An array comes whole and goes out in blocks.
        byte[] header = [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. System.Text.Encoding.ASCII.GetBytes("{'descr': '<f4', 'fortran_order': False, 'shape': (200000, 1), }".PadRight(117) + "\n")];
        File.WriteAllBytes(_folder.PathOf("a.npy"), [.. header, .. Enumerable.Range(0, 200_000).SelectMany(i => BitConverter.GetBytes((float)i / 3))]);
        CommandRun.Of("convert", _folder.PathOf("a.npy"), "--out", _folder.PathOf("a.dirk-data")).AssertSucceeds();
        Assert.Equal(4, DataFileBlocks("a.dirk-data"));
        Assert.Equal(Enumerable.Range(0, 200_000).Select(i => (double)((float)i / 3)), ((NumericColumn)Table("a.dirk-data").Column("c0")).Values);
    }

    [Fact]
    public void TheFirstRowsDecideWhatColumnsAre()
    {
        // 70,000 rows of 3 columns: the first block ends before the first value of 'late' and the first text of 'code'.
        string rows = string.Concat(Enumerable.Range(0, 70_000).Select(row => $"{row},{(row < 60_000 ? "" : row)},{(row < 60_000 ? "7" : "seven")}\n"));
        string table = _folder.Write("late.csv", "x,late,code\n" + rows);
        CommandRun.Of("convert", table, "--out", _data).AssertFails(ExitCode.BadData, "late.csv: row 2, column 'late': the value is missing");
        CommandRun.Of("convert", table, "--out", _data, "--missing", "median").AssertFails(ExitCode.BadData, "row 60002, column 'code': 'seven' is not a number, but the column is numeric");
        Assert.Equal(["late.csv", "t.csv"], _folder.FileNames);

        CommandRun.Of("convert", table, "--out", _data, "--missing", "median", "--text", "code").AssertSucceeds();
        Assert.Equal(["7", "seven"], ((TextColumn)Table("t.dirk-data").Column("code")).Categories);
        Assert.Equal(60_000, ((NumericColumn)Table("t.dirk-data").Column("late")).Values.Count(double.IsNaN));
    }

    [Fact]
    public void WhatCannotBeConvertedIsNamedAndLeavesNothing()
    {
        string bad = _folder.Write("bad.csv", File.ReadAllText(_csv) + "train,1,2\n");
        CommandRun.Of("convert", bad, "--out", _data).AssertFails(ExitCode.BadData, "bad.csv: row 502: 3 fields, but the header has 10");
        CommandRun.Of("convert", _csv, "--out", _csv).AssertFails(ExitCode.Usage, "is the table that is read");
        CommandRun.Of("convert", _csv, "--out", "").AssertFails(ExitCode.Usage, "--out: the name of the file is empty");
        CommandRun.Of("convert", _csv, "--out", _data, "--without", "z").AssertFails(ExitCode.BadData, "there is no column 'z'");
        CommandRun.Of("convert", _csv, "--out", _data, "--text", "z").AssertFails(ExitCode.BadData, "there is no column 'z'");
        CommandRun.Of("convert", _folder.PathOf("none.csv"), "--out", _data).AssertFails(ExitCode.BadData, "none.csv");
        CommandRun.Of("convert", _csv, "--out", _folder.PathOf("no/t.dirk-data")).AssertFails(ExitCode.BadData, "its folder does not exist");
        CommandRun.Of("convert", _csv, "--out", _data, "--without", string.Join(',', Table("t.csv").Columns.Select(column => column.Name))).AssertFails(ExitCode.BadData, "no column is left");
        Assert.Equal(["bad.csv", "t.csv"], _folder.FileNames);
    }

    private void Same(params string[] args)
    {
        Assert.Equal(Output(_csv), Output(_data).Replace("t.dirk-data", "t.csv"));
        string Output(string table) => CommandRun.Of([.. args.Select(arg => arg == "{}" ? table : arg)]).AssertSucceeds().Output;
    }

    private Table Table(string name) => TableFile.Read(_folder.PathOf(name), new TableOptions { Missing = MissingValues.Median });

    private int DataFileBlocks(string name)
    {
        using DataFile file = DataFile.Open(_folder.PathOf(name));
        return file.BlockCount;
    }
}
