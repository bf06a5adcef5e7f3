using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>The operands of one call: inputs that must stay as they are, and destinations; all between sentinels.</summary>
public sealed class GuardedOperands(IBackend backend) : IDisposable
{
    private readonly List<IDisposable> _buffers = [];
    private readonly List<Action> _untouched = [];

    /// <summary>An operand that the call only reads.</summary>
    public DeviceView<T> Input<T>(T[] contents)
        where T : unmanaged
    {
        var buffer = new GuardedBuffer<T>(backend, contents);
        _buffers.Add(buffer);
        _untouched.Add(buffer.AssertUnchanged);
        return buffer;
    }

    /// <summary>An operand that the call reads and writes.</summary>
    public GuardedBuffer<T> Updated<T>(T[] contents)
        where T : unmanaged => Keep(new GuardedBuffer<T>(backend, contents));

    /// <summary>An operand that the call writes in full.</summary>
    public GuardedBuffer<T> Output<T>(int length)
        where T : unmanaged => Keep(new GuardedBuffer<T>(backend, length));

    /// <summary>Asserts that no input was written.</summary>
    public void CheckInputs() => _untouched.ForEach(check => check());

    public void Dispose() => _buffers.ForEach(buffer => buffer.Dispose());

    private GuardedBuffer<T> Keep<T>(GuardedBuffer<T> buffer)
        where T : unmanaged
    {
        _buffers.Add(buffer);
        return buffer;
    }
}
