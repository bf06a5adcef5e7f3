using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <summary>
/// Dedicated threads that share the blocks of a job with the calling thread. They spin for a moment between jobs, then park.
/// </summary>
/// <remarks>
/// Waking a spinning worker takes a fraction of a microsecond and no allocation, against several microseconds and about 1.5 KB for Parallel.For.
/// A job's state lives on the caller's stack; the caller leaves only when every block has run. One job at a time: a second caller runs its
/// blocks itself. Each thread has a share of neighbouring blocks, the same in every job of as many blocks, so that what it wrote in one job is in its caches for the next;
/// who has waited for others a moment takes from their shares. Not at once: a share that another thread has looked at costs its owner the way between two cores with the next claim.
/// </remarks>
internal sealed unsafe class WorkerTeam : IDisposable
{
    // Turns of some 40 ns: about 2 us, longer than a word takes from core to core and back; 80 us; 1.2 ms.
    private const int SpinsBeforeHelping = 50;
    private const int SpinsBeforeYielding = 2000;
    private const int SpinsBeforeParking = 32000;

    /// <summary>Elements from word to word that different threads write: two cache lines, since neighbouring ones are fetched together.</summary>
    private const int Stride = 16;

    /// <summary>Low bits of a word that count blocks; the others number jobs and come round after days.</summary>
    private const int BlockBits = 28;

    private const long MostBlocks = (1L << BlockBits) - 1;

    private readonly Thread[] _threads;
    private readonly Lock _callerGate = new();
    private readonly object _parkingGate = new();
    private readonly bool _maySpin;

    // What threads write, pinned and in cache lines of its own.
    private readonly long[] _memory;
    private readonly Announcement* _announced;

    // [threads x Stride], each a share: number of the job that touched it last, and blocks not yet claimed. A share of an earlier job is one of this that nobody has touched.
    private readonly long* _shares;
    private int _parked;
    private volatile bool _stopping;

