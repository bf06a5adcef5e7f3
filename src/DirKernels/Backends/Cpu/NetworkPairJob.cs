namespace DirKernels.Backends.Cpu;

/// <summary>Some steps of a wide network on two threads, each of which goes through the layers of its half by itself and waits for the other where it needs what that has made, see <see cref="PairProgress"/>.</summary>
/// <remarks>
/// Products for the other thread come first in a layer and its slopes before the gradients of parameters, so that there is work between what is handed over and what waits for it: a thread that
/// is slower for a moment holds nobody up.
/// </remarks>
internal unsafe struct NetworkPairJob : IBlockJob
{
    /// <summary>The first step; each thread goes through the layers in a description of its own.</summary>
    public NetworkHalves* Halves;

    /// <summary>The batches, where there are several.</summary>
    public NetworkRun Batches;

    /// <summary>How many.</summary>
    public int Count;

    /// <summary>Receives the losses of one batch after the other; null where the head does its work elsewhere.</summary>
    public double* LossSum;

    /// <summary>The first layer that is shared by its inputs.</summary>
    public int FirstLayer;

    /// <summary>The last one.</summary>
    public int LastLayer;

    /// <summary>Whether the job begins with the batch; else with the gradient of the features behind a head that has done its work elsewhere.</summary>
    public bool IsForward;

    /// <summary>Whether it ends with the parameters; else with the features before such a head.</summary>
    public bool IsBackward;

    /// <summary>Where the threads are.</summary>
    public PairProgress Progress;

    /// <summary>The thread that called.</summary>
    public int Caller;

    /// <summary>Whether both threads had a part in the job, which they have from the first step on; without the worker nothing has been done that counts.</summary>
    public bool IsShared;

    public void Run(int half)
    {
        bool isCaller = Environment.CurrentManagedThreadId == Caller;
        if (half == 0)
        {
            IsShared = Go(0, Progress);
        }
        else if (!isCaller && Progress.TryJoin())
        {
            Go(1, Progress);
        }
    }

    // False where the worker is so late that the caller goes on alone.
    private readonly bool Go(int half, PairProgress progress)
    {
        NetworkHalves first = *Halves;
        ParameterStep* ofFirstLayer = stackalloc ParameterStep[NetworkHalves.Count];
        for (int i = 0, events = 0; i < Count; i++)
        {
            NetworkHalves halves = Count == 1 ? first : first.OfBatch(Batches, i, isLast: i == Count - 1);
            if (Count > 1 && first.FirstUpdates != null)
            {
                ofFirstLayer[half] = first.FirstUpdates[half].Of(Batches.StepOf(i));
                halves.FirstUpdates = ofFirstLayer;
            }

            if (!Go(ref halves, half, progress, ref events))
            {
                return false;
            }

            if (half == 0 && LossSum != null)
            {
                *LossSum += *halves.LossOf(half);
            }
        }

        return true;
    }

    private readonly bool Go(ref NetworkHalves halves, int half, PairProgress progress, ref int events)
    {
        if (IsForward)
        {
            for (int l = FirstLayer; l <= LastLayer; l++)
            {
                halves.Layer = l;
                if (l > FirstLayer && !progress.WaitForOther(half, events))
                {
                    return false;
                }

                halves.FillInputs(half);
                if (l == FirstLayer && events > 0)
                {
                    // In its last step the other thread has done with what it is going to be given.
                    progress.WaitForOther(half, events);
                }

                halves.MultiplyForOther(half);
                progress.HandOver(half, ++events);
                halves.MultiplyForOwn(half);
            }
        }
        else
        {
            halves.Layer = LastLayer;
            halves.FillSlopes(half);
            progress.HandOver(half, ++events);
        }

        if (events > 0 && !progress.WaitForOther(half, events))
        {
            return false;
        }

        if (IsBackward)
        {
            GoBack(ref halves, half, progress, ref events);
            return true;
        }

        halves.Layer = LastLayer + 1;
        halves.FillInputs(half);
        progress.HandOver(half, ++events);
        return half > 0 || progress.WaitForOther(half, events);
    }

    private readonly void GoBack(ref NetworkHalves halves, int half, PairProgress progress, ref int events)
    {
        for (int l = LastLayer; l >= FirstLayer; l--)
        {
            halves.Layer = l;
            halves.BeginSlopes(half);
            halves.DifferentiateInputs(half);
            progress.HandOver(half, ++events);
            halves.PackSlopes(half);
            halves.SumGradients(half);
            if (l > FirstLayer)
            {
                progress.WaitForOther(half, events);
            }
        }

        if (LastLayer < FirstLayer)
        {
            halves.SumFirstGradients(half);
        }
    }
}
