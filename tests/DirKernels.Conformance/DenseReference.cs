using DirKernels.Backends;

namespace DirKernels.Conformance;

/// <summary>A fully connected layer before its activation, and the sum of magnitudes that bounds its rounding.</summary>
public static class DenseReference
{
    public static (double[] Value, double[] Magnitude) Product(float[] x, float[] weights, float[] bias, DenseShape shape)
    {
        var value = new double[shape.Rows * shape.Outputs];
        var magnitude = new double[value.Length];
        for (int i = 0; i < shape.Rows; i++)
        {
            for (int j = 0; j < shape.Outputs; j++)
            {
                double sum = bias[j], size = Math.Abs(bias[j]);
                for (int k = 0; k < shape.Inputs; k++)
                {
                    double product = (double)x[i * shape.Inputs + k] * weights[k * shape.Outputs + j];
                    sum += product;
                    size += Math.Abs(product);
                }

                value[i * shape.Outputs + j] = sum;
                magnitude[i * shape.Outputs + j] = size;
            }
        }

        return (value, magnitude);
    }
}
