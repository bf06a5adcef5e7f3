using DirKernels.Backends.Cpu;
using Xunit;

namespace DirKernels.Tests.Backends;

/// <summary>A caller must not write over what a late worker may still read.</summary>
public sealed unsafe class NetworkTwinTests
{
    [Fact]
    public void MemoryStaysWhileTheWorkerMakesItsLastStep()
    {
        using var twin = new NetworkTwin();
        using var buffer = new CpuBuffer<float>(512);
        Assert.True(TryBegin(twin, buffer, 32, out NetworkTwinJob job, steps: 3));
        Assert.Equal(1, job.First);
        job.LastShared = 3;
        twin.End(job);

        // A larger network needs other memory.
        Assert.False(TryBegin(twin, buffer, 512, out _));
        Assert.True(TryBegin(twin, buffer, 16, out _));
        twin.End(job);
        job.State->Applied = 3;
        Assert.True(TryBegin(twin, buffer, 512, out job));

        // What the two tell each other is that of all steps before.
        Assert.Equal((5, 4, 4, 4, NetworkTwinJob.TakenByCaller(4)), (job.First, job.State->Applied, job.State->Sent, job.State->Returned, job.State->Taken));
    }

    [Fact]
    public void StepsThatTheWorkerHadNoPartInLeaveItsMemoryAlone()
    {
        using var twin = new NetworkTwin();
        using var buffer = new CpuBuffer<float>(512);
        Assert.True(TryBegin(twin, buffer, 32, out NetworkTwinJob job, steps: 3));
        twin.End(job);
        Assert.True(TryBegin(twin, buffer, 512, out job));
        Assert.Equal(4, job.First);
    }

    [Fact]
    public void TheCopyIsOfTheStepBeforeOnlyForTheSameBuffersUntouched()
    {
        using var twin = new NetworkTwin();
        using CpuBuffer<float> buffer = new(64), other = new(64);
        Assert.Equal(-1, CopiedAfter(buffer, 32, isCopied: false));
        Assert.Equal(2, CopiedAfter(buffer, 32, isCopied: true));
        Assert.Equal(-1, CopiedAfter(other, 32, isCopied: true));
        Assert.Equal(-1, CopiedAfter(buffer, 32, isCopied: true));
        Assert.Equal(-1, CopiedAfter(buffer, 16, isCopied: true));
        Assert.Equal(-1, CopiedAfter(buffer, 16, isCopied: false));
        Assert.Equal(12, CopiedAfter(buffer, 16, isCopied: true));

        long CopiedAfter(CpuBuffer<float> parameters, int length, bool isCopied)
        {
            Assert.True(TryBegin(twin, parameters, length, out NetworkTwinJob job, isCopied, steps: 2));
            job.LastShared = job.First + 1;
            job.State->Applied = job.LastShared;
            twin.End(job);
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

    private static bool TryBegin(NetworkTwin twin, CpuBuffer<float> parameters, int length, out NetworkTwinJob job, bool isCopied = false, int steps = 1)
    {
        var blocks = new NetworkBlocks { ParameterLength = length, Rows = 128 };
        job = new NetworkTwinJob { Blocks = &blocks, Count = steps };
        var step = new OptimizerStep(OptimizerKind.Adam, 0.1f, 0.9f, 0.999f, 1e-8f, 0, 1);
        return twin.TryBegin(ParameterStep.Of(step, parameters.Pointer, parameters.Pointer, parameters.Pointer), isCopied, ref job);
    }
}
