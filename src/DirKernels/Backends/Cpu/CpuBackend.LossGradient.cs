namespace DirKernels.Backends.Cpu;

public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public unsafe void LossGradient(
        RegressionLoss loss, DeviceView<float> prediction, DeviceView<float> target, DeviceView<float> weight, int targets, DeviceView<float> gradient, DeviceView<double> lossSum)
    {
        float* p = Pointer(prediction), t = Pointer(target), w = Pointer(weight), g = Pointer(gradient);
        int count = (int)prediction.Length, rows = count / targets;
        float share = 1f / count;
        double sum = 0;
        for (int i = 0, k = 0; i < rows; i++)
        {
            float rowWeight = w == null ? 1 : w[i];
            for (int j = 0; j < targets; j++, k++)
            {
                sum += (double)rowWeight * loss.Evaluate(p[k] - t[k], out float derivative);
                g[k] = rowWeight * derivative * share;
            }
        }

        *Pointer(lossSum) += sum / targets;
        GC.KeepAlive(prediction.Buffer);
        GC.KeepAlive(target.Buffer);
        GC.KeepAlive(weight.Buffer);
        GC.KeepAlive(gradient.Buffer);
        GC.KeepAlive(lossSum.Buffer);
    }
}
