using BenchmarkDotNet.Running;
using DirKernels.Benchmarks.LargeData;
using DirKernels.Benchmarks.Peers;
using DirKernels.Benchmarks.Quick;
using DirKernels.Benchmarks.SentencePairs;

// "quick" runs the fixed table of rows, "scaling" shows how times grow, "gain" what further threads gain, "peers" what other libraries need, "pairs" makes a table of sentence pairs, "large" a data file of any size; anything else is for BenchmarkDotNet.
if (args is ["quick", .. string[] rest])
{
    return QuickCommand.Run(rest);
}

if (args is ["scaling", .. string[] scaling])
{
    return ScalingCommand.Run(scaling);
}

if (args is ["gain", .. string[] gain])
{
    return GainCommand.Run(gain);
}

if (args is ["peers", .. string[] peers])
{
    return PeersCommand.Run(peers);
}

if (args is ["pairs", .. string[] pairs])
{
    return PairFeaturesCommand.Run(pairs);
}

if (args is ["large", .. string[] large])
{
    return LargeDataCommand.Run(large);
}

BenchmarkSwitcher.FromAssembly(typeof(QuickCommand).Assembly).Run(args);
return 0;
