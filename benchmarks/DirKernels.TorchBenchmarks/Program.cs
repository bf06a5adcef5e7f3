using System.Globalization;
using DirKernels.Backends.Cpu;
using DirKernels.Benchmarks.Peers;
using DirKernels.TorchBenchmarks;
using static TorchSharp.torch;

// The rows of "quick" beside libtorch: every formulation is checked, factorisations by their products and epochs by their losses, all others against the library's numbers, then timed, and the fastest one counts.
int threads = 1;
string filter = "";
for (int i = 0; i < args.Length; i += 2)
{
    bool isKnown = i + 1 < args.Length && args[i] switch
    {
        "--threads" => int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out threads) && threads is >= 1 and <= 1024,
        "--rows" => (filter = args[i + 1]).Length >= 0,
        _ => false,
    };
    if (!isKnown)
    {
        Console.Error.WriteLine("usage: [--threads N] [--rows TEXT]");
        return 2;
    }
}

set_num_threads(threads);
set_grad_enabled(false);
using var backend = new CpuBackend(threads);
Console.WriteLine($"{InstructionSet.Name}, {threads} thread(s), libtorch {__version__}, median ms; how often the library does the work while the fastest formulation does it once");
Console.WriteLine();
Console.WriteLine($"{"row",-40}{"library",11}{"libtorch",11}{"times",8}{"goal",7}  formulation (slower ones)");
foreach (TorchRow row in TorchRows.All.Where(row => row.Name.Contains(filter, StringComparison.Ordinal)))
{
    using PeerSet set = row.Create(backend);
    set.Check();
    (string Name, double Milliseconds)[] times = TorchMeasurement.Run(set);
    double library = times[0].Milliseconds;
    (string Name, double Milliseconds)[] formulations = [.. times[1..].OrderBy(time => time.Milliseconds)];
    double gain = formulations[0].Milliseconds / library;
    string slower = formulations.Length == 1 ? "" : $" ({string.Join(", ", formulations[1..].Select(time => $"{time.Name} {Number(time.Milliseconds, "G4")}"))})";
    Console.WriteLine($"{row.Name,-40}{Number(library, "G4"),11}{Number(formulations[0].Milliseconds, "G4"),11}{Number(gain, gain < 10 ? "F2" : "F0"),8}{(row.Goal is { } goal ? Number(goal, "G3") : "-"),7}  {formulations[0].Name}{slower}");
}

return 0;

static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
