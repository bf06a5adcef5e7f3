namespace DirKernels.Metrics;

/// <summary>
/// Relevance of a label, 0 (ordinary) to 1 (what the application cares about): a monotone piecewise cubic through control points.
/// </summary>
/// <remarks>
/// Piecewise cubic Hermite interpolation (PCHIP). Slopes: 0 at both ends and at local extremes, else the mean of the neighbouring secants, limited so
/// that every piece is monotone; hence the values stay in 0..1. Constant beyond the end points. Immutable and thread-safe.
/// Sources: Ribeiro and Moniz, "Imbalanced regression and extreme value prediction", Machine Learning 109, 2020, section 3;
/// Fritsch and Carlson, "Monotone piecewise cubic interpolation", SIAM J. Numer. Anal. 1980.
/// </remarks>
public sealed class RelevanceFunction
{
    private readonly RelevancePoint[] _points;
    private readonly double[] _slopes;

    private RelevanceFunction(RelevancePoint[] points)
    {
        _points = points;
        _slopes = MonotoneSlopes(points);
    }

    /// <summary>The control points, in increasing order of label.</summary>
    public ReadOnlySpan<RelevancePoint> ControlPoints => _points;

    /// <summary>Relevance through control points chosen by who knows the application.</summary>
    /// <param name="points">At least one point, labels finite and strictly increasing, relevances 0..1; copied.</param>
    /// <exception cref="ArgumentException">There are no points, labels do not increase strictly, or a relevance is outside 0..1.</exception>
    public static RelevanceFunction FromPoints(ReadOnlySpan<RelevancePoint> points)
    {
        if (points.IsEmpty)
        {
            throw new ArgumentException("relevance: there are no control points", nameof(points));
        }

        for (int i = 0; i < points.Length; i++)
        {
            if (!double.IsFinite(points[i].Label) || !(points[i].Relevance is >= 0 and <= 1))
            {
                throw new ArgumentException(
                    $"relevance: control point {i} is ({points[i].Label}, {points[i].Relevance}); labels must be finite and relevances 0..1", nameof(points));
            }

            if (i > 0 && !(points[i].Label > points[i - 1].Label))
            {
                throw new ArgumentException(
                    $"relevance: labels must increase strictly, but point {i} is at {points[i].Label} after {points[i - 1].Label}", nameof(points));
            }
        }

        return new RelevanceFunction(points.ToArray());
    }

    /// <summary>
    /// Relevance from the box plot of the training labels: 0 at the median, 1 at the whiskers (the furthest labels within
    /// <paramref name="coefficient"/> times the spread of the hinges) and beyond.
    /// </summary>
    /// <remarks>
    /// A side without labels beyond its whisker, or that was not asked for, has relevance 0. Where a whisker falls on the median (more than half
    /// of the labels are equal), the nearest label beyond it stands for it. Hinges are Tukey's, as in the published implementation.
    /// </remarks>
    /// <param name="labels">Training labels, finite, at least one.</param>
    /// <param name="extremes">Which side matters.</param>
    /// <param name="coefficient">Reach of the whiskers in hinge spreads; 1.5 as published.</param>
    /// <exception cref="InvalidDataException">There are no labels, or one is NaN or infinite (its row is named).</exception>
    /// <exception cref="ArgumentException">The coefficient is not positive.</exception>
    public static RelevanceFunction FromBoxPlot(
        ReadOnlySpan<double> labels, RelevanceExtremes extremes = RelevanceExtremes.Both, double coefficient = 1.5)
    {
        if (!(coefficient > 0))
        {
            throw new ArgumentException($"relevance: the box-plot coefficient must be positive, but is {coefficient}", nameof(coefficient));
        }

        if (labels.IsEmpty)
        {
            throw new InvalidDataException("relevance: there are no labels to derive it from");
        }

        for (int i = 0; i < labels.Length; i++)
        {
            if (!double.IsFinite(labels[i]))
            {
                throw new InvalidDataException($"label of row {i} (counted from 0) is {labels[i]}; labels must be finite numbers");
            }
        }

        double[] sorted = labels.ToArray();
        Array.Sort(sorted);
        int n = sorted.Length;
        int hingeDepth = (n + 3) / 2;
        double lowerHinge = AtHalfRank(sorted, hingeDepth), median = AtHalfRank(sorted, n + 1);
        double upperHinge = AtHalfRank(sorted, 2 * (n + 1) - hingeDepth), reach = coefficient * (upperHinge - lowerHinge);
        int first = Array.FindIndex(sorted, y => y >= lowerHinge - reach), last = Array.FindLastIndex(sorted, y => y <= upperHinge + reach);

        var points = new List<RelevancePoint>();
        if (extremes != RelevanceExtremes.High && first > 0)
        {
            points.Add(new RelevancePoint(sorted[first] < median ? sorted[first] : sorted[first - 1], 1));
        }

        points.Add(new RelevancePoint(median, 0));
        if (extremes != RelevanceExtremes.Low && last < n - 1)
        {
            points.Add(new RelevancePoint(sorted[last] > median ? sorted[last] : sorted[last + 1], 1));
        }

        return FromPoints([.. points]);
    }

    /// <summary>Relevance of one label, 0..1.</summary>
    /// <param name="label">Any number but NaN.</param>
    public double Of(double label)
    {
        if (label <= _points[0].Label)
        {
            return _points[0].Relevance;
        }

        if (label >= _points[^1].Label)
        {
            return _points[^1].Relevance;
        }

        int right = 1;
        while (_points[right].Label < label)
        {
            right++;
        }

        RelevancePoint a = _points[right - 1], b = _points[right];
        double width = b.Label - a.Label, t = (label - a.Label) / width, u = 1 - t;
        double value = u * u * (1 + 2 * t) * a.Relevance + t * t * (1 + 2 * u) * b.Relevance
            + width * t * u * (u * _slopes[right - 1] - t * _slopes[right]);
        return Math.Clamp(value, 0, 1);
    }

    private static double[] MonotoneSlopes(RelevancePoint[] points)
    {
        var slopes = new double[points.Length];
        for (int i = 1; i < points.Length - 1; i++)
        {
            double before = Secant(points, i - 1), after = Secant(points, i);
            slopes[i] = before * after > 0 ? 0.5 * (before + after) : 0;
        }

        for (int i = 0; i < points.Length - 1; i++)
        {
            double secant = Secant(points, i);
            if (secant == 0)
            {
                slopes[i] = slopes[i + 1] = 0;
                continue;
            }

            // A piece is monotone when its slopes lie within a circle of radius 3 secants.
            double radius = double.Hypot(slopes[i] / secant, slopes[i + 1] / secant);
            if (radius > 3)
            {
                slopes[i] *= 3 / radius;
                slopes[i + 1] *= 3 / radius;
            }
        }

        return slopes;
    }

    private static double Secant(RelevancePoint[] points, int left) =>
        (points[left + 1].Relevance - points[left].Relevance) / (points[left + 1].Label - points[left].Label);

    // Mean of the order statistics around half a rank, ranks counted from 1: twice the rank is an integer.
    private static double AtHalfRank(double[] sorted, int doubledRank) =>
        0.5 * sorted[doubledRank / 2 - 1] + 0.5 * sorted[(doubledRank + 1) / 2 - 1];
}
