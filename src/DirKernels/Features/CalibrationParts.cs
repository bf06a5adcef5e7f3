namespace DirKernels.Features;

/// <summary>Which statistics calibration moves.</summary>
public enum CalibrationParts
{
    /// <summary>Mean and covariance: whitening and re-colouring.</summary>
    Both,

    /// <summary>The mean only: z + smoothed mean - mean.</summary>
    Mean,
}
