namespace DirKernels.Backends.Cpu;

/// <summary>A step of a wide network on two threads, each of which goes through the layers of its half by itself and waits for the other where it needs what that has made, see <see cref="PairProgress"/>.</summary>
/// <remarks>
/// Products for the other thread come first in a layer and its slopes before the gradients of parameters, so that there is work between what is handed over and what waits for it: a thread that
/// is slower for a moment holds nobody up.
/// </remarks>
internal unsafe struct NetworkPairJob : IBlockJob
{
    /// <summary>The step; each thread goes through the layers in a description of its own.</summary>
    public NetworkHalves* Halves;

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

    /// <summary>Whether both threads had a part in the job; without the worker nothing has been done that counts.</summary>
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
        NetworkHalves halves = *Halves;
        int others = 0;
        if (IsForward)
        {
            for (int l = FirstLayer; l <= LastLayer; l++)
            {
                halves.Layer = l;
                if (l > FirstLayer && !progress.WaitForOther(half, others))
                {
                    return false;
                }

                halves.FillInputs(half);
                halves.MultiplyForOther(half);
                progress.HandOver(half, ++others);
                halves.MultiplyForOwn(half);
            }
        }
        else
        {
            halves.Layer = LastLayer;
            halves.FillSlopes(half);
            progress.HandOver(half, ++others);
        }

        if (others > 0 && !progress.WaitForOther(half, others))
        {
            return false;
        }

        if (IsBackward)
        {
            GoBack(ref halves, half, progress, others);
        }
        else
        {
            halves.Layer = LastLayer + 1;
            halves.FillInputs(half);
            progress.HandOver(half, ++others);
            return half > 0 || progress.WaitForOther(half, others);
        }

        return true;
    }

    private readonly void GoBack(ref NetworkHalves halves, int half, PairProgress progress, int others)
    {
        for (int l = LastLayer; l >= FirstLayer; l--)
        {
            halves.Layer = l;
            halves.PrepareSlopes(half);
            halves.MultiplySlopes(half);

            // Slopes of two layers in turn: the other thread has done with those of the layer behind.
            progress.WaitForOther(half, others);
            halves.FinishSlopes(half);
            progress.HandOver(half, others + 1);
            halves.SumGradients(half);
            progress.HandOver(half, others += 2);
            if (l > FirstLayer)
            {
                progress.WaitForOther(half, others - 1);
            }
        }

        if (LastLayer < FirstLayer)
        {
            halves.SumFirstGradients(half);
        }
    }
}
