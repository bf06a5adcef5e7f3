namespace DirKernels.Backends.Cpu;

/// <summary>One width of registers of double-precision lanes, fed from single-precision memory: for sums that must not lose digits.</summary>
/// <typeparam name="TVector">The register type.</typeparam>
internal unsafe interface IWideSimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Double-precision lanes of a register.</summary>
    static abstract int Width { get; }

    static abstract TVector Zero { get; }

    /// <summary>Loads Width single-precision elements and widens them.</summary>
    static abstract TVector LoadWide(float* source);

    /// <summary>Rounds to single precision and stores Width elements.</summary>
    static abstract void StoreNarrow(TVector vector, float* destination);

    static abstract TVector Load(double* source);

    static abstract void Store(TVector vector, double* destination);

    static abstract TVector Broadcast(double value);

    /// <summary>One lane in all lanes.</summary>
    /// <param name="vector">Register.</param>
    /// <param name="lane">Which.</param>
    /// <param name="memory">Width elements that may be overwritten with the register: where no instruction picks a lane by number, it goes through memory.</param>
    static abstract TVector SpreadLane(TVector vector, nint lane, double* memory);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    static abstract TVector Sqrt(TVector a);

    /// <summary>Bit by bit.</summary>
    static abstract TVector And(TVector a, TVector b);

    /// <summary>The first lanes, zeros in the others.</summary>
    /// <param name="vector">Lanes that are left out may hold anything.</param>
    /// <param name="count">How many, at least 0.</param>
    static abstract TVector First(TVector vector, double count);

    /// <summary>A value where a condition is positive, 0 elsewhere.</summary>
    static abstract TVector WherePositive(TVector condition, TVector value);

    /// <summary>The smaller of each pair of lanes; NaN where either is NaN.</summary>
    static abstract TVector Min(TVector a, TVector b);

    /// <summary>The larger of each pair of lanes; NaN where either is NaN.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>a b + c, fused where the processor fuses.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);
}
