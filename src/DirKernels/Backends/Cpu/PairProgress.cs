namespace DirKernels.Backends.Cpu;

/// <summary>How far two threads are that go through one job side by side: each counts what it has handed over in a word of its own.</summary>
internal readonly unsafe struct PairProgress
{
    /// <summary>Elements of the words, each two cache lines from the next.</summary>
    public const int Length = 3 * Stride;

    private const int Stride = 2 * CacheLine.Size / sizeof(long);

    /// <summary>Low bits of a word that count within a job; the others number jobs.</summary>
    private const int CountBits = 20;

    // [2] words of the threads, then who has taken the second half of the last job.
    private readonly long* _words;
    private readonly long _job;

    /// <summary>Begins a job.</summary>
    /// <param name="words">[<see cref="Length"/>], zero at first.</param>
    /// <param name="job">Its number, larger than those before.</param>
    public PairProgress(long* words, long job)
    {
        _words = words;
        _job = job;
    }

    private ref long Taken => ref _words[2 * Stride];

    /// <summary>The worker takes the second half.</summary>
    /// <returns>False where the caller has.</returns>
    public bool TryJoin() => TryTake(2 * _job);

    /// <summary>Tells the other thread that what it waits for is there.</summary>
    /// <param name="half">Of this thread.</param>
    /// <param name="count">How many times this thread has handed something over in this job.</param>
    public void HandOver(int half, int count)
    {
        // Behind it stores past the caches are seen as any others.
        Interlocked.MemoryBarrier();
        Volatile.Write(ref _words[half * Stride], (_job << CountBits) + count);
    }

    /// <summary>Waits until the other thread has handed over as many times.</summary>
    /// <param name="half">Of this thread.</param>
    /// <param name="count">How many times.</param>
    /// <returns>False for the caller where the worker has not joined, and will not.</returns>
    public bool WaitForOther(int half, int count)
    {
        ref long word = ref _words[(1 - half) * Stride];
        long wanted = (_job << CountBits) + count;
        for (int turns = 0; Volatile.Read(ref word) < wanted; PairWait.Turn(ref turns))
        {
            if (turns == PairWait.TurnsBeforeLate && half == 0 && TryTake(2 * _job + 1))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryTake(long by)
    {
        long taken = Volatile.Read(ref Taken);
        return taken < 2 * _job && Interlocked.CompareExchange(ref Taken, by, taken) == taken;
    }
}
