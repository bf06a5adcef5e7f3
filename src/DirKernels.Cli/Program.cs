using System.Runtime.InteropServices;
using System.Text;
using DirKernels.Cli;

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    // The first Ctrl-C asks the command to stop and tidy up, the second one does not ask.
    pressed.Cancel = !cancellation.IsCancellationRequested;
    cancellation.Cancel();
};

// What job schedulers send before they kill: the same request.
using PosixSignalRegistration termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    cancellation.Cancel();
});

using Stream input = Console.OpenStandardInput();

// Flushed by the command, which reports a full disk; a writer disposed here would meet it again.
var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 1 << 16);
return CommandLine.Run(args, input, output, Console.Error, cancellation.Token, showsProgress: !Console.IsErrorRedirected);
