using System.Numerics;

namespace DirKernels.Backends.Cpu;

/// <summary>Some steps of a small network on two threads that have parameters of their own, see <see cref="NetworkTwin"/>.</summary>
/// <remarks>
/// Each thread goes through all steps by itself: its half of the batch, whose gradient it hands over; then, once that of the other is there, the sum of both and the step of the optimiser. Nobody
/// announces a step. The worker takes its half of each with a word that nobody else looks at, unless the worker is late: then the caller takes that half too, and
/// the worker needs a copy of the caller's parameters before it goes on.
/// </remarks>
internal unsafe struct NetworkTwinJob : IBlockJob
{
    /// <summary>Elements that are added up and used by the optimiser while they are near, and asked for meanwhile.</summary>
    private const int RunLength = 512;

    /// <summary>The first batch in two halves.</summary>
    public NetworkBlocks* Blocks;

    /// <summary>The batches.</summary>
    public NetworkRun Batches;

    /// <summary>How many of them; each has two halves.</summary>
    public int Count;

    /// <summary>Receives the losses of one batch after the other.</summary>
    public double* LossSum;

    public NetworkTwinState* State;

    /// <summary>Number of the first step.</summary>
    public long First;

    /// <summary>Number of the step after which the copy would be that of the caller's parameters; negative where it has to be taken anew.</summary>
    public long CopiedAfter;

    /// <summary>The thread that called.</summary>
    public int Caller;

    /// <summary>Of the caller's parameters.</summary>
    public ParameterStep Update;

    /// <summary>Of the worker's.</summary>
    public ParameterStep UpdateOfCopy;

    /// <summary>[room] gradient of the second half of a batch, where the worker reads it; behind it losses to be handed over.</summary>
    public float* OfWorker;

    /// <summary>[room] what else the worker needs: losses of blocks, columns of a calibrated head.</summary>
    public float* WorkOfWorker;

    /// <summary>[2][room] gradient of the second half of a batch, handed over in two steps in turn; behind it the losses.</summary>
    public float* ToCaller;

    /// <summary>[2][room] gradient of the first half of a batch, handed over.</summary>
    public float* ToWorker;

    /// <summary>Elements from piece to piece of the twin's memory.</summary>
    public long Room;

    /// <summary>Number of the last step that the worker had a part in, once the job has ended.</summary>
    public long LastShared;

    /// <summary>First element of the losses behind a gradient.</summary>
    public readonly long LossesAt => ScratchPieces.WholeLines(Blocks->ParameterLength);

    /// <summary>Elements of a piece of the twin's memory.</summary>
    public readonly long NeededRoom => Math.Max(LossesAt + ScratchPieces.WholeLines(LossLength), WorkLosses + (Blocks->CalibratedHead.Rows == 0 ? 0 : Blocks->CalibratedHead.WeightLength));

    // Of half a batch, as they are handed over.
    private readonly int LossLength => Blocks->CountOfHalf * sizeof(double) / sizeof(float);

    // Of all blocks, as they are written.
    private readonly long WorkLosses => ScratchPieces.WholeLines((long)Blocks->Count * NetworkBlocks.LossStride * sizeof(double) / sizeof(float));

    private readonly int Length => (int)Blocks->ParameterLength;

    /// <summary><see cref="NetworkTwinState.Taken"/> by the caller.</summary>
    public static long TakenByCaller(long step) => 2 * step + 1;

    /// <summary>The first half of each batch on the calling thread, the second one on the worker.</summary>
    public void Run(int half)
    {
        if (half == 0)
        {
            RunOnCaller();
        }
        else if (Environment.CurrentManagedThreadId != Caller)
        {
            // The description is the caller's, who writes there.
            NetworkTwinJob own = this;
            own.RunOnWorker();
        }
    }

    /// <summary>The worker's last step, from memory of the twin alone.</summary>
    /// <param name="twin"><see cref="NetworkTwinState"/>.</param>
    public static void Follow(void* twin)
    {
        var state = (NetworkTwinState*)twin;
        if (state->Left > 0)
        {
            WaitFor(ref state->Sent, state->Left);
            AddUp(state->Own, state->OfCaller, state->Length, state->Update);
            Volatile.Write(ref state->Applied, state->Left);
        }
    }

    private void RunOnCaller()
    {
        for (int i = 0; i < Count; i++)
        {
            long step = First + i;
            Volatile.Write(ref State->Begun, step);
            NetworkBlocks batch = Blocks->OfBatch(Batches, i);
            batch.PrepareHead();
            RunHalf(batch, 0, batch.Layers, batch.Gradients, HandedOver(ToWorker, step));

            // An interlocked operation, behind which stores past the caches are seen as any others.
            Interlocked.Exchange(ref State->Sent, step);
            float* other = HandedOver(ToCaller, step);
            if (IsReturned(step))
            {
                LastShared = step;
                batch.TakeLosses((double*)(other + LossesAt));
            }
            else
            {
                batch.Run(1);
                other = batch.Gradients + Length;
            }

            AddUp(batch.Gradients, other, Length, Update.Of(Batches.StepOf(i)));
            *LossSum += batch.SumLosses();
        }
    }

