#:project ../../src/DirKernels/DirKernels.csproj
#:property PublishAot=false

// What a prediction costs in managed code: dotnet run -c Release benchmarks/native/predict.cs -- MODEL. The same rows and the same two numbers as predict.c.
using System.Diagnostics;
using System.Globalization;
using DirKernels.Networks;

const int batch = 4096, rounds = 60;
using FileStream stream = File.OpenRead(args[0]);
using var predictor = new TablePredictor(ModelFile.Read(stream));
int columns = predictor.Shape.Inputs;
float[] rows = [.. Enumerable.Range(0, batch * columns).Select(i => (float)(i * 7919L % 1000) / 1000)];
double[] values = new double[batch];
double[] best = [double.PositiveInfinity, double.PositiveInfinity];
for (int round = 0; round < 2 * rounds; round++)
{
    int which = round % 2, calls = which == 0 ? 20000 : 10;
    long start = Stopwatch.GetTimestamp();
    for (int call = 0; call < calls; call++)
    {
        if (which == 0)
        {
            predictor.Predict<float>(rows.AsSpan(call % batch * columns, columns), values.AsSpan(0, 1));
        }
        else
        {
            predictor.Predict<float>(rows, values);
        }
    }

    best[which] = Math.Min(best[which], Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls);
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{best[0]:F3} {best[1] / 1e3:F3}"));
