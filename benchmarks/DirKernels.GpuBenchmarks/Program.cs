using System.Globalization;
using DirKernels.Gpu;
using DirKernels.GpuBenchmarks;

// dirkernels-gpubench [--device cuda:0|opencl:0|simulated] [--sizes full|tiny] [--rows TEXT] [--precision float32|tf32|tf32x3] [--out FOLDER] [--checks only|none]
string device = "cuda:0", rows = "", folder = "gpu-results", checks = "all";
MatrixPrecision precision = MatrixPrecision.Float32;
BenchmarkSizes sizes = BenchmarkSizes.Full;
for (int i = 0; i < args.Length; i += 2)
{
    string value = i + 1 < args.Length ? args[i + 1] : "";
    switch (args[i], value)
    {
        case ("--device", not ""):
            device = value;
            break;
        case ("--rows", not ""):
            rows = value;
            break;
        case ("--out", not ""):
            folder = value;
            break;
        case ("--sizes", "full"):
            sizes = BenchmarkSizes.Full;
            break;
        case ("--sizes", "tiny"):
            sizes = BenchmarkSizes.Tiny;
            break;
        case ("--precision", "float32" or "tf32" or "tf32x3"):
            precision = value switch
            {
                "tf32" => MatrixPrecision.Tf32,
                "tf32x3" => MatrixPrecision.Tf32Triple,
                _ => MatrixPrecision.Float32,
            };
            break;
        case ("--checks", "only" or "none"):
            checks = value;
            break;
        default:
            Console.Error.WriteLine("usage: dirkernels-gpubench [--device cuda:N|opencl:N|simulated] [--sizes full|tiny] [--rows TEXT] [--precision float32|tf32|tf32x3] [--out FOLDER] [--checks only|none]");
            return 2;
    }
}

string[] parts = device.Split(':');
GpuDeviceKind? kind = parts[0] switch
{
    "cuda" => GpuDeviceKind.Cuda,
    "opencl" => GpuDeviceKind.OpenCl,
    "simulated" => GpuDeviceKind.Simulated,
    _ => null,
};
int index = 0;
if (kind is null || (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index)) || parts.Length > 2)
{
    Console.Error.WriteLine($"--device: '{device}' is none of cuda:N, opencl:N, simulated");
    return 2;
}

try
{
    using var runtime = new GpuRuntime(kind.Value, index, precision);
    using var gpu = new GpuBackend(runtime, ownsRuntime: false);
    Console.WriteLine(gpu.Description);
    var done = new List<OperationCheck>();
    foreach (OperationCheck check in checks == "none" ? [] : OperationChecks.Run(gpu, sizes))
    {
        done.Add(check);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(check.Passes ? "ok  " : "FAIL")} {check.Worst,8:G3} of its bound  {check.Name}"));
    }

    if (done.Any(check => !check.Passes))
    {
        Console.Error.WriteLine("a result is wrong: nothing is timed");
        return 1;
    }

    if (checks == "only")
    {
        return 0;
    }

    DevicePeaks peaks = DevicePeaks.Measure(gpu, runtime, sizes);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"copy {peaks.CopyGbps:F1} GB/s, multiply-adds {peaks.Tflops:F2} TFLOP/s"));
    var results = new List<TimedResult>();
    foreach (TimedRow row in TimedRows.All(gpu, sizes).Where(row => row.Name.Contains(rows, StringComparison.Ordinal)))
    {
        TimedResult result = Measurement.Run(gpu, row, sizes);
        results.Add(result);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Name,-60}{result.Milliseconds,12:G4} ms {result.Launches,6} launches {result.Gbps,9:F1} GB/s {result.Gbps / peaks.CopyGbps,6:P0} {result.Tflops,8:F2} TFLOP/s {result.Tflops / peaks.Tflops,6:P0}"));

        // Written after each row: a run that is cut short keeps what it has.
        new BenchmarkReport($"{gpu.Description}, {precision}", sizes, peaks, done, results).Write(folder);
    }

    return 0;
}
catch (GpuUnavailableException absent)
{
    Console.Error.WriteLine(absent.Message);
    return 5;
}
