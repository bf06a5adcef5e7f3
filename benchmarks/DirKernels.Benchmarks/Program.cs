using BenchmarkDotNet.Running;
using DirKernels.Benchmarks.Quick;

// "quick" runs the fixed table of rows; anything else is for BenchmarkDotNet.
if (args is ["quick", .. string[] rest])
{
    return QuickCommand.Run(rest);
}

BenchmarkSwitcher.FromAssembly(typeof(QuickCommand).Assembly).Run(args);
return 0;
