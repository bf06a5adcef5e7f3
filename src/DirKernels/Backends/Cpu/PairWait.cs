namespace DirKernels.Backends.Cpu;

/// <summary>How a thread waits for the other one of a pair. On one processor it would take the time of the one it waits for, and gives way at once.</summary>
internal static class PairWait
{
    // Of some 40 ns: 80 us.
    private static readonly int _turnsBeforeYielding = Environment.ProcessorCount > 1 ? 2000 : 0;

    /// <summary>Turns after which the other thread is late: 2 us, longer than a word takes from core to core and back.</summary>
    public static int TurnsBeforeLate { get; } = Environment.ProcessorCount > 1 ? 50 : 0;

    /// <summary>Waits for one more turn.</summary>
    /// <param name="turns">Turns so far, 0 at first; counted on while they are short.</param>
    public static void Turn(ref int turns)
    {
        if (turns < _turnsBeforeYielding)
        {
            turns++;
            Thread.SpinWait(1);
        }
        else
        {
            Thread.Yield();
        }
    }
}
