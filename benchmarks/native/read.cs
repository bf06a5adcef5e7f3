#:project ../../src/DirKernels.Data/DirKernels.Data.csproj
#:property PublishAot=false
#:property TieredPGO=false
#:property TieredCompilationQuickJitForLoops=false

// How fast a table of numbers is read and parsed when nothing else is done with it: dotnet run -c Release benchmarks/native/read.cs -- FILE.
// Prints its rows and the seconds of the fastest of five passes.
using System.Diagnostics;
using System.Globalization;
using DirKernels.Data;

string[] columns = File.ReadLines(args[0]).First().Split(',');
var options = new TableOptions { Columns = columns, NumericColumns = columns };
double best = double.PositiveInfinity;
long rows = 0;
for (int pass = 0; pass < 5; pass++)
{
    long start = Stopwatch.GetTimestamp();
    rows = 0;
    using TableStream table = TableStream.Open(args[0], options);
    while (table.Read(4096) is { } part)
    {
        rows += part.RowCount;
    }

    best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows} {best:F3}"));
