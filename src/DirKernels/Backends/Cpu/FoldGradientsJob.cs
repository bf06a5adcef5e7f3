using System.Numerics;

namespace DirKernels.Backends.Cpu;

/// <summary>Sums of the gradients of blocks of rows, each half in the order of its blocks, and the step of the optimiser while a sum is at hand.</summary>
internal unsafe struct FoldGradientsJob : IBlockJob
{
    /// <summary>Few, so that threads share the parameters of a small network evenly.</summary>
    public const int ElementsPerBlock = 512;

    /// <summary>[parts x part length]; the first may be the sum itself.</summary>
    public float* Parts;
    public int PartCount;
    public long PartLength;

    /// <summary>Parts that are added up first; the others are added up by themselves.</summary>
    public int PartsOfHalf;

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
        float* second = Parts + PartsOfHalf * PartLength;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            (Add(Parts + i, PartsOfHalf) + Add(second + i, PartCount - PartsOfHalf)).Store(Sum + i);
        }

        for (; i < end; i++)
        {
            Sum[i] = AddOne(Parts + i, PartsOfHalf) + AddOne(second + i, PartCount - PartsOfHalf);
        }
    }

    private readonly Vector<float> Add(float* part, int count)
    {
        Vector<float> sum = Vector.Load(part);
        for (int i = 1; i < count; i++)
        {
            part += PartLength;
            sum += Vector.Load(part);
        }

        return sum;
    }

    private readonly float AddOne(float* part, int count)
    {
        float sum = *part;
        for (int i = 1; i < count; i++)
        {
            part += PartLength;
            sum += *part;
        }

        return sum;
    }
}
