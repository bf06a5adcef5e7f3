namespace DirKernels.Backends;

/// <summary>What a step of a network, or some of them, read and write: the parameters of <see cref="IBackend.NetworkGradient"/> and of <see cref="IBackend.NetworkSteps"/>.</summary>
internal readonly record struct NetworkOperands(
    NetworkBatch Batch,
    FeatureCalibration Calibration,
    ParameterUpdate Update,
    DeviceView<float> Parameters,
    DeviceView<float> Features,
    DeviceView<float> Gradient,
    DeviceView<double> LossSum)
{
    /// <summary>Keeps the buffers until here, where a backend has worked with their addresses.</summary>
    public void KeepAlive()
    {
        GC.KeepAlive(Calibration.Bins.Buffer);
        GC.KeepAlive(Calibration.Means.Buffer);
        GC.KeepAlive(Calibration.Maps.Buffer);
        GC.KeepAlive(Calibration.Shifts.Buffer);
        GC.KeepAlive(Calibration.Packed.Buffer);
        GC.KeepAlive(Batch.Inputs.Buffer);
        GC.KeepAlive(Batch.Targets.Buffer);
        GC.KeepAlive(Batch.Weights.Buffer);
        GC.KeepAlive(Batch.Rows.Buffer);
        GC.KeepAlive(Update.FirstMoment.Buffer);
        GC.KeepAlive(Update.SecondMoment.Buffer);
        GC.KeepAlive(Parameters.Buffer);
        GC.KeepAlive(Features.Buffer);
        GC.KeepAlive(Gradient.Buffer);
        GC.KeepAlive(LossSum.Buffer);
    }
}
