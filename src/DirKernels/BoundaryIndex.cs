namespace DirKernels;

/// <summary>Maps a position outside a sequence to the position inside it that stands for it.</summary>
public static class BoundaryIndex
{
    /// <summary>Index in 0..count-1 that <paramref name="position"/> reads from, or -1 when it reads a zero.</summary>
    /// <param name="boundary">The continuation rule.</param>
    /// <param name="position">Any position; folded as often as needed.</param>
    /// <param name="count">Length of the sequence, at least 1.</param>
    public static int Resolve(Boundary boundary, int position, int count)
    {
        if ((uint)position < (uint)count)
        {
            return position;
        }

        switch (boundary)
        {
            case Boundary.Zero:
                return -1;
            case Boundary.Symmetric:
                int doubled = 2 * count;
                int folded = ((position % doubled) + doubled) % doubled;
                return folded < count ? folded : doubled - 1 - folded;
            default:
                if (count == 1)
                {
                    return 0;
                }

                int period = 2 * (count - 1);
                int reflected = ((position % period) + period) % period;
                return reflected < count ? reflected : period - reflected;
        }
    }
}
