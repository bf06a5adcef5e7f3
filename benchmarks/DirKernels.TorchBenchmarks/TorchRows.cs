namespace DirKernels.TorchBenchmarks;

/// <summary>All rows, made one at a time so that they do not share memory.</summary>
internal static class TorchRows
{
    private static readonly int[] _small = [8, 64, 64, 1], _deep = [13, 256, 256, 256, 1], _wide = [512, 256, 128, 1];

    /// <summary>The rows of <c>quick</c> that have a counterpart.</summary>
    public static IReadOnlyList<TorchRow> All { get; } =
    [
        new("label weights 10M", 8, backend => TorchLabels.Create(backend, 10_000_000)),
        new("moments diag D=512", null, backend => TorchMoments.Create(backend, 512, full: false)),
        new("moments diag D=64", null, backend => TorchMoments.Create(backend, 64, full: false)),
        new("moments full D=512", 2, backend => TorchMoments.Create(backend, 512, full: true)),
        new("moments full D=64", 3, backend => TorchMoments.Create(backend, 64, full: true)),
        new("calibrate diag D=512", null, backend => TorchCalibration.Create(backend, 512, full: false)),
        new("calibrate full D=512", 2.5, backend => TorchCalibration.Create(backend, 512, full: true)),
        new("cholesky 100x512", 2.5, backend => TorchMaps.Cholesky(backend, 512)),
        new("maps 100x512", 4, backend => TorchMaps.Maps(backend, 512)),
        new("cholesky 100x64", 2.5, backend => TorchMaps.Cholesky(backend, 64)),
        new("maps 100x64", 4, backend => TorchMaps.Maps(backend, 64)),
        new("smooth covariances 100x512x512", 100, TorchSmoothing.Create),
        new("train epoch [8,64,64,1]", 5, backend => TorchTraining.Create(backend, _small, 256, 50_000)),
        new("train epoch [13,256,256,256,1]", 2, backend => TorchTraining.Create(backend, _deep, 64, 20_000)),
        new("train epoch [512,256,128,1]", 1.4, backend => TorchTraining.Create(backend, _wide, 256, 50_000)),
        new("predict [8,64,64,1] batch 1", 32, backend => TorchPrediction.Create(backend, _small, 1)),
        new("predict [13,256,256,256,1] batch 1", 9, backend => TorchPrediction.Create(backend, _deep, 1)),
        new("predict [512,256,128,1] batch 1", 5, backend => TorchPrediction.Create(backend, _wide, 1)),
        new("predict [8,64,64,1] batch 4096", 1.3, backend => TorchPrediction.Create(backend, _small, 4096)),
        new("predict [13,256,256,256,1] batch 4096", 1.3, backend => TorchPrediction.Create(backend, _deep, 4096)),
        new("predict [512,256,128,1] batch 4096", 1.3, backend => TorchPrediction.Create(backend, _wide, 4096)),
    ];
}
