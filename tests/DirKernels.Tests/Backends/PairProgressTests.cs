using DirKernels.Backends.Cpu;
using Xunit;

namespace DirKernels.Tests.Backends;

/// <summary>Whoever takes the second half of a job first has it.</summary>
public sealed unsafe class PairProgressTests
{
    [Fact]
    public void ACallerWithoutAWorkerGoesOnAlone()
    {
        using var words = new CpuBuffer<long>(PairProgress.Length);
        var first = new PairProgress(words.Pointer, 1);
        first.HandOver(half: 0, count: 1);
        Assert.False(first.WaitForOther(half: 0, count: 1));
        Assert.False(first.TryJoin());

        // The next job is not this one.
        var second = new PairProgress(words.Pointer, 2);
        Assert.True(second.TryJoin());
        Assert.False(second.TryJoin());
        second.HandOver(half: 1, count: 1);
        Assert.True(second.WaitForOther(half: 0, count: 1));
    }

    [Fact]
    public void AWorkerThatHasJoinedIsWaitedFor()
    {
        using var words = new CpuBuffer<long>(PairProgress.Length);
        var progress = new PairProgress(words.Pointer, 1);
        long handedOver = 0;
        Assert.True(progress.TryJoin());
        var worker = new Thread(() =>
        {
            // Longer than a caller waits for one that has not joined.
            Thread.Sleep(20);
            Volatile.Write(ref handedOver, 3);
            progress.HandOver(half: 1, count: 3);
        });
        worker.Start();
        Assert.True(progress.WaitForOther(half: 0, count: 3));
        Assert.Equal(3, Volatile.Read(ref handedOver));
        Assert.True(progress.WaitForOther(half: 0, count: 2));
        worker.Join();
    }
}
