namespace DirKernels.Networks;

/// <summary>The training rows of an epoch, window after window.</summary>
internal interface IRowWindows : IDisposable
{
    /// <summary>Begins an epoch.</summary>
    /// <param name="epoch">Number of the epoch, from 0, which with the seed determines the order.</param>
    void StartEpoch(int epoch);

    /// <summary>The next window with its order on the host, in use until the following call; null when the epoch has no more.</summary>
    RowWindow? Next();
}
