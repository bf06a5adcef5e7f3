using System.Threading.Tasks.Sources;

namespace DirKernels.Serving;

/// <summary>One row on its way through a service, and the task of whoever waits for it. Used again after its answer has been taken.</summary>
internal sealed class PredictionRequest(int inputs, Action<PredictionRequest> giveBack) : IValueTaskSource<Prediction>
{
    private readonly float[] _row = new float[inputs];

    // Continuations run elsewhere: the thread that predicts must not wait for what callers do with an answer.
    private ManualResetValueTaskSourceCore<Prediction> _answer = new() { RunContinuationsAsynchronously = true };
    private CancellationToken _cancellation;

    /// <summary>The row.</summary>
    public ReadOnlySpan<float> Row => _row;

    /// <summary>Whether the caller has given up.</summary>
    public bool IsCancelled => _cancellation.IsCancellationRequested;

    /// <summary>The task of the caller.</summary>
    public ValueTask<Prediction> Task => new(this, _answer.Version);

    /// <summary>Takes over a row.</summary>
    public void Start(ReadOnlySpan<float> row, CancellationToken cancellation)
    {
        row.CopyTo(_row);
        _cancellation = cancellation;
    }

    /// <summary>Answers.</summary>
    public void Answer(Prediction prediction) => _answer.SetResult(prediction);

    /// <summary>Tells what was wrong.</summary>
    public void Fail(Exception problem) => _answer.SetException(problem);

    /// <summary>Tells that the caller's own token was the reason.</summary>
    public void Cancel() => _answer.SetException(new OperationCanceledException(_cancellation));

    public Prediction GetResult(short token)
    {
        try
        {
            return _answer.GetResult(token);
        }
        finally
        {
            _answer.Reset();
            _cancellation = default;
            giveBack(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _answer.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}
