namespace DirKernels.Gpu;

/// <summary>How large groups and grids are on a device. Kernels take their sizes from the launch, so that a simulation can run them in small groups.</summary>
/// <param name="GroupSize">Threads of a group of the kernels without tiles: a power of two, at most <see cref="LargestGroup"/>.</param>
/// <param name="Groups">Groups that keep the device busy; kernels over elements loop beyond that.</param>
/// <param name="Multiprocessors">Processors that run one or more groups at a time.</param>
/// <param name="IsSimulated">Whether threads are simulated: tiles are then 4 threads wide.</param>
internal readonly record struct LaunchScale(int GroupSize, int Groups, int Multiprocessors, bool IsSimulated)
{
    /// <summary>Largest group of a kernel without tiles, and so the room that reductions need in shared memory.</summary>
    public const int LargestGroup = 256;

    /// <summary>For a device with this many multiprocessors.</summary>
    public static LaunchScale Device(int multiprocessors) => new(LargestGroup, 16 * multiprocessors, multiprocessors, false);

    /// <summary>For the simulation: groups of 4 x 4 threads, one at a time.</summary>
    public static LaunchScale Simulation { get; } = new(16, 2, 1, true);
}
