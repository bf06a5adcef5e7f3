using DirKernels.Conformance;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Networks;

public sealed class InputScalerTests
{
    [Fact]
    public void EveryWidthAndNumberOfRowsIsScaledAsByOneFormula()
    {
        for (int columns = 1; columns <= 40; columns++)
        {
            float[] numbers = SampleNumbers.Normal(columns, 3 * columns);
            double[] means = [.. numbers[..columns].Select(x => x / 3.0)], scales = [.. numbers[columns..(2 * columns)].Select(x => 0.1 + Math.Abs(x) / 7.0)];
            double[] medians = [.. numbers[(2 * columns)..].Select(x => x * 1.1)];
            foreach (double[]? missing in new[] { null, medians })
            {
                var scaler = new InputScaler(new InputScaling(means, scales, missing), columns);
                for (int rows = 0; rows <= 19; rows++)
                {
                    float[] raw = SampleNumbers.Normal(100 + rows, rows * columns);
                    for (int i = 0; i < raw.Length; i += 5)
                    {
                        raw[i] = i % 3 == 0 ? float.NaN : float.PositiveInfinity;
                    }

                    double[] precise = [.. raw.Select(x => x * 1.000000001)];
                    float[] scaled = new float[raw.Length + 1], scaledPrecise = new float[raw.Length + 1];
                    scaled[^1] = scaledPrecise[^1] = 17;
                    scaler.Apply<float>(raw, scaled.AsSpan(0, raw.Length));
                    scaler.Apply<double>(precise, scaledPrecise.AsSpan(0, raw.Length));
                    Assert.Equal([.. raw.Select((x, i) => Expected(x, i % columns)), 17], scaled);
                    Assert.Equal([.. precise.Select((x, i) => Expected(x, i % columns)), 17], scaledPrecise);
                }

                float Expected(double x, int column) =>
                    (float)(((missing is not null && double.IsNaN(x) ? missing[column] : x) - means[column]) / scales[column]);
            }
        }
    }
}
