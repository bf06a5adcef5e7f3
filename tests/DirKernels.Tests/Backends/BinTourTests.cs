using DirKernels.Backends.Cpu;
using Xunit;

namespace DirKernels.Tests.Backends;

/// <summary>The order in which large tables are visited.</summary>
public sealed unsafe class BinTourTests
{
    [Fact]
    public void PiecesOfRowsAndInEachBinAfterBin()
    {
        // Bins 0: rows 1, 4, 7; 1: none; 2: rows 0, 2, 3, 9; 3: rows 5, 6, 8. Pieces of four rows, without bin 3.
        int[] rows = [1, 4, 7, 0, 2, 3, 9, 5, 6, 8], offsets = [0, 3, 3, 7, 10];
        Assert.Equal(
            ["0: 1", "2: 0 2 3", "0: 4 7", "2: 9"],
            Visits(rows, offsets, [0, 1, 2], pieceRows: 4).Select(visit => $"{visit.Bin}: {string.Join(' ', visit.Rows)}"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void EveryRowOnceWhateverTheirOrder(int pieceRows)
    {
        int[] rows = [.. Enumerable.Range(0, 60)], offsets = [0, 17, 17, 40, 60];
        new Random(1).Shuffle(rows);
        var visits = Visits(rows, offsets, [3, 0, 1, 2], pieceRows);
        for (int bin = 0; bin < 4; bin++)
        {
            Assert.Equal(rows[offsets[bin]..offsets[bin + 1]], visits.Where(visit => visit.Bin == bin).SelectMany(visit => visit.Rows));
        }

        Assert.Equal(visits.SelectMany(visit => visit.Rows), ToCome(rows, offsets, [3, 0, 1, 2], pieceRows, 60));
    }

    [Fact]
    public void TheLastRowStandsForThoseThatDoNotExist() => Assert.Equal([0, 1, 1, 1], ToCome([0, 1], [0, 1, 2], [0, 1], 8, 4));

    [Fact]
    public void NoRowsNoVisits() => Assert.Empty(Visits([], [0, 0], [0], 4));

    private static List<(int Bin, int[] Rows)> Visits(int[] rows, int[] offsets, int[] bins, int pieceRows)
    {
        var visits = new List<(int, int[])>();
        int* cursors = stackalloc int[bins.Length];
        fixed (int* rowsAt = rows, offsetsAt = offsets, binsAt = bins)
        {
            var tour = new BinTour(rowsAt, offsetsAt, binsAt, bins.Length, pieceRows, cursors);
            while (tour.MoveNext())
            {
                visits.Add((tour.Bin, new ReadOnlySpan<int>(tour.Rows, tour.Count).ToArray()));
            }
        }

        return visits;
    }

    private static int[] ToCome(int[] rows, int[] offsets, int[] bins, int pieceRows, int count)
    {
        var result = new int[count];
        int* cursors = stackalloc int[bins.Length];
        fixed (int* rowsAt = rows, offsetsAt = offsets, binsAt = bins, resultAt = result)
        {
            var toCome = new RowsToCome(new BinTour(rowsAt, offsetsAt, binsAt, bins.Length, pieceRows, cursors));

            // One, two, three at a time, and so on.
            for (int read = 0, next = 1; read < count; read += next, next++)
            {
                toCome.Read(resultAt + read, Math.Min(next, count - read));
            }
        }

        return result;
    }
}
