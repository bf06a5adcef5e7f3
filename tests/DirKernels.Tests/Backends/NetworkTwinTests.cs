using DirKernels.Backends.Cpu;
using Xunit;

namespace DirKernels.Tests.Backends;

/// <summary>A caller must not write over what a late worker may still read.</summary>
public sealed unsafe class NetworkTwinTests
{
    [Fact]
    public void AWorkerThatIsTwoStepsLateIsWaitedForByWorkingAlone()
    {
        using var twin = new NetworkTwin();
        using var buffer = new CpuBuffer<float>(64);
        Assert.True(TryBegin(twin, buffer, 32, out NetworkTwinJob job));
        twin.End(isShared: true);
        float* sent = job.ToWorker;

        // The worker has had a part in step 1 and not made it yet: step 2 hands over elsewhere, step 3 would not.
        Assert.True(TryBegin(twin, buffer, 32, out job));
        Assert.True(job.ToWorker != sent);
        twin.End(isShared: false);
        Assert.False(TryBegin(twin, buffer, 32, out _));
        Assert.False(TryBegin(twin, buffer, 32, out _));
        job.State->Applied = 1;
        Assert.True(TryBegin(twin, buffer, 32, out job));
        Assert.True(job.ToWorker == sent);
        Assert.Equal(3, job.Step);
    }

    [Fact]
    public void MemoryStaysWhileTheWorkerMakesItsStep()
    {
        using var twin = new NetworkTwin();
        using var buffer = new CpuBuffer<float>(64);
        Assert.True(TryBegin(twin, buffer, 32, out NetworkTwinJob job));
        twin.End(isShared: true);

        // A larger network needs other memory.
        Assert.False(TryBegin(twin, buffer, 64, out _));
        Assert.True(TryBegin(twin, buffer, 16, out _));
        twin.End(isShared: true);
        job.State->Applied = 2;
        Assert.True(TryBegin(twin, buffer, 64, out job));
        Assert.Equal((3, 2), (job.Step, job.State->Applied));
    }

    [Fact]
    public void TheCopyIsOfTheStepBeforeOnlyForTheSameBuffersUntouched()
    {
        using var twin = new NetworkTwin();
        using CpuBuffer<float> buffer = new(64), other = new(64);
        Assert.Equal(-1, CopiedAfter(buffer, 32, isCopied: false));
        Assert.Equal(1, CopiedAfter(buffer, 32, isCopied: true));
        Assert.Equal(-1, CopiedAfter(other, 32, isCopied: true));
        Assert.Equal(-1, CopiedAfter(buffer, 32, isCopied: true));
        Assert.Equal(-1, CopiedAfter(buffer, 16, isCopied: true));
        Assert.Equal(-1, CopiedAfter(buffer, 16, isCopied: false));
        Assert.Equal(6, CopiedAfter(buffer, 16, isCopied: true));

        long CopiedAfter(CpuBuffer<float> parameters, int length, bool isCopied)
        {
            Assert.True(TryBegin(twin, parameters, length, out NetworkTwinJob job, isCopied));
            twin.End(isShared: true);
            job.State->Applied = job.Step;
            return job.CopiedAfter;
        }
    }

    [Fact]
    public void WhoAsksForTheAddressEndsACopy()
    {
        using var buffer = new CpuBuffer<float>(4);
        object holder = new(), other = new();
        buffer.NoteCopy(holder);
        Assert.True(buffer.IsCopiedBy(holder));
        Assert.False(buffer.IsCopiedBy(other));
        *buffer.Pointer = 1;
        Assert.False(buffer.IsCopiedBy(holder));
    }

    private static bool TryBegin(NetworkTwin twin, CpuBuffer<float> parameters, int length, out NetworkTwinJob job, bool isCopied = false)
    {
        var blocks = new NetworkBlocks { ParameterLength = length };
        job = new NetworkTwinJob { Blocks = &blocks };
        var step = new OptimizerStep(OptimizerKind.Adam, 0.1f, 0.9f, 0.999f, 1e-8f, 0, 1);
        return twin.TryBegin(ParameterStep.Of(step, parameters.Pointer, parameters.Pointer, parameters.Pointer), isCopied, ref job);
    }
}
