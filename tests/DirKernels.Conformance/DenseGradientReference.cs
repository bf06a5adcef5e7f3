using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>Gradients of a fully connected layer, each with the sum of magnitudes that bounds its rounding.</summary>
public sealed class DenseGradientReference
{
    public DenseGradientReference(float[] x, float[] weights, float[] dPre, DenseShape shape)
    {
        (int n, int inputs, int outputs) = (shape.Rows, shape.Inputs, shape.Outputs);
        DWeights = new Sums(inputs * outputs);
        DBias = new Sums(outputs);
        DX = new Sums(n * inputs);
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < outputs; j++)
            {
                double d = dPre[i * outputs + j];
                DBias.Add(j, d);
                for (int k = 0; k < inputs; k++)
                {
                    DWeights.Add(k * outputs + j, x[i * inputs + k] * d);
                    DX.Add(i * inputs + k, d * weights[k * outputs + j]);
                }
            }
        }
    }

    public Sums DWeights { get; }

    public Sums DBias { get; }

    public Sums DX { get; }

    public sealed class Sums(int length)
    {
        public double[] Value { get; } = new double[length];

        public double[] Magnitude { get; } = new double[length];

        public void Add(int at, double term)
        {
            Value[at] += term;
            Magnitude[at] += Math.Abs(term);
        }
    }
}
