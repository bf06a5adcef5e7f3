using System.Numerics;

namespace DirKernels.Backends.Cpu;

/// <summary>One step of a small network on two threads that have parameters of their own, see <see cref="NetworkTwin"/>.</summary>
internal unsafe struct NetworkTwinJob : IBlockJob
{
    // Turns of some 40 ns, 80 us; on one processor a thread that waits takes the time of the one it waits for.
    private static readonly int _spinsBeforeYielding = Environment.ProcessorCount > 1 ? 2000 : 0;

    /// <summary>Elements that are added up and used by the optimiser while they are near, and asked for meanwhile.</summary>
    private const int RunLength = 512;

    /// <summary>The batch in two halves.</summary>
    public NetworkBlocks* Blocks;

    public NetworkTwinState* State;

    /// <summary>Number of this step.</summary>
    public long Step;

    /// <summary>Number of the step after which the copy would be that of the caller's parameters; negative where it has to be taken anew.</summary>
    public long CopiedAfter;

    /// <summary>The thread that called.</summary>
    public int Caller;

    /// <summary>Of the caller's parameters.</summary>
    public ParameterStep Update;

    /// <summary>Of the worker's.</summary>
    public ParameterStep UpdateOfCopy;

    /// <summary>[n] gradient of the second half of the batch, where the worker makes it.</summary>
    public float* GradientOfWorker;

    /// <summary>[n] the same, handed over.</summary>
    public float* ToCaller;

    /// <summary>[n] gradient of the first half of the batch, handed over.</summary>
    public float* ToWorker;

    private readonly int Length => (int)Blocks->ParameterLength;

    /// <summary>Half of the batch: the first one on the calling thread, the second one on the worker unless that is late.</summary>
    public readonly void Run(int half)
    {
        if (half == 0)
        {
            Blocks->Run(0, Blocks->Layers, Blocks->Gradients, ToWorker);

            // An interlocked operation, behind which stores past the caches are seen as any others.
            Interlocked.Exchange(ref State->Sent, Step);
        }
        else if (Environment.CurrentManagedThreadId == Caller)
        {
            Blocks->Run(1);
        }
        else
        {
            RunOnWorker();
        }
    }

    /// <summary>The caller's step, once both halves have finished.</summary>
    /// <param name="isShared">Whether the worker has handed its half over.</param>
    public readonly void Finish(bool isShared)
    {
        // Asked for before they are added up behind the step.
        for (int block = Blocks->CountOfHalf; block < Blocks->Count; block++)
        {
            CacheLine.Fetch(Blocks->Losses + block * NetworkBlocks.LossStride);
        }

        AddUp(Blocks->Gradients, isShared ? ToCaller : Blocks->Gradients + Length, Length, Update);
    }

    /// <summary>The worker's step, from memory of the twin alone.</summary>
    /// <param name="twin"><see cref="NetworkTwinState"/>.</param>
    public static void Follow(void* twin)
    {
        var state = (NetworkTwinState*)twin;
        var spinner = default(SpinWait);
        for (int spin = 0; Volatile.Read(ref state->Sent) < state->Step; spin++)
        {
            if (spin < _spinsBeforeYielding)
            {
                Thread.SpinWait(1);
            }
            else
            {
                spinner.SpinOnce(sleep1Threshold: -1);
            }
        }

        AddUp(state->Own, state->OfCaller, state->Length, state->Update);
        Volatile.Write(ref state->Applied, state->Step);
    }

    private readonly void RunOnWorker()
    {
        if (State->Applied != CopiedAfter)
        {
            Update.CopyTo(0, UpdateOfCopy, 0, Length);
        }

        NetworkLayer* layers = stackalloc NetworkLayer[Blocks->LayerCount];
        for (int l = 0; l < Blocks->LayerCount; l++)
        {
            layers[l] = Blocks->Layers[l].At(Update.Parameters, UpdateOfCopy.Parameters);
        }

        Blocks->Run(1, layers, GradientOfWorker, ToCaller);
        State->Step = Step;
        State->Length = Length;
        State->Own = GradientOfWorker;
        State->OfCaller = ToWorker;
        State->Update = UpdateOfCopy;
    }

    // The same sum for both: an addition does not mind the order of its two terms.
    private static void AddUp(float* own, float* other, int length, in ParameterStep update)
    {
        Fetch(other, Math.Min(length, RunLength));
        for (int at = 0; at < length; at += RunLength)
        {
            int count = Math.Min(RunLength, length - at), i = at, end = at + count;
            Fetch(other + end, Math.Min(RunLength, length - end));
            for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
            {
                (Vector.Load(own + i) + Vector.Load(other + i)).Store(own + i);
            }

            for (; i < end; i++)
            {
                own[i] += other[i];
            }

            update.Apply(own + at, at, count);
        }
    }

    private static void Fetch(float* from, int count)
    {
        for (int i = 0; i < count; i += CacheLine.Floats)
        {
            CacheLine.FetchFar(from + i);
        }
    }
}
