using System.CommandLine;
using System.CommandLine.Help;
using DirKernels.Networks;

namespace DirKernels.Cli;

/// <summary>The command line as a function: arguments and streams in, exit code out. What goes wrong is one line on the error stream.</summary>
internal static class CommandLine
{
    private const string Name = "dirkernels";

    /// <summary>Runs one command to its end.</summary>
    /// <param name="args">The arguments, without the program's name.</param>
    /// <param name="input">What the file name <c>-</c> reads.</param>
    /// <param name="output">Receives results; flushed at the end.</param>
    /// <param name="error">Receives messages.</param>
    /// <param name="cancellation">Stops the command.</param>
    /// <param name="showsProgress">Whether the error stream is a terminal, on which progress can be rewritten in place.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args, Stream input, TextWriter output, TextWriter error, CancellationToken cancellation, bool showsProgress = false)
    {
        var streams = new CommandStreams(input, output, error, showsProgress);
        try
        {
            int exitCode = Invoke(args, streams, cancellation);
            output.Flush();
            return exitCode;
        }
        catch (OperationCanceledException stopped)
        {
            return Fail(error, stopped is TrainingStoppedException ? stopped.Message : "stopped", ExitCode.Cancelled);
        }
        catch (TrainingDivergedException diverged)
        {
            return Fail(error, diverged.Message, ExitCode.Failure);
        }
        catch (ArgumentException usage)
        {
            return Fail(error, OptionRange.MessageOf(usage), ExitCode.Usage);
        }
        catch (Exception data) when (data is InvalidDataException or FileNotFoundException or DirectoryNotFoundException)
        {
            return Fail(error, data.Message, ExitCode.BadData);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Fail(error, failure.Message, ExitCode.Failure);
        }
        catch (DeviceAbsentException absent)
        {
            return Fail(error, absent.Message, ExitCode.DeviceAbsent);
        }
        catch (OutOfMemoryException)
        {
            return Fail(error, "there is not enough memory for this data", ExitCode.Failure);
        }
    }

    private static int Invoke(string[] args, CommandStreams streams, CancellationToken cancellation)
    {
        // Not a RootCommand: that would call itself by the name of its assembly.
        var root = new Command(Name, "Deep imbalanced regression: label and feature distribution smoothing.")
        {
            new HelpOption(),
            new VersionOption(),
            CompareCommand.Create(streams, cancellation),
            DiagnoseCommand.Create(streams, cancellation),
            WeightsCommand.Create(streams, cancellation),
            ConvertCommand.Create(streams, cancellation),
            TrainCommand.Create(streams, cancellation),
            EvaluateCommand.Create(streams, cancellation),
            PredictCommand.Create(streams, cancellation),
            DriftCommand.Create(streams, cancellation),
            InspectCommand.Create(streams),
            MethodsCommand.Create(streams),
            DevicesCommand.Create(streams),
            ExportCommand.Create(streams),
            ImportCommand.Create(streams, cancellation),
        };

        // A file name that starts with @ is a file name.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            string problems = string.Join(" ", parsed.Errors.Select(problem => problem.Message).Distinct());
            return Fail(streams.Error, $"{problems} (see {Name} --help)", ExitCode.Usage);
        }

        return parsed.Invoke(new InvocationConfiguration
        {
            Output = streams.Output,
            Error = streams.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    private static int Fail(TextWriter error, string message, int exitCode)
    {
        error.WriteLine($"{Name}: {message.ReplaceLineEndings(" ")}");
        return exitCode;
    }
}
