namespace DirKernels;

/// <summary>
/// The most used operators on sequences as plain iterators. They mean what those of System.Linq mean and are found before them; compiled ahead of time for all the
/// types that they are used with, they take a fraction of the space, because each is one iterator and not one for each kind of source and of operator behind it.
/// </summary>
internal static class Sequences
{
    public static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, TResult> selector)
    {
        foreach (T element in source)
        {
            yield return selector(element);
        }
    }

    public static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, int, TResult> selector)
    {
        int index = 0;
        foreach (T element in source)
        {
            yield return selector(element, index++);
        }
    }

    public static IEnumerable<TResult> SelectMany<T, TResult>(this IEnumerable<T> source, Func<T, IEnumerable<TResult>> selector)
    {
        foreach (T element in source)
        {
            foreach (TResult result in selector(element))
            {
                yield return result;
            }
        }
    }

    public static IEnumerable<T> Where<T>(this IEnumerable<T> source, Func<T, bool> predicate)
    {
        foreach (T element in source)
        {
            if (predicate(element))
            {
                yield return element;
            }
        }
    }

    public static IEnumerable<T> Concat<T>(this IEnumerable<T> first, IEnumerable<T> second)
    {
        foreach (T element in first)
        {
            yield return element;
        }

        foreach (T element in second)
        {
            yield return element;
        }
    }

    public static IEnumerable<T> Append<T>(this IEnumerable<T> source, T last)
    {
        foreach (T element in source)
        {
            yield return element;
        }

        yield return last;
    }

    public static IEnumerable<T> Take<T>(this IEnumerable<T> source, int count)
    {
        if (count <= 0)
        {
            yield break;
        }

        foreach (T element in source)
        {
            yield return element;
            if (--count == 0)
            {
                yield break;
            }
        }
    }

    public static IEnumerable<T> Skip<T>(this IEnumerable<T> source, int count)
    {
        foreach (T element in source)
        {
            if (count-- <= 0)
            {
                yield return element;
            }
        }
    }
}
