using System.Globalization;
using System.IO.Pipes;
using System.Text;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary><c>predict MODEL -</c> in a pipeline.</summary>
public sealed class StreamedPredictionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;
    private readonly string[] _lines = SampleTable.Csv(300, "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "y").TrimEnd('\n').Split('\n');

    public StreamedPredictionTests()
    {
        _model = _folder.PathOf("m.dir");
        CommandRun.Of("train", _folder.Write("t.csv", SampleTable.Csv()), "--target", "y", "--bins", SampleTable.Bins, "--hidden", "8", "--epochs", "2", "--out", _model).AssertSucceeds();
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(299)]
    [InlineData(300)]
    [InlineData(100_000)]
    public void AnyPartsGiveTheSameBits(int rowsAtOnce)
    {
        string input = string.Join('\n', _lines);
        string expected = CommandRun.WithInput(input, "predict", _model, "-").AssertSucceeds().Output;
        Assert.Equal(301, expected.Count(character => character == '\n'));
        Assert.Equal(expected, CommandRun.WithInput(input, "predict", _model, "-", "--rows-at-once", $"{rowsAtOnce}").AssertSucceeds().Output);
    }

    [Fact]
    public async Task StoppingDoesNotWaitForASilentSource()
    {
        using var source = new AnonymousPipeServerStream(PipeDirection.Out);
        var input = new AnonymousPipeClientStream(PipeDirection.In, source.ClientSafePipeHandle);
        using var cancellation = new CancellationTokenSource();
        Task<int> command = Task.Run(() => CommandLine.Run(["predict", _model, "-"], input, TextWriter.Null, TextWriter.Null, cancellation.Token));
        Send(source, _lines[0] + "\n" + _lines[1] + "\n");
        cancellation.CancelAfter(100);
        Assert.Equal(ExitCode.Cancelled, await command.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void AnErrorFollowsThePredictionsOfTheRowsBefore()
    {
        string[] lines = [.. _lines];
        lines[12] = "a" + lines[12];
        CommandRun run = CommandRun.WithInput(string.Join('\n', lines), "predict", _model, "-", "--rows-at-once", "5");
        Assert.Equal(ExitCode.BadData, run.ExitCode);
        Assert.StartsWith("dirkernels: standard input: row 13, column 'x1': 'a", run.Error);
        string whole = CommandRun.WithInput(string.Join('\n', _lines), "predict", _model, "-").AssertSucceeds().Output;
        Assert.Equal(string.Join("", whole.Split('\n')[..12].Select(line => line + "\n")), run.Output);

        string file = _folder.PathOf("p.csv");
        CommandRun.WithInput(string.Join('\n', lines), "predict", _model, "-", "--rows-at-once", "5", "--out", file).AssertFails(ExitCode.BadData, "row 13, column 'x1'");
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void ErrorsOfLaterPartsNameTheRowOfTheSource()
    {
        // Empty lines and a line break in quotes between the parts.
        string header = _lines[0] + ",\"a\nb\"";
        string rows = string.Join("\n\n", _lines[1..20].Select(line => line + ",0"));
        CommandRun.WithInput($"{header}\n{rows}\n1,2\n", "predict", _model, "-", "--rows-at-once", "4")
            .AssertFails(ExitCode.BadData, "standard input has a b besides");

        string gaps = string.Join("\n\n", _lines[1..20]);
        CommandRun run = CommandRun.WithInput($"{_lines[0]}\n{gaps}\n1,2\n", "predict", _model, "-", "--rows-at-once", "4");
        Assert.Equal($"dirkernels: standard input: row {2 + 2 * 18 + 1}: 2 fields, but the header has 9\n", run.Error);
        string far = _lines[19].Replace(_lines[19].Split(',')[0], "1e300");
        run = CommandRun.WithInput($"{_lines[0]}\n{gaps[..gaps.LastIndexOf('\n')]}\n{far}\n", "predict", _model, "-", "--rows-at-once", "4");
        Assert.StartsWith($"dirkernels: standard input: row {2 + 2 * 18}, column 'x1': 1E+300 is too far from the training rows", run.Error);
    }

    [Theory]
    [InlineData("a", "row 251, column 'x3': 'a' is not a number")]
    [InlineData("1e300", "row 251, column 'x3': 1E+300 is too far from the training rows")]
    [InlineData("1,2", "row 251: 10 fields, but the header has 9")]
    [InlineData("\"1\"2", "row 251: text after the closing quote")]
    public void AllRowsBeforeTheFirstBadOneAreAnswered(string bad, string message)
    {
        string[] lines = [.. _lines];
        foreach (int row in new[] { 250, 255, 270 })
        {
            string[] fields = lines[row].Split(',');
            fields[2] = bad;
            lines[row] = string.Join(',', fields);
        }

        CommandRun run = CommandRun.WithInput(string.Join('\n', lines), "predict", _model, "-");
        Assert.Equal(ExitCode.BadData, run.ExitCode);
        Assert.StartsWith("dirkernels: standard input: " + message, run.Error);
        string whole = CommandRun.WithInput(string.Join('\n', _lines), "predict", _model, "-").AssertSucceeds().Output;
        Assert.Equal(string.Join("", whole.Split('\n')[..250].Select(line => line + "\n")), run.Output);
    }

    [Fact]
    public void AColumnMayBeMissingInAWholePart()
    {
        string[] lines = [.. _lines];
        for (int row = 5; row < 15; row++)
        {
            lines[row] = lines[row][lines[row].IndexOf(',')..];
        }

        string input = string.Join('\n', lines);
        string expected = CommandRun.WithInput(input, "predict", _model, "-", "--missing", "median").AssertSucceeds().Output;
        Assert.Equal(expected, CommandRun.WithInput(input, "predict", _model, "-", "--missing", "median", "--rows-at-once", "2").AssertSucceeds().Output);
    }

    [Fact]
    public void MemoryDoesNotGrowWithTheRows()
    {
        long small = PeakOf(20_000), large = PeakOf(400_000);
        Assert.True(large < small + (16 << 20), string.Create(CultureInfo.InvariantCulture, $"{small} bytes for 20,000 rows, {large} for 400,000"));
    }

    [Fact]
    public void WrongUseIsRefused()
    {
        CommandRun.WithInput(_lines[0], "predict", _model, "-", "--rows-at-once", "0").AssertFails(ExitCode.Usage, "--rows-at-once: must be 1..1048576, but is 0");
        CommandRun.WithInput(_lines[0] + "\n", "predict", _model, "-").AssertFails(ExitCode.BadData, "there is a header but no rows");
        CommandRun.WithInput("", "predict", _model, "-").AssertFails(ExitCode.BadData, "standard input: the file is empty");
    }

    /// <summary>Most managed memory in use while so many rows go through, sampled by the source.</summary>
    private long PeakOf(int rows)
    {
        using var input = new RepeatedRows(_lines[0] + "\n", string.Join('\n', _lines[1..]) + "\n", rows / 300);
        Assert.Equal(ExitCode.Success, CommandLine.Run(["predict", _model, "-", "--rows-at-once", "4096"], input, TextWriter.Null, TextWriter.Null, CancellationToken.None));
        return input.Peak;
    }

    private static void Send(Stream pipe, string text) => pipe.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>A long table from a short text.</summary>
    private sealed class RepeatedRows(string header, string body, int repeats) : Stream
    {
        private readonly byte[] _body = Encoding.UTF8.GetBytes(body);
        private byte[] _current = Encoding.UTF8.GetBytes(header);
        private int _left = repeats;
        private int _at;

        public long Peak { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_at == _current.Length)
            {
                if (_left-- == 0)
                {
                    return 0;
                }

                if (_left % 50 == 0)
                {
                    Peak = Math.Max(Peak, GC.GetTotalMemory(forceFullCollection: true));
                }

                (_current, _at) = (_body, 0);
            }

            int read = Math.Min(count, _current.Length - _at);
            _current.AsSpan(_at, read).CopyTo(buffer.AsSpan(offset));
            _at += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
