using DirKernels.Backends.Cpu;
using Xunit;

namespace DirKernels.Tests.Backends;

public sealed unsafe class WorkerTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void EveryBlockRunsOnce(int threads)
    {
        using var team = new WorkerTeam(threads);
        int* counts = stackalloc int[257];
        for (int blocks = 0; blocks <= 257; blocks += blocks < 8 ? 1 : 31)
        {
            for (int repeat = 0; repeat < 50; repeat++)
            {
                new Span<int>(counts, 257).Clear();
                var job = new CountingJob { Counts = counts };
                team.Run(ref job, blocks, worthSharing: true);
                Assert.All(new Span<int>(counts, blocks).ToArray(), count => Assert.Equal(1, count));
            }
        }
    }

    [Fact]
    public void JobNumbersMayWrapAround()
    {
        using var team = new WorkerTeam(2);
        team.LastJob = -4L << 28;
        int* counts = stackalloc int[16];
        for (int repeat = 0; repeat < 10; repeat++)
        {
            new Span<int>(counts, 16).Clear();
            var counting = new CountingJob { Counts = counts };
            team.Run(ref counting, 16, worthSharing: true);
            Assert.All(new Span<int>(counts, 16).ToArray(), count => Assert.Equal(1, count));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void ShortJobsOfChangingSizesFollowEachOther(int threads)
    {
        // Workers come late to jobs that have ended and meet shares that the next one has not touched.
        using var team = new WorkerTeam(threads);
        int* counts = stackalloc int[16];
        for (int repeat = 0; repeat < 30_000; repeat++)
        {
            int blocks = 2 + (int)(CounterRandom.Bits(1, (ulong)repeat) % 14);
            new Span<int>(counts, 16).Clear();
            var job = new CountingJob { Counts = counts };
            team.Run(ref job, blocks, worthSharing: true);
            for (int i = 0; i < 16; i++)
            {
                Assert.True(counts[i] == (i < blocks ? 1 : 0), $"block {i} of {blocks} in job {repeat} ran {counts[i]} times");
            }
        }
    }

    [Fact]
    public void SeveralCallersShareOneTeam()
    {
        using var team = new WorkerTeam(3);
        int total = 0;
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            int* counts = stackalloc int[64];
            for (int repeat = 0; repeat < 200; repeat++)
            {
                new Span<int>(counts, 64).Clear();
                var job = new CountingJob { Counts = counts };
                team.Run(ref job, 64, worthSharing: true);
                int sum = 0;
                foreach (int count in new Span<int>(counts, 64))
                {
                    sum += count == 1 ? 1 : 1000;
                }

                Interlocked.Add(ref total, sum);
            }
        }))];
        foreach (Thread caller in callers)
        {
            caller.Start();
        }

        foreach (Thread caller in callers)
        {
            caller.Join();
        }

        Assert.Equal(4 * 200 * 64, total);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    public void WhoHasFinishedTakesFromTheShareOfAnother(int stuck, int awaited)
    {
        // Each of two threads has two blocks; one of them cannot go on before the other thread has taken its second one.
        using var team = new WorkerTeam(2);
        int* done = stackalloc int[4];
        for (int repeat = 0; repeat < 100; repeat++)
        {
            new Span<int>(done, 4).Clear();
            var job = new WaitingJob { Done = done, Stuck = stuck, Awaited = awaited };
            team.Run(ref job, 4, worthSharing: true);
            Assert.Equal([1, 1, 1, 1], new Span<int>(done, 4).ToArray());
        }
    }

    [Fact]
    public void TheWorkerGoesOnByItselfAfterAPair()
    {
        using var team = new WorkerTeam(2);
        var state = default(PairState);
        int* counts = stackalloc int[16];
        long shared = 0;
        for (int step = 1; step <= 2000; step++)
        {
            var job = new PairJob { State = &state, Step = step };
            shared += team.RunPair(ref job, &GoOn, &state) ? 1 : 0;
            Assert.Equal((step, step), (state.First, state.Second));

            // The next job finds the worker done.
            new Span<int>(counts, 16).Clear();
            var counting = new CountingJob { Counts = counts };
            team.Run(ref counting, 16, worthSharing: true);
            Assert.All(new Span<int>(counts, 16).ToArray(), count => Assert.Equal(1, count));
        }

        AssertReaches(ref state.Followed, shared);
    }

    [Fact]
    public void TheCallerTakesTheBlockOfALateWorker()
    {
        using var team = new WorkerTeam(2);
        var state = new PairState { IsBlocked = 1 };
        var job = new PairJob { State = &state, Step = 1 };
        while (!team.RunPair(ref job, &GoOn, &state))
        {
            job.Step++;
        }

        // The worker cannot go on before these two have ended.
        for (int i = 0; i < 2; i++)
        {
            job.Step++;
            Assert.False(team.RunPair(ref job, &GoOn, &state));
            Assert.Equal((job.Step, job.Step), (state.First, state.Second));
        }

        Assert.Equal(0, state.Followed);
        Volatile.Write(ref state.IsBlocked, 0);
        AssertReaches(ref state.Followed, 1);
    }

    private static void AssertReaches(ref long word, long value)
    {
        for (long start = Environment.TickCount64; Volatile.Read(ref word) < value && Environment.TickCount64 - start < 10_000;)
        {
            Thread.Sleep(1);
        }

        Assert.Equal(value, Volatile.Read(ref word));
    }

    // Block 0 first, as a worker that goes on must wait for it.
    private static void GoOn(void* followed)
    {
        var state = (PairState*)followed;
        while (Volatile.Read(ref state->First) < Volatile.Read(ref state->OfWorker) || Volatile.Read(ref state->IsBlocked) != 0)
        {
            Thread.Yield();
        }

        Interlocked.Increment(ref state->Followed);
    }

    private struct PairState
    {
        public long First;
        public long Second;
        public long OfWorker;
        public long Followed;
        public int IsBlocked;
    }

    private struct PairJob : IBlockJob
    {
        public PairState* State;
        public long Step;

        public readonly void Run(int block)
        {
            if (block == 1)
            {
                Volatile.Write(ref State->OfWorker, Step);
            }

            Volatile.Write(ref block == 0 ? ref State->First : ref State->Second, Step);
        }
    }

    private struct WaitingJob : IBlockJob
    {
        public int* Done;
        public int Stuck;
        public int Awaited;

        public readonly void Run(int block)
        {
            long start = Environment.TickCount64;
            while (block == Stuck && Volatile.Read(ref Done[Awaited]) == 0 && Environment.TickCount64 - start < 10_000)
            {
                Thread.SpinWait(1);
            }

            // A block that nobody took in time does not count.
            Volatile.Write(ref Done[block], block == Stuck && Volatile.Read(ref Done[Awaited]) == 0 ? -1 : 1);
        }
    }

    private struct CountingJob : IBlockJob
    {
        public int* Counts;

        public readonly void Run(int block) => Interlocked.Increment(ref Counts[block]);
    }
}
