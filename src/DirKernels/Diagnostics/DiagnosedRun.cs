using DirKernels.Backends;
using DirKernels.Features;
using DirKernels.Methods;
using DirKernels.Networks;

namespace DirKernels.Diagnostics;

/// <summary>One training run looked into: its predictions, the geometry of its features, and how far smoothing moved its statistics.</summary>
/// <param name="Predictions">Of the judged rows.</param>
/// <param name="Geometry">Of the features of the training rows, by the best model, before any calibration.</param>
/// <param name="Distances">After each epoch; null for a run without feature smoothing.</param>
internal sealed record DiagnosedRun(double[] Predictions, FeatureGeometry Geometry, SmoothingDistances? Distances)
{
    public static DiagnosedRun Of(
        Method method, MethodSettings settings, ComparisonData data, ComparisonRows judged, int anchor, IBackend backend, Action<EpochResult>? onEpoch, CancellationToken cancellation)
    {
        MethodTraining training = MethodTraining.Prepare(method, settings, data.Train);
        int rows = data.Train.Labels.Length, inputs = data.Train.Inputs.Length / rows;
        NetworkShape shape = MethodPlan.ShapeOf(method, settings, inputs);
        using var run = new TrainingRun(shape, training.Rows, data.ValidationSet(), settings.Bins, training.Plan.Options, backend);
        var means = new List<double>();
        var variances = new List<double>();
        while (!run.IsFinished)
        {
            EpochResult epoch = run.RunEpoch(cancellation);
            onEpoch?.Invoke(epoch);
            if (run.FeatureSmoothing is { } smoothing)
            {
                (double mean, double variance) = new FeatureDiagnostics(smoothing.Capture()).SmoothingDistance();
                means.Add(mean);
                variances.Add(variance);
            }
        }

        using RegressionModel model = run.BestModel();
        var predictions = new double[judged.Labels.Length];
        model.Predict(judged.Inputs, predictions);
        var features = new float[(long)rows * shape.FeatureDimensions];
        model.Encode(data.Train.Inputs, features);
        var geometry = FeatureGeometry.Of(features, shape.FeatureDimensions, settings.Bins.Assign(data.Train.Labels), settings.Bins.Count, anchor);
        return new DiagnosedRun(predictions, geometry, means.Count == 0 ? null : new SmoothingDistances(means, variances));
    }
}
