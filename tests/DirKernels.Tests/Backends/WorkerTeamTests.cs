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
        long* state = stackalloc long[3];
        int* counts = stackalloc int[2], others = stackalloc int[16];
        for (int repeat = 1; repeat <= 2000; repeat++)
        {
            new Span<int>(counts, 2).Clear();
            var job = new CountingJob { Counts = counts };
            if (team.RunPair(ref job, &CountUp, state))
            {
                state[1]++;
            }

            Assert.Equal([1, 1], new Span<int>(counts, 2).ToArray());

            // The next job finds the worker done.
            new Span<int>(others, 16).Clear();
            var counting = new CountingJob { Counts = others };
            team.Run(ref counting, 16, worthSharing: true);
            Assert.All(new Span<int>(others, 16).ToArray(), count => Assert.Equal(1, count));
        }

        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref state[0]) == state[1], 10_000));
    }

    [Fact]
    public void TheCallerTakesTheBlockOfALateWorker()
    {
        using var team = new WorkerTeam(2);
        long* state = stackalloc long[3];
        int* counts = stackalloc int[2];
        var job = new CountingJob { Counts = counts };
        while (!team.RunPair(ref job, &WaitForWord, state))
        {
        }

        // The worker waits for a word that comes after the next jobs.
        new Span<int>(counts, 2).Clear();
        Assert.False(team.RunPair(ref job, &CountUp, state));
        Assert.False(team.RunPair(ref job, &CountUp, state));
        Assert.Equal([2, 2], new Span<int>(counts, 2).ToArray());
        Volatile.Write(ref state[2], 1);
        long start = Environment.TickCount64;
        bool hasWorker = false;
        while (!hasWorker && Environment.TickCount64 - start < 10_000)
        {
            hasWorker = team.RunPair(ref job, &CountUp, state);
        }

        Assert.True(hasWorker);
    }

    private static void CountUp(void* state) => Interlocked.Increment(ref *(long*)state);

    private static void WaitForWord(void* state)
    {
        while (Volatile.Read(ref ((long*)state)[2]) == 0)
        {
            Thread.Sleep(1);
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
