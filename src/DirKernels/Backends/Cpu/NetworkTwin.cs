namespace DirKernels.Backends.Cpu;

/// <summary>
/// A second copy of the parameters of a small network and of their moments, which the second of two threads keeps up to date by itself: both threads add up the same two halves of a gradient and
/// make the same step of the optimiser. They meet once a step, to hand these halves to each other, and not a second time to share the parameters.
/// </summary>
/// <remarks>
/// <para>
/// Halves are handed over past the caches where cores may have none in common: a line that the other thread has read before would have to be asked for, which takes a core half a microsecond
/// then, of some fifty lines at a time.
/// </para>
/// <para>
/// The copy is taken anew where somebody has asked for the caller's buffers since the last step (<see cref="CpuBuffer{T}.NoteCopy"/>), or where the worker was late and the caller made a step
/// alone. The caller returns while the worker still makes its last step, which therefore works in memory of the twin alone.
/// </para>
/// <para>Who calls holds <see cref="WorkerTeam.CallerGate"/>.</para>
/// </remarks>
internal sealed unsafe class NetworkTwin : IDisposable
{
    // The copy and its two moments, the worker's half, what each hands over in two steps in turn, and what else the worker needs.
    private const int Pieces = 9;

    private CpuBuffer<float>? _memory;
    private long _room;

    // Whose copy it is.
    private ParameterStep _update;
    private long _length;

    // Numbers of the last step, and of the last one that the worker had a part in.
    private long _step;
    private long _sharedStep;

    private NetworkTwinState* State => (NetworkTwinState*)_memory!.Pointer;

    /// <summary>Begins some steps.</summary>
    /// <param name="update">The caller's first step.</param>
    /// <param name="isCopied">Whether nobody has asked for the caller's buffers since their last step.</param>
    /// <param name="job">The steps; receives what belongs to the twin.</param>
    /// <returns>False where the worker is so late that it still makes its last step in memory that is too small for this network.</returns>
    public bool TryBegin(in ParameterStep update, bool isCopied, ref NetworkTwinJob job)
    {
        long length = job.Blocks->ParameterLength, room = ScratchPieces.WholeLines(job.NeededRoom);
        if (_memory is null || room > _room)
        {
            if (_memory is not null && Volatile.Read(ref State->Applied) < _sharedStep)
            {
                return false;
            }

            Allocate(room);
        }

        bool isOfThis = isCopied && update.IsOfSame(_update) && length == _length;
        _update = update;
        _length = length;
        float* piece = _memory!.Pointer + NetworkTwinState.Size / sizeof(float);
        job.State = State;
        job.CopiedAfter = isOfThis ? _step : -1;
        job.First = _step + 1;
        job.Caller = Environment.CurrentManagedThreadId;
        job.Update = update;
        job.UpdateOfCopy = update.At(piece, piece + _room, piece + 2 * _room);
        job.OfWorker = piece + 3 * _room;
        job.WorkOfWorker = piece + 4 * _room;
        job.ToCaller = piece + 5 * _room;
        job.ToWorker = piece + 7 * _room;
        job.Room = _room;
        _step += job.Count;
        return true;
    }

    /// <summary>Ends them.</summary>
    /// <param name="job">The steps.</param>
    public void End(in NetworkTwinJob job) => _sharedStep = Math.Max(_sharedStep, job.LastShared);

    public void Dispose() => _memory?.Dispose();

    private void Allocate(long room)
    {
        _memory?.Dispose();
        _room = room;
        _memory = new CpuBuffer<float>(Pieces * room + NetworkTwinState.Size / sizeof(float));
        State->Sent = State->Returned = State->Begun = State->Applied = _step;
        State->Taken = NetworkTwinJob.TakenByCaller(_step);
        _update = default;
    }
}
