namespace DirKernels.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>Something failed that neither the command line nor the data are to blame for, such as a full disk.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A data or model file is absent, damaged or not what it should be.</summary>
    public const int BadData = 3;

    /// <summary>The device asked for is absent.</summary>
    public const int DeviceAbsent = 5;

    /// <summary>Stopped by the user, as shells report it.</summary>
    public const int Cancelled = 130;
}
