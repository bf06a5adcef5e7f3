using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public void GatherRowsSelectsRows()
    {
        foreach (int width in new[] { 1, 2, 3, 16, 31, 65 })
        {
            foreach (int count in new[] { 0, 1, 5, 63, 64, 65, 130 })
            {
                CheckGather(SampleNumbers.Normal(1, 40 * width), count, width);
                CheckGather(Enumerable.Range(0, 40 * width).ToArray(), count, width);
                CheckGather(Enumerable.Range(0, 40 * width).Select(x => x * 1e10).ToArray(), count, width);
            }
        }
    }

    [Fact]
    public void GatherRowsCopiesBitsOfNaN()
    {
        float payload = BitConverter.Int32BitsToSingle(0x7FC12345);
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<float> y = operands.Output<float>(4);
        Backend.GatherRows(operands.Input([1f, payload, 2f, 3f]), operands.Input([0, 0]), 2, y);
        Assert.Equal([0x3F800000, 0x7FC12345, 0x3F800000, 0x7FC12345], y.Read().Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void GatherRowsGivesTheSameBitsHoweverShared() => AssertSameBits((backend, bits) =>
    {
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<float> y = operands.Output<float>(3001 * 33);
        backend.GatherRows(operands.Input(SampleNumbers.Normal(1, 500 * 33)), operands.Input(SampleNumbers.Bins(2, 3001, 500)), 33, y);
        bits.Add(y.Read());
    });

    private void CheckGather<T>(T[] source, int count, int width)
        where T : unmanaged
    {
        int[] rows = SampleNumbers.Bins(count, count, 40);
        using var operands = new GuardedOperands(Backend);
        GuardedBuffer<T> y = operands.Output<T>(count * width);
        Backend.GatherRows(operands.Input(source), operands.Input(rows), width, y);
        Assert.Equal(GatherRowsReference.Gather(source, rows, width), y.Read());
        operands.CheckInputs();
    }
}
