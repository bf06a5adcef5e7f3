using System.Text;
using Xunit;

namespace DirKernels.Cli.Tests;

/// <summary>One run of the command line inside the test process, with what it wrote.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public static CommandRun Of(params string[] args) => Of("", CancellationToken.None, args);

    public static CommandRun WithInput(string input, params string[] args) => Of(input, CancellationToken.None, args);

    public static CommandRun Of(string input, CancellationToken cancellation, params string[] args)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(input));
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = CommandLine.Run(args, stream, output, error, cancellation);
        return new CommandRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>A run on a terminal that is stopped as soon as it shows that so many epochs have ended.</summary>
    public static CommandRun StoppedAfterEpoch(int epoch, params string[] args) => StoppedAfterEpoch(epoch, 0, args);

    /// <summary>A run that is stopped some time after that, in the middle of a later epoch.</summary>
    public static CommandRun StoppedAfterEpoch(int epoch, int delayMilliseconds, params string[] args)
    {
        using var cancellation = new CancellationTokenSource();
        using var input = new MemoryStream();
        using var output = new StringWriter();
        using var error = new CancellingWriter($"epoch {epoch}/", cancellation, delayMilliseconds);
        int exitCode = CommandLine.Run(args, input, output, error, cancellation.Token, showsProgress: true);

        // What a terminal shows of a line is what follows its last carriage return.
        string visible = string.Join('\n', error.ToString().Split('\n').Select(line => line[(line.LastIndexOf('\r') + 1)..]));
        return new CommandRun(exitCode, output.ToString(), visible);
    }

    /// <summary>Asserts a failure: the exit code, nothing on standard output, and one line that contains a text.</summary>
    public void AssertFails(int exitCode, string message)
    {
        Assert.Equal("", Output);
        Assert.StartsWith("dirkernels: ", Error);
        Assert.Contains(message, Error);
        Assert.Equal(1, Error.Count(character => character == '\n'));
        Assert.DoesNotContain("   at ", Error);
        Assert.Equal(exitCode, ExitCode);
    }

    /// <summary>Asserts success without a word on the error stream.</summary>
    public CommandRun AssertSucceeds()
    {
        Assert.Equal("", Error);
        Assert.Equal(0, ExitCode);
        return this;
    }
}