    /// <summary>A team of <paramref name="threads"/> including the caller; 1 means no thread is started.</summary>
    public WorkerTeam(int threads)
    {
        // With more threads than processors a spinning worker takes the time of a working one.
        _maySpin = threads <= Environment.ProcessorCount;
        _threads = new Thread[threads - 1];
        _memory = GC.AllocateArray<long>((threads + 2) * Stride, pinned: true);
        const nuint Mask = Stride * sizeof(long) - 1;
        _announced = (Announcement*)(((nuint)Unsafe.AsPointer(ref _memory[0]) + Mask) & ~Mask);
        _shares = (long*)_announced + Stride;
        for (int i = 0; i < _threads.Length; i++)
        {
            int place = i + 1;
            _threads[i] = new Thread(() => Work(place)) { IsBackground = true, Name = $"DirKernels worker {i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>Taken by the caller whose job has the workers; who keeps something from job to job holds it meanwhile, see <see cref="RunPair"/>.</summary>
    public Lock CallerGate => _callerGate;

    /// <summary>What owns the memory that workers use when they go on by themselves: it lives as long as they do, whoever forgets to dispose of a team.</summary>
    public object? Kept { get; init; }

    /// <summary>Threads that share a job, the caller included.</summary>
    public int Size => _threads.Length + 1;

    /// <summary>Number of the last job in its upper bits; for tests, while no job runs.</summary>
    internal long LastJob
    {
        get => _announced->Job;
        set => _announced->Job = value;
    }

    /// <summary>The block that a thread begins with, before it goes on to the next one; the end of the share before.</summary>
    /// <param name="blocks">Blocks of the job.</param>
    /// <param name="share">Number of the share.</param>
    /// <param name="shares">Threads.</param>
    public static int FirstOfShare(long blocks, int share, int shares) => (int)(blocks * share / shares);

    /// <summary>Runs all blocks of a job and returns when they have finished. A block must not throw.</summary>
    /// <param name="job">The job; shared by all threads.</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="worthSharing">False when the whole job takes less time than waking a worker.</param>
    public void Run<TJob>(ref TJob job, int blocks, bool worthSharing)
        where TJob : struct, IBlockJob
    {
        if (worthSharing && blocks is > 1 and <= (int)MostBlocks && _threads.Length > 0 && _callerGate.TryEnter())
        {
            try
            {
                Share(&Invoke<TJob>, Unsafe.AsPointer(ref job), blocks);
            }
            finally
            {
                _callerGate.Exit();
            }
        }
        else
        {
            for (int block = 0; block < blocks; block++)
            {
                job.Run(block);
            }
        }
    }

    /// <summary>
    /// Runs block 0 on the calling thread and block 1 on the worker of a team of two, or on the calling thread as well where the worker is late. The worker goes on by itself afterwards,
    /// while the caller has returned already.
    /// </summary>
    /// <param name="job">The job. The caller holds <see cref="CallerGate"/>.</param>
    /// <param name="follow">What the worker does once its block has finished and the job may be gone; it begins with waiting for block 0, so that it never takes that one. Must not throw; null for nothing.</param>
    /// <param name="followed">Handed to it: memory that outlives the team's threads.</param>
    /// <returns>Whether the worker ran its block, and so goes on.</returns>
    public bool RunPair<TJob>(ref TJob job, delegate*<void*, void> follow, void* followed)
        where TJob : struct, IBlockJob
    {
        const int Blocks = 2;
        long number = NextJob(Blocks);
        Announce(number, &Invoke<TJob>, Unsafe.AsPointer(ref job), follow, followed);
        return WaitForOthers(number, Blocks, RunShare(number, share: 0)) == 1;
    }

    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        lock (_parkingGate)
        {
            Monitor.PulseAll(_parkingGate);
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private static void Invoke<TJob>(void* state, int block)
        where TJob : struct, IBlockJob => Unsafe.AsRef<TJob>(state).Run(block);

    private void Share(delegate*<void*, int, void> body, void* state, int blocks)
    {
        long job = NextJob(blocks);
        Announce(job, body, state, follow: null, followed: null);
        _ = WaitForOthers(job, blocks, RunShare(job, share: 0));
    }

    private long NextJob(int blocks) => ((Volatile.Read(ref _announced->Job) | MostBlocks) + 1) | (uint)blocks;

    private void Announce(long job, delegate*<void*, int, void> body, void* state, delegate*<void*, void> follow, void* followed)
    {
        _announced->Body = body;
        _announced->State = state;
        _announced->Follow = follow;
        _announced->Followed = followed;
        _announced->Finished = 0;
        Interlocked.Exchange(ref _announced->Job, job);
        if (Volatile.Read(ref _parked) > 0)
        {
            lock (_parkingGate)
            {
                Monitor.PulseAll(_parkingGate);
            }
        }
    }

    // The caller has run its share; takes from others after a moment.
    // Returns the blocks that the caller ran.
    private int WaitForOthers(long job, int blocks, int own)
    {
        for (int spin = 0; _maySpin && spin < SpinsBeforeHelping && Volatile.Read(ref _announced->Finished) < blocks - own; spin++)
        {
            Thread.SpinWait(1);
        }

        if (Volatile.Read(ref _announced->Finished) < blocks - own)
        {
            own += RunSharesOfOthers(job, place: 0);
        }

        var spinner = default(SpinWait);
        for (int spin = 0; Volatile.Read(ref _announced->Finished) < blocks - own; spin++)
        {
            if (_maySpin && spin < SpinsBeforeYielding)
            {
                Thread.SpinWait(1);
            }
            else
            {
                spinner.SpinOnce(sleep1Threshold: -1);
            }
        }

        return own;
    }

    private int RunSharesOfOthers(long job, int place)
    {
        int finished = 0;
        for (int i = 1; i < Size; i++)
        {
            finished += RunShare(job, (place + i) % Size);
        }

        return finished;
    }

    /// <summary>Runs what is left of a share.</summary>
    /// <returns>Blocks that this thread ran.</returns>
    private int RunShare(long job, int share)
    {
        long blocks = job & MostBlocks;
        int first = FirstOfShare(blocks, share, Size), end = FirstOfShare(blocks, share + 1, Size), finished = 0;
        ref long claims = ref _shares[share * Stride];
        while (true)
        {
            long seen = Volatile.Read(ref claims);
            bool touched = (seen ^ job) >>> BlockBits == 0;
            int left = touched ? (int)(seen & MostBlocks) : end - first;

            // Nobody has touched the share in this job, or the job has ended and this thread is late; where it ends after the question, the share has been touched and the claim fails.
            if (left == 0 || (!touched && Volatile.Read(ref _announced->Job) != job))
            {
                return finished;
            }

            // Read before the claim: once it succeeds, the job cannot have been replaced in between.
            delegate*<void*, int, void> body = _announced->Body;
            void* state = _announced->State;
            if (Interlocked.CompareExchange(ref claims, (job & ~MostBlocks) | (uint)(left - 1), seen) == seen)
            {
                body(state, end - left);
                finished++;
            }
        }
    }

    private void Work(int place)
    {
        long seen = 0;
        while (!_stopping)
        {
            long job = WaitForJob(seen, place);
            if (job != seen)
            {
                seen = job;
                int finished = RunShare(job, place);

                // Read before the report: the caller cannot leave until then.
                delegate*<void*, void> follow = finished > 0 ? _announced->Follow : null;
                void* followed = _announced->Followed;
                Report(finished);
                if (follow != null)
                {
                    follow(followed);
                }
            }
        }
    }

    private void Report(int finished)
    {
        if (finished > 0)
        {
            Interlocked.Add(ref _announced->Finished, finished);
        }
    }

    private long WaitForJob(long seen, int place)
    {
        for (int spin = 0; spin < (_maySpin ? SpinsBeforeParking : 1); spin++)
        {
            long job = Volatile.Read(ref _announced->Job);
            if (job != seen || _stopping)
            {
                return job;
            }

            if (spin == (_maySpin ? SpinsBeforeHelping : 0))
            {
                Report(RunSharesOfOthers(seen, place));
            }

            Thread.SpinWait(1);
        }

        lock (_parkingGate)
        {
            Interlocked.Increment(ref _parked);
            while (Volatile.Read(ref _announced->Job) == seen && !_stopping)
            {
                Monitor.Wait(_parkingGate);
            }

            Interlocked.Decrement(ref _parked);
        }

        return Volatile.Read(ref _announced->Job);
    }

    /// <summary>A job, in one cache line: what workers read when it begins, and what they write when it ends.</summary>
    private struct Announcement
    {
        /// <summary>Number of the job and its blocks. One word, so that a late worker never takes the number of one job and the blocks of another.</summary>
        public long Job;
        public delegate*<void*, int, void> Body;
        public void* State;

        /// <summary>What a worker does once its block has finished; null for nothing.</summary>
        public delegate*<void*, void> Follow;
        public void* Followed;

        /// <summary>Blocks that workers have run.</summary>
        public int Finished;
    }
}
