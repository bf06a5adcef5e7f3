using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void TransposeMapsTurnsEachBlockAndReadsNothingAboveItsDiagonal()
    {
        foreach ((int dimensions, int blockSize) in new[] { (1, 1), (5, 2), (6, 3), (7, 7), (33, 33), (70, 32), (65, 64) })
        {
            var shape = new BinShape(3, dimensions, blockSize);
            float[] lower = LowerMaps(shape), unread = [.. lower];
            for (int at = 0; at < unread.Length; at++)
            {
                int i = at / blockSize % dimensions;
                if (shape.BlockStart(i) + at % blockSize > i)
                {
                    unread[at] = float.NaN;
                }
            }

            using var operands = new GuardedOperands(Backend);
            GuardedBuffer<float> transposed = operands.Output<float>(lower.Length);
            Backend.TransposeMaps(operands.Input(unread), shape, transposed);
            Assert.Equal(Transposed(lower, shape), transposed.Read());
            operands.CheckInputs();
        }
    }
}
