using BenchmarkDotNet.Running;
using DirKernels.Benchmarks.Peers;
using DirKernels.Benchmarks.Quick;

// "quick" runs the fixed table of rows, "scaling" shows how times grow, "peers" what other libraries need; anything else is for BenchmarkDotNet.
if (args is ["quick", .. string[] rest])
{
    return QuickCommand.Run(rest);
}

if (args is ["scaling", .. string[] scaling])
{
    return ScalingCommand.Run(scaling);
}

if (args is ["peers", .. string[] peers])
{
    return PeersCommand.Run(peers);
}

BenchmarkSwitcher.FromAssembly(typeof(QuickCommand).Assembly).Run(args);
return 0;