    // The gradient of a half, where its own thread and where the other one reads it.
    private static void RunHalf(in NetworkBlocks batch, int half, NetworkLayer* layers, float* own, float* other)
    {
        if (ProcessorModel.SharesLastLevelCache)
        {
            // The other thread has read these lines before, and stores wait until it has given them up: those of a product meanwhile let others be multiplied, those of a copy do not. What it reads
            // now leaves this thread's cache, so that the copy is for this one.
            batch.Run(half, layers, other, own);
        }
        else
        {
            batch.Run(half, layers, own, other);
        }
    }

    private readonly float* HandedOver(float* pieces, long step) => pieces + (step & 1) * Room;

    // Waits for the second half; false where the worker has not taken it, and will not.
    private readonly bool IsReturned(long step)
    {
        for (int turns = 0; turns < PairWait.TurnsBeforeLate; turns++)
        {
            if (Volatile.Read(ref State->Returned) >= step)
            {
                return true;
            }

            Thread.SpinWait(1);
        }

        long taken = Volatile.Read(ref State->Taken);
        if (taken < 2 * step && Interlocked.CompareExchange(ref State->Taken, TakenByCaller(step), taken) == taken)
        {
            return false;
        }

        WaitFor(ref State->Returned, step);
        return true;
    }

    private readonly void RunOnWorker()
    {
        NetworkLayer* layers = stackalloc NetworkLayer[Blocks->LayerCount];
        NetworkBlocks blocks = OfWorkerAlone(layers);
        long copiedAfter = State->Applied == CopiedAfter ? CopiedAfter : -1, next = First;
        State->Left = 0;
        for (int turns = 0; ;)
        {
            long taken = Volatile.Read(ref State->Taken);
            next = Math.Max(next, taken / 2 + 1);
            if (next >= First + Count)
            {
                return;
            }

            // Parameters can be copied once the caller has made the step before, and until the second half of this one is there.
            bool mustCopy = copiedAfter != next - 1;
            if (mustCopy && Volatile.Read(ref State->Begun) < next)
            {
                PairWait.Turn(ref turns);
                continue;
            }

            turns = 0;
            if (Interlocked.CompareExchange(ref State->Taken, 2 * next, taken) != taken)
            {
                continue;
            }

            if (mustCopy)
            {
                Update.CopyTo(0, UpdateOfCopy, 0, Length);
            }

            if (!TryFinishOnWorker(blocks, next))
            {
                return;
            }

            copiedAfter = next++;
        }
    }

    // The second half and the step; false where the step is left for later.
    private readonly bool TryFinishOnWorker(in NetworkBlocks blocks, long step)
    {
        int i = (int)(step - First);
        NetworkBlocks batch = blocks.OfBatch(Batches, i);
        batch.PrepareHead();
        float* toCaller = HandedOver(ToCaller, step);
        RunHalf(batch, 1, batch.Layers, OfWorker, toCaller);
        double* losses = (double*)(OfWorker + LossesAt);
        batch.CopyLosses(losses);
        CacheLine.CopyForOther((float*)losses, toCaller + LossesAt, LossLength);
        Interlocked.Exchange(ref State->Returned, step);
        ParameterStep update = UpdateOfCopy.Of(Batches.StepOf(i));
        if (i == Count - 1)
        {
            State->Left = step;
            State->Length = Length;
            State->Own = OfWorker;
            State->OfCaller = HandedOver(ToWorker, step);
            State->Update = update;
            return false;
        }

        WaitFor(ref State->Sent, step);
        AddUp(OfWorker, HandedOver(ToWorker, step), Length, update);
        Volatile.Write(ref State->Applied, step);
        return true;
    }

    // The description with what is the worker's own: while it is at work the caller may be a step behind or ahead.
    private readonly NetworkBlocks OfWorkerAlone(NetworkLayer* layers)
    {
        NetworkBlocks blocks = *Blocks;
        for (int l = 0; l < blocks.LayerCount; l++)
        {
            layers[l] = blocks.Layers[l].At(Update.Parameters, UpdateOfCopy.Parameters);
        }

        blocks.Layers = layers;
        blocks.Losses = (double*)WorkOfWorker;
        blocks.CalibratedHead.Weights = WorkOfWorker + WorkLosses;
        blocks.CalibratedHead.Bias = layers[blocks.LayerCount - 1].Bias;

        return blocks;
    }

    private static void WaitFor(ref long word, long step)
    {
        for (int turns = 0; Volatile.Read(ref word) < step;)
        {
            PairWait.Turn(ref turns);
        }
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
