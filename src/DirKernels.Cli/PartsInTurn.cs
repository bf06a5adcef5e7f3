using System.Runtime.ExceptionServices;
using DirKernels.Data;

namespace DirKernels.Cli;

/// <summary>Gives the parts of a table to several threads, one after the other, and lets the threads write what they made of them in the same order.</summary>
/// <param name="table">The rows.</param>
/// <param name="most">At most so many rows in a part.</param>
internal sealed class PartsInTurn(TableStream table, int most)
{
    private readonly Lock _source = new();
    private readonly object _turns = new();
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _taken;
    private long _written;
    private bool _ended;
    private bool _stopped;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Ends when nothing more is to be written although there may be more parts.</summary>
    public Task Stopped => _end.Task;

    /// <summary>Takes the next part; waits for other threads that read, and for the source.</summary>
    /// <param name="turn">Its number.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The part; null when there are no more.</returns>
    /// <exception cref="InvalidDataException">There is no row at all, or one is too long; thrown when the parts before have been written.</exception>
    public TablePart? Take(out long turn, CancellationToken cancellation)
    {
        ExceptionDispatchInfo failure;
        lock (_source)
        {
            turn = _taken++;
            if (_ended)
            {
                return null;
            }

            try
            {
                TablePart? part = table.ReadPart(most, cancellation);
                _ended = part is null;
                return part;
            }
            catch (Exception problem)
            {
                _ended = true;
                failure = ExceptionDispatchInfo.Capture(problem);
            }
        }

        Await(turn);
        failure.Throw();
        return null;
    }

    /// <summary>Waits until all parts before have been written.</summary>
    /// <param name="turn">The number of a part.</param>
    /// <returns>Whether it is this part's turn; false when nothing more shall be written.</returns>
    public bool Await(long turn)
    {
        lock (_turns)
        {
            while (_written != turn && !_stopped)
            {
                Monitor.Wait(_turns);
            }

            return !_stopped;
        }
    }

    /// <summary>Gives the turn to the next part.</summary>
    public void Pass()
    {
        lock (_turns)
        {
            _written++;
            Monitor.PulseAll(_turns);
        }
    }

    /// <summary>Lets nothing more be written.</summary>
    /// <param name="failure">Why; the first one counts.</param>
    public void Stop(Exception? failure = null)
    {
        lock (_turns)
        {
            _failure ??= failure is null ? null : ExceptionDispatchInfo.Capture(failure);
            _stopped = true;
            Monitor.PulseAll(_turns);
        }

        _end.TrySetResult();
    }

    /// <summary>Throws what went wrong, if anything.</summary>
    public void ThrowIfFailed() => _failure?.Throw();
}
