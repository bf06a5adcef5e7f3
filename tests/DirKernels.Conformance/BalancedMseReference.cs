namespace DirKernels.Conformance;

/// <summary>Balanced MSE of a batch, term by term from the densities, in double precision.</summary>
/// <param name="kind">bmc, bni or gai.</param>
/// <param name="centres">Centres of bins, or means of Gaussians.</param>
/// <param name="frequencies">Their weights.</param>
/// <param name="variances">Of the Gaussians.</param>
public sealed class BalancedMseReference(string kind, double[]? centres, double[]? frequencies, double[]? variances)
{
    /// <summary>The loss with the noise of one sigma and the factor 2 sigma^2 of another: their slopes differ.</summary>
    public double Loss(double[] predictions, double[] targets, double[]? weights, double sigma, double factorSigma)
    {
        double sum = 0, v = sigma * sigma;
        for (int i = 0; i < predictions.Length; i++)
        {
            double p = predictions[i], evidence = 0;
            for (int k = 0; k < (centres ?? targets).Length; k++)
            {
                double c = (centres ?? targets)[k], d = p - c;
                evidence += kind switch
                {
                    "bmc" => Math.Exp(-d * d / (2 * v)),
                    "bni" => frequencies![k] * Math.Exp(-d * d / (2 * v)),
                    _ => frequencies![k] * Math.Exp(-d * d / (2 * (variances![k] + v))) / Math.Sqrt(variances[k] + v),
                };
            }

            double own = Math.Exp(-(p - targets[i]) * (p - targets[i]) / (2 * v)) / (kind == "gai" ? sigma : 1);
            sum += (weights?[i] ?? 1) * 2 * factorSigma * factorSigma * -Math.Log(own / evidence);
        }

        return sum / predictions.Length;
    }
}
