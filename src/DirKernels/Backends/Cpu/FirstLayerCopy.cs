namespace DirKernels.Backends.Cpu;

/// <summary>
/// A copy of the parameters and moments of a first layer of few inputs, for each of two threads those of its half of the outputs beside each other. In the caller's buffers the halves of a row are
/// neighbours, of a few lines each, and what a processor fetches ahead of one half it takes away from the owner of the other.
/// </summary>
/// <remarks>
/// The caller's buffers receive the same past the caches with each step, and nobody reads them meanwhile; the copy is taken anew where somebody has asked for them since the last step
/// (<see cref="CpuBuffer{T}.NoteCopy"/>). Who calls holds <see cref="WorkerTeam.CallerGate"/> until the step has ended.
/// </remarks>
internal sealed unsafe class FirstLayerCopy : IDisposable
{
    /// <summary>Parameters, and two moments of each.</summary>
    private const int Arrays = 3;

    private CpuBuffer<float>? _memory;
    private long _room;

    // Whose copy it is.
    private ParameterStep _update;
    private (int Inputs, int Outputs) _layer;

    /// <summary>Whether both halves of each row are whole cache lines.</summary>
    public static bool Takes(int outputs) => outputs % (2 * CacheLine.Floats) == 0;

    /// <summary>Begins a step.</summary>
    /// <param name="update">The caller's step.</param>
    /// <param name="inputs">Inputs of the layer.</param>
    /// <param name="outputs">Outputs that it <see cref="Takes"/>.</param>
    /// <param name="isCopied">Whether nobody has asked for the caller's buffers since their last step.</param>
    /// <param name="halves">[2] receives the step of each half: rows of the weights, then the biases.</param>
    /// <returns>Whether the copy is that of the caller's parameters; else it has to be taken anew.</returns>
    public bool Begin(in ParameterStep update, int inputs, int outputs, bool isCopied, Span<ParameterStep> halves)
    {
        // As many rows apart as are fetched ahead, for the same reason.
        long room = (inputs + 1L + NetworkHalves.MostTurnedRows) * outputs / NetworkHalves.Count;
        if (_memory is null || room > _room)
        {
            _memory?.Dispose();
            _memory = new CpuBuffer<float>(NetworkHalves.Count * Arrays * room);
            _room = room;
            isCopied = false;
        }

        for (int half = 0; half < NetworkHalves.Count; half++)
        {
            float* first = _memory.Pointer + half * Arrays * _room;
            halves[half] = update.At(first, first + _room, first + 2 * _room);
        }

        bool isOfThis = isCopied && update.IsOfSame(_update) && _layer == (inputs, outputs);
        (_update, _layer) = (update, (inputs, outputs));
        return isOfThis;
    }

    public void Dispose() => _memory?.Dispose();
}
