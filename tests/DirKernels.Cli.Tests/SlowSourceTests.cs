using System.IO.Pipes;
using System.Text;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary><c>predict MODEL -</c> where rows come one at a time, and whoever sends them waits for the answer.</summary>
public sealed class SlowSourceTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;
    private readonly string[] _lines = SampleTable.Csv(100, "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "y").Split('\n')[..40];

    public SlowSourceTests()
    {
        _model = _folder.PathOf("m.dir");
        CommandRun.Of("train", _folder.Write("t.csv", SampleTable.Csv()), "--target", "y", "--bins", SampleTable.Bins, "--hidden", "8", "--epochs", "2", "--out", _model).AssertSucceeds();
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task ARowIsAnsweredAsSoonAsItsLineEnds(string lineEnd)
    {
        string[] expected = CommandRun.WithInput(string.Join('\n', _lines), "predict", _model, "-").AssertSucceeds().Output.Split('\n');
        using var source = new AnonymousPipeServerStream(PipeDirection.Out);
        using var input = new AnonymousPipeClientStream(PipeDirection.In, source.ClientSafePipeHandle);
        using var output = new AnnouncingWriter();
        Task<int> command = Task.Run(() => CommandLine.Run(["predict", _model, "-"], input, output, output, CancellationToken.None));
        await Send(source, _lines[0] + lineEnd);
        for (int row = 1; row < _lines.Length; row++)
        {
            // Also where a line comes in two pieces.
            int half = row % 3 == 0 ? _lines[row].Length / 2 : 0;
            await Send(source, _lines[row][..half]);
            await Send(source, _lines[row][half..] + lineEnd);
            Assert.True(await output.Flushed.WaitAsync(_patience, TestContext.Current.CancellationToken), $"row {row} was not answered: {output}");
            Assert.Equal(string.Join("\n", expected[..(row + 1)]) + "\n", output.ToString());
        }

        source.Dispose();
        Assert.Equal(ExitCode.Success, await command.WaitAsync(_patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AWrongRowIsToldWhileTheSourceStaysOpen()
    {
        using var source = new AnonymousPipeServerStream(PipeDirection.Out);
        var input = new AnonymousPipeClientStream(PipeDirection.In, source.ClientSafePipeHandle);
        using var error = new AnnouncingWriter();
        Task<int> command = Task.Run(() => CommandLine.Run(["predict", _model, "-"], input, TextWriter.Null, error, CancellationToken.None));
        await Send(source, _lines[0] + "\n" + _lines[1] + "\n");
        await Send(source, "1,2\n");
        Assert.Equal(ExitCode.BadData, await command.WaitAsync(_patience, TestContext.Current.CancellationToken));
        Assert.Equal("dirkernels: standard input: row 3: 2 fields, but the header has 9\n", error.ToString());
    }

    [Fact]
    public async Task AReaderThatIsGoneEndsTheCommandWhileTheSourceStaysOpen()
    {
        using var source = new AnonymousPipeServerStream(PipeDirection.Out);
        var input = new AnonymousPipeClientStream(PipeDirection.In, source.ClientSafePipeHandle);
        using var error = new AnnouncingWriter();
        Task<int> command = Task.Run(() => CommandLine.Run(["predict", _model, "-"], input, new BrokenWriter(), error, CancellationToken.None));
        await Send(source, _lines[0] + "\n" + _lines[1] + "\n");
        Assert.Equal(ExitCode.Failure, await command.WaitAsync(_patience, TestContext.Current.CancellationToken));
        Assert.Equal("dirkernels: broken pipe\n", error.ToString());
    }

    private static async Task Send(AnonymousPipeServerStream pipe, string text) => await pipe.WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);

    /// <summary>Remembers what was written and says when it is flushed.</summary>
    private sealed class AnnouncingWriter : StringWriter
    {
        public SemaphoreSlim Flushed { get; } = new(0);

        public override void Flush() => Flushed.Release();
    }

    private sealed class BrokenWriter : StringWriter
    {
        public override void Flush() => throw new IOException("broken pipe");
    }
}
