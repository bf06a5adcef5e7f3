#:package Microsoft.ML.OnnxRuntime
#:property PublishAot=false

// What a prediction costs in ONNX Runtime: dotnet run -c Release benchmarks/native/onnx.cs -- FILE, which the command export wrote. The same rows and the same
// two numbers as predict.c, on one thread, with rows and values in pinned memory of the caller.
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;

const int batch = 4096, rounds = 60;
using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
using var session = new InferenceSession(args[0], options);
using var run = new RunOptions();
int columns = session.InputMetadata["inputs"].Dimensions[1];
string[] fromNames = ["inputs"], toNames = ["values"];
float[] rows = [.. Enumerable.Range(0, batch * columns).Select(i => (float)(i * 7919L % 1000) / 1000)];

// A value of ONNX Runtime for each row, made beforehand: a program that predicts row after row would have to make them.
OrtValue[][] singleRows = [.. Enumerable.Range(0, batch).Select(row => new[] { OrtValue.CreateTensorValueFromMemory(rows[(row * columns)..((row + 1) * columns)], [1, columns]) })];
OrtValue[] oneValue = [OrtValue.CreateTensorValueFromMemory(new float[1], [1, 1])];
OrtValue[] allRows = [OrtValue.CreateTensorValueFromMemory(rows, [batch, columns])], allValues = [OrtValue.CreateTensorValueFromMemory(new float[batch], [batch, 1])];
double[] best = [double.PositiveInfinity, double.PositiveInfinity];
for (int round = 0; round < 2 * rounds; round++)
{
    int which = round % 2, calls = which == 0 ? 5000 : 10;
    long start = Stopwatch.GetTimestamp();
    for (int call = 0; call < calls; call++)
    {
        if (which == 0)
        {
            session.Run(run, fromNames, singleRows[call % batch], toNames, oneValue);
        }
        else
        {
            session.Run(run, fromNames, allRows, toNames, allValues);
        }
    }

    best[which] = Math.Min(best[which], Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls);
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{best[0]:F3} {best[1] / 1e3:F3}"));
