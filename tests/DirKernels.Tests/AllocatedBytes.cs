namespace DirKernels.Tests;

/// <summary>What a call allocates on the managed heap once it is warm.</summary>
internal static class AllocatedBytes
{
    /// <summary>
    /// The smallest of several rounds on this thread: a collection that another test causes in between may count the unused rest of the thread's allocation
    /// buffer. What a call allocates each time, it allocates in every round.
    /// </summary>
    public static long Smallest(Action call)
    {
        long smallest = long.MaxValue;
        for (int round = 0; round < 12; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            call();
            smallest = Math.Min(smallest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return smallest;
    }
}
