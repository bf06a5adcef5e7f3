using System.Runtime.CompilerServices;

namespace DirKernels.Backends.Cpu;

/// <summary>What becomes of the finished sums of a tile; the kernel is compiled for each.</summary>
internal unsafe interface ITileStore
{
    /// <summary>Whether what is there counts: then no row may be stored twice.</summary>
    static abstract bool Adds { get; }

    /// <summary>Stores one register.</summary>
    static abstract void Store<TSimd, TVector>(TVector sums, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged;
}

/// <summary>Sums replace what is there.</summary>
internal readonly unsafe struct ReplacingStore : ITileStore
{
    public static bool Adds => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TSimd, TVector>(TVector sums, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.Store(sums, to);
}

/// <summary>Sums replace what is there, negative ones by 0.</summary>
internal readonly unsafe struct ReluStore : ITileStore
{
    public static bool Adds => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TSimd, TVector>(TVector sums, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.Store(TSimd.Relu(sums), to);
}

/// <summary>Sums are added to what is there.</summary>
internal readonly unsafe struct AddingStore : ITileStore
{
    public static bool Adds => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TSimd, TVector>(TVector sums, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.Store(TSimd.Add(TSimd.Load(to), sums), to);
}

/// <summary>
/// Sums replace what is there, past the caches, at an address aligned to the register: for another core, which then need not be asked for lines that it has read before.
/// </summary>
internal readonly unsafe struct StoreAround : ITileStore
{
    public static bool Adds => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TSimd, TVector>(TVector sums, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged => TSimd.StoreAround(sums, to);
}
