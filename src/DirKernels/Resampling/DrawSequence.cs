namespace DirKernels.Resampling;

/// <summary>Random numbers taken one after the other from one stream of <see cref="CounterRandom"/>.</summary>
internal sealed class DrawSequence(ulong stream)
{
    private ulong _drawn;

    /// <summary>Uniform in (0, 1), an odd multiple of 2^-54.</summary>
    public double Uniform() => ((CounterRandom.Bits(stream, _drawn++) >> 11) + 0.5) * (1.0 / (1L << 53));

    /// <summary>Uniform in 0..count - 1.</summary>
    public int Index(int count) => (int)Math.BigMul(CounterRandom.Bits(stream, _drawn++), (ulong)count, out _);

    /// <summary>Normal with mean 0 and standard deviation 1 (Box and Muller, 1958; the cosine of each pair).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>Different items of a list, every subset equally likely, in no particular order.</summary>
    public int[] Choose(IReadOnlyList<int> items, int count)
    {
        int[] rest = [.. items];
        for (int i = 0; i < count; i++)
        {
            int j = i + Index(rest.Length - i);
            (rest[i], rest[j]) = (rest[j], rest[i]);
        }

        return rest[..count];
    }

    /// <summary>
    /// Different indices with positive weight, drawn one after the other in proportion to the weights that are left: those with the largest
    /// <c>log(u)/w</c> (Efraimidis and Spirakis, 2006). Fewer than asked for when fewer have a positive weight.
    /// </summary>
    public int[] ChooseByWeight(ReadOnlySpan<double> weights, int count)
    {
        var keys = new double[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            keys[i] = Math.Log(Uniform()) / weights[i];
        }

        double[] found = weights.ToArray();
        return [.. Enumerable.Range(0, keys.Length).Where(i => found[i] > 0).OrderByDescending(i => keys[i]).ThenBy(i => i).Take(count)];
    }
}
