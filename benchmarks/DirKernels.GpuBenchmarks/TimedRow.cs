namespace DirKernels.GpuBenchmarks;

/// <summary>One line of the table.</summary>
/// <param name="Name">What is timed; the PyTorch script uses the same names.</param>
/// <param name="Bytes">Bytes that must move through device memory, each operand once.</param>
/// <param name="Flops">Floating-point operations.</param>
/// <param name="Prepare">Allocates the operands; returns the work and what to dispose of.</param>
internal sealed record TimedRow(string Name, double Bytes, double Flops, Func<(Action Work, IDisposable[] Operands)> Prepare);

/// <summary>What was measured.</summary>
/// <param name="Name">Name of the row.</param>
/// <param name="Milliseconds">Median over repeats.</param>
/// <param name="Fastest">The fastest repeat.</param>
/// <param name="Slowest">The slowest repeat.</param>
/// <param name="Launches">Kernels launched by one run.</param>
/// <param name="Bytes">As in the row.</param>
/// <param name="Flops">As in the row.</param>
internal sealed record TimedResult(string Name, double Milliseconds, double Fastest, double Slowest, long Launches, double Bytes, double Flops)
{
    /// <summary>GB/s, 0 where bytes are not counted.</summary>
    public double Gbps => Bytes / (Milliseconds * 1e6);

    /// <summary>TFLOP/s, 0 where operations are not counted.</summary>
    public double Tflops => Flops / (Milliseconds * 1e9);
}
