namespace DirKernels.Cli;

/// <summary>Training was stopped by the user; the message says what was kept.</summary>
internal sealed class TrainingStoppedException(string message) : OperationCanceledException(message);
