using System.Numerics;

namespace DirKernels.Backends.Cpu;

/// <summary>Sums of the gradients of blocks of rows, in the order of the blocks, and the step of the optimiser while a sum is at hand.</summary>
internal unsafe struct FoldGradientsJob : IBlockJob
{
    /// <summary>Few, so that threads share the parameters of a small network evenly.</summary>
    public const int ElementsPerBlock = 512;

    /// <summary>[parts x part length]; the first may be the sum itself.</summary>
    public float* Parts;
    public int PartCount;
    public long PartLength;

    /// <summary>[length].</summary>
    public float* Sum;
    public int Length;

    public ParameterStep Update;

    public readonly int Blocks => (Length + ElementsPerBlock - 1) / ElementsPerBlock;

    public readonly void Run(int block)
    {
        int first = block * ElementsPerBlock, end = Math.Min(Length, first + ElementsPerBlock);
        if (PartCount > 1)
        {
            Fold(first, end);
        }

        if (!Update.IsAbsent)
        {
            Update.Apply(Sum + first, first, end - first);
        }
    }

    private readonly void Fold(int i, int end)
    {
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> sum = Vector.Load(Parts + i);
            for (int part = 1; part < PartCount; part++)
            {
                sum += Vector.Load(Parts + part * PartLength + i);
            }

            sum.Store(Sum + i);
        }

        for (; i < end; i++)
        {
            float sum = Parts[i];
            for (int part = 1; part < PartCount; part++)
            {
                sum += Parts[part * PartLength + i];
            }

            Sum[i] = sum;
        }
    }
}
