using DirKernels.Backends;
using Xunit;

namespace DirKernels.Conformance;

public abstract partial class BackendConformance
{
    [Theory]
    [InlineData(1f)]
    [InlineData(0.3f)]
    public void SolveMapsOfEveryKind(float strength)
    {
        foreach ((int dimensions, int blockSize) in _blocks)
        {
            foreach (float shrinkage in new[] { 0, 0.2f, 1 })
            {
                var problem = new MapProblem(new BinShape(6, dimensions, blockSize), seed: dimensions);
                problem.Treatment[1] = MapTreatment.Diagonal;
                problem.Treatment[2] = MapTreatment.Identity;
                MapOutcome[] outcomes = CheckSolveMaps(problem, problem.Options with { Strength = strength, Shrinkage = shrinkage });
                Assert.Equal(blockSize == 1 ? MapOutcome.Mapped : MapOutcome.TooFewSamples, outcomes[1]);
                Assert.Equal(MapOutcome.Identity, outcomes[2]);
                Assert.All(outcomes[3..], outcome => Assert.Equal(MapOutcome.Mapped, outcome));
            }
        }
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(0.3f)]
    public void SolveMapsOfManyBins(float strength)
    {
        // 21 bins: whole groups of lanes and the rest of one, with bins of every kind among them.
        foreach ((int dimensions, int blockSize) in new[] { (3, 2), (3, 3), (4, 4), (7, 7), (8, 8), (10, 4), (17, 17), (19, 8), (31, 31), (64, 64), (65, 65), (100, 64), (80, 80), (96, 96), (99, 99) })
        {
            var problem = new MapProblem(new BinShape(21, dimensions, blockSize), seed: dimensions);
            problem.Treatment[1] = MapTreatment.Diagonal;
            problem.Treatment[2] = MapTreatment.Identity;
            problem.Kill(bin: 4, dimension: dimensions - 1);
            problem.Kill(bin: 12, dimension: 0);
            problem.Kill(bin: 12, dimension: dimensions / 2);
            problem.MakeDuplicate(bin: 5);
            problem.MakeIndefinite(bin: 6);
            problem.MakeIndefinite(bin: 20);
            MapOutcome[] outcomes = CheckSolveMaps(problem, problem.Options with { Strength = strength });
            Assert.Equal([MapOutcome.TooFewSamples, MapOutcome.Identity], outcomes[1..3]);
            Assert.Equal([MapOutcome.Ridged, MapOutcome.NotPositiveDefinite], outcomes[5..7]);
            Assert.Equal(MapOutcome.NotPositiveDefinite, outcomes[20]);
            Assert.Equal(16, outcomes.Count(outcome => outcome == MapOutcome.Mapped));

            // Most bins of a group are diagonal: the others are solved one by one.
            problem.Treatment.AsSpan(8, 7).Fill(MapTreatment.Diagonal);
            long[] samples = [.. Enumerable.Range(0, 21).Select(b => 1L + b * b)];
            CheckSolveMaps(problem, problem.Options with { Strength = strength, EstimateShrinkage = true, SampleCounts = samples });
        }
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(10, 4)]
    [InlineData(17, 17)]
    [InlineData(64, 64)]
    [InlineData(100, 64)]
    public void SolveMapsOfManyBinsThatNeedARidge(int dimensions, int blockSize)
    {
        // Of the first group of lanes all, of the second most, beside bins that are fine, that no ridge helps and that have a dead dimension.
        var problem = new MapProblem(new BinShape(19, dimensions, blockSize), seed: dimensions);
        foreach (int bin in Enumerable.Range(0, 8).Append(9).Append(10).Append(12).Append(15).Append(18))
        {
            problem.MakeDuplicate(bin);
        }

        problem.MakeIndefinite(bin: 13);
        problem.Kill(bin: 3, dimension: dimensions - 1);
        problem.Kill(bin: 14, dimension: 2);
        MapOutcome[] outcomes = CheckSolveMaps(problem, problem.Options);
        Assert.Equal(13, outcomes.Count(outcome => outcome == MapOutcome.Ridged));
        Assert.Equal(5, outcomes.Count(outcome => outcome == MapOutcome.Mapped));
        Assert.Equal(MapOutcome.NotPositiveDefinite, outcomes[13]);
    }

    [Fact]
    public void SolveMapsTurnsOneCovarianceIntoTheOther()
    {
        foreach ((int dimensions, int blockSize) in new[] { (9, 9), (10, 4), (33, 33) })
        {
            var problem = new MapProblem(new BinShape(3, dimensions, blockSize), seed: 3);
            (float[] maps, _, _) = Solve(problem, problem.Options);
            for (int b = 0; b < 3; b++)
            {
                for (int start = 0; start < dimensions; start += blockSize)
                {
                    CheckMapOfBlock(problem, maps, b, start, Math.Min(blockSize, dimensions - start));
                }
            }
        }
    }

    [Fact]
    public void SolveMapsMovesTheMeanOnly()
    {
        var problem = new MapProblem(new BinShape(3, 5, 5), seed: 1);
        Array.Clear(problem.Running);
        problem.Treatment[2] = MapTreatment.Identity;
        MapOutcome[] outcomes = CheckSolveMaps(problem, problem.Options with { MeanOnly = true, Strength = 0.5f });
        Assert.Equal([MapOutcome.Mapped, MapOutcome.Mapped, MapOutcome.Identity], outcomes);
    }

    [Fact]
    public void SolveMapsClipsTheRatioOfTheDiagonal()
    {
        var problem = new MapProblem(new BinShape(2, 4, 1), seed: 1);
        new float[] { 1, 1, 1, 1 }.CopyTo(problem.Running, 0);
        new float[] { 0, 0.25f, 4, 1e6f }.CopyTo(problem.Smoothed, 0);
        (float[] maps, _, _) = Solve(problem, problem.Options);

        // sqrt(0.1) and sqrt(10) with the bounds of the clip in single precision.
        ErrorBound.Check([Math.Sqrt(0.1f) - 1, -0.5, 1, Math.Sqrt(10) - 1], maps.AsSpan(0, 4), _ => 4 * U, "clipped");
        CheckSolveMaps(problem, problem.Options);
    }

    [Theory]
    [InlineData(6, 1)]
    [InlineData(6, 6)]
    [InlineData(7, 3)]
    public void SolveMapsPassesDeadDimensionsAndBins(int dimensions, int blockSize)
    {
        var problem = new MapProblem(new BinShape(3, dimensions, blockSize), seed: 2);
        problem.Kill(bin: 0, dimension: 2);
        problem.Kill(bin: 0, dimension: 4);
        for (int i = 0; i < dimensions; i++)
        {
            problem.Kill(bin: 1, dimension: i);
        }

        MapOutcome[] outcomes = CheckSolveMaps(problem, problem.Options);
        Assert.Equal([MapOutcome.Mapped, MapOutcome.Identity, MapOutcome.Mapped], outcomes);
        (float[] maps, float[] shifts, _) = Solve(problem, problem.Options);
        Assert.All(new[] { 2, 4 }, i => Assert.Equal(0, shifts[i]));
        Assert.All(maps.AsSpan(2 * blockSize, blockSize).ToArray(), t => Assert.Equal(0, t));
        Assert.All(shifts[dimensions..(2 * dimensions)], shift => Assert.Equal(0, shift));
    }

    [Fact]
    public void SolveMapsEstimatesShrinkagePerBin()
    {
        foreach ((int dimensions, int blockSize) in new[] { (9, 9), (10, 4) })
        {
            var problem = new MapProblem(new BinShape(6, dimensions, blockSize), seed: 4);
            MapOptions options = problem.Options with { EstimateShrinkage = true, SampleCounts = new long[] { 1, 2, 5, 50, 1000, 1_000_000 } };
            CheckSolveMaps(problem, options);
        }
    }

    [Fact]
    public void SolveMapsRidgesSingularCovariancesAndGivesUpOnIndefiniteOnes()
    {
        var problem = new MapProblem(new BinShape(3, 4, 4), seed: 5);
        problem.MakeDuplicate(bin: 0);
        problem.MakeIndefinite(bin: 1);
        MapOutcome[] outcomes = CheckSolveMaps(problem, problem.Options);
        Assert.Equal([MapOutcome.Ridged, MapOutcome.NotPositiveDefinite, MapOutcome.Mapped], outcomes);
    }

    [Fact]
    public void SolveMapsKeepsNaNInItsBin()
    {
        foreach ((int dimensions, int blockSize) in new[] { (5, 1), (5, 5) })
        {
            var problem = new MapProblem(new BinShape(3, dimensions, blockSize), seed: 6);
            (float[] maps, float[] shifts, MapOutcome[] outcomes) = Solve(problem, problem.Options);
            problem.Running[dimensions * blockSize] = float.NaN;
            problem.RunningMeans[dimensions] = float.NaN;
            (float[] spoilt, float[] spoiltShifts, MapOutcome[] spoiltOutcomes) = Solve(problem, problem.Options);
            foreach (int b in new[] { 0, 2 })
            {
                int width = dimensions * blockSize;
                Assert.Equal(maps[(b * width)..((b + 1) * width)], spoilt[(b * width)..((b + 1) * width)]);
                Assert.Equal(shifts[(b * dimensions)..((b + 1) * dimensions)], spoiltShifts[(b * dimensions)..((b + 1) * dimensions)]);
                Assert.Equal(outcomes[b], spoiltOutcomes[b]);
            }
        }
    }

    [Theory]
    [InlineData(33, 33)]
    [InlineData(100, 100)]
    [InlineData(131, 131)]
    [InlineData(150, 70)]
    [InlineData(500, 1)]
    public void SolveMapsGivesTheSameBitsHoweverShared(int dimensions, int blockSize)
    {
        var problem = new MapProblem(new BinShape(9, dimensions, blockSize), seed: 7);
        AssertSameBits((backend, bits) =>
        {
            (float[] maps, float[] shifts, MapOutcome[] outcomes) = Solve(problem, problem.Options, backend);
            bits.Add(maps);
            bits.Add(shifts);
            bits.Add(outcomes);
        });
    }

    /// <summary>Packed in the same operation, with maps beside them or without, they are what is packed of the maps afterwards.</summary>
    [Theory]
    [InlineData(5, 3)]
    [InlineData(33, 33)]
    [InlineData(64, 64)]
    [InlineData(150, 70)]
    public void SolveMapsPacksThemAsTheyWouldBeAfterwards(int dimensions, int blockSize)
    {
        var problem = new MapProblem(new BinShape(11, dimensions, blockSize), seed: 7);
        if (Backend.PackedCalibrationLength(problem.Shape) is not (> 0 and long length))
        {
            return;
        }

        using var operands = new GuardedOperands(Backend);
        DeviceView<float> runningMeans = operands.Input(problem.RunningMeans);
        var running = new BinStatistics(runningMeans, operands.Input(problem.Running));
        var smoothed = new BinStatistics(operands.Input(problem.SmoothedMeans), operands.Input(problem.Smoothed));
        GuardedBuffer<float> maps = operands.Output<float>(problem.Running.Length), shifts = operands.Output<float>(problem.RunningMeans.Length);
        GuardedBuffer<float> beside = operands.Output<float>((int)length), alone = operands.Output<float>((int)length), afterwards = operands.Output<float>((int)length);
        var outcomes = new MapOutcome[problem.Shape.Bins];
        Backend.SolveMaps(problem.Options, problem.Shape, running, smoothed, new SolvedMaps(maps, shifts, beside), outcomes);
        Backend.SolveMaps(problem.Options, problem.Shape, running, smoothed, new SolvedMaps(default, shifts, alone), outcomes);
        Backend.PackCalibration(problem.Shape, runningMeans, maps, shifts, afterwards);
        Assert.Equal(Solve(problem, problem.Options).Maps, maps.Read());
        Assert.Equal(afterwards.Read(), beside.Read());
        Assert.Equal(afterwards.Read(), alone.Read());
        operands.CheckInputs();
    }

    /// <summary>Smoothed and solved in one operation, maps have the bits of two.</summary>
    [Theory]
    [InlineData(3, 6, 1)]
    [InlineData(3, 5, 5)]
    [InlineData(8, 33, 33)]
    [InlineData(19, 64, 64)]
    [InlineData(19, 70, 16)]
    [InlineData(11, 150, 70)]
    public void SmoothAndSolveMapsIsSmoothingAndSolving(int bins, int dimensions, int blockSize)
    {
        var problem = new MapProblem(new BinShape(bins, dimensions, blockSize), seed: 9);
        var taps = new BinTaps(bins, 3);
        for (int b = 0; b < bins; b++)
        {
            // Covariances stay positive definite.
            (taps.Indices[3 * b], taps.Indices[3 * b + 1], taps.Indices[3 * b + 2]) = (Math.Max(0, b - 1), b, Math.Min(bins - 1, b + 1));
            (taps.Weights[3 * b], taps.Weights[3 * b + 1], taps.Weights[3 * b + 2]) = (0.25f, 0.5f, b % 3 == 0 ? 0 : 0.25f);
        }

        problem.Treatment[bins - 1] = MapTreatment.Diagonal;
        problem.Treatment[0] = MapTreatment.Identity;
        using var operands = new GuardedOperands(Backend);
        var running = new BinStatistics(operands.Input(problem.RunningMeans), operands.Input(problem.Running));
        GuardedBuffer<float> covariances = operands.Updated(problem.Smoothed), smoothed = operands.Updated(problem.Smoothed);
        DeviceView<float> means = operands.Input(problem.SmoothedMeans);
        GuardedBuffer<float> maps = operands.Output<float>(problem.Running.Length), shifts = operands.Output<float>(problem.RunningMeans.Length);
        GuardedBuffer<float> expectedMaps = operands.Output<float>(problem.Running.Length), expectedShifts = operands.Output<float>(problem.RunningMeans.Length);
        MapOutcome[] outcomes = new MapOutcome[bins], expectedOutcomes = new MapOutcome[bins];
        bool receives = Backend.SmoothAndSolveMaps(problem.Options, problem.Shape, running, taps, new BinStatistics(means, covariances), new SolvedMaps(maps, shifts), outcomes);
        Backend.CombineCovariances(running.Covariances, taps, problem.Shape, smoothed);
        Backend.SolveMaps(problem.Options, problem.Shape, running, new BinStatistics(means, smoothed), new SolvedMaps(expectedMaps, expectedShifts), expectedOutcomes);
        operands.CheckInputs();
        Assert.Equal(expectedMaps.Read(), maps.Read());
        Assert.Equal(expectedShifts.Read(), shifts.Read());
        Assert.Equal(expectedOutcomes, outcomes);
        Assert.Equal(receives ? smoothed.Read() : problem.Smoothed, covariances.Read());
    }

    private (float[] Maps, float[] Shifts, MapOutcome[] Outcomes) Solve(MapProblem problem, MapOptions options, IBackend? backend = null)
    {
        backend ??= Backend;
        using var operands = new GuardedOperands(backend);
        GuardedBuffer<float> maps = operands.Output<float>(problem.Running.Length), shifts = operands.Output<float>(problem.RunningMeans.Length);
        var outcomes = new MapOutcome[problem.Shape.Bins];
        backend.SolveMaps(
            options,
            problem.Shape,
            new BinStatistics(operands.Input(problem.RunningMeans), operands.Input(problem.Running)),
            new BinStatistics(operands.Input(problem.SmoothedMeans), operands.Input(problem.Smoothed)),
            new SolvedMaps(maps, shifts),
            outcomes);
        operands.CheckInputs();
        return (maps.Read(), shifts.Read(), outcomes);
    }

    private MapOutcome[] CheckSolveMaps(MapProblem problem, MapOptions options)
    {
        (float[] maps, float[] shifts, MapOutcome[] outcomes) = Solve(problem, options);
        int d = problem.Shape.Dimensions, width = problem.Shape.CovarianceWidth;
        for (int b = 0; b < problem.Shape.Bins; b++)
        {
            SolveMapsReference expected = problem.Expected(options, b);
            string what = $"bin {b} of {problem.Shape} {options.Strength}";
            Assert.True(expected.Outcome == outcomes[b], $"{what}: expected {expected.Outcome}, got {outcomes[b]}");

            // Factors in double precision: the result rounds to single precision once, beside 2^-53 times the largest condition number a ridge of 1e-6
            // lets through, 1e7, times the sizes of the matrices, below 100: 1e-7 at worst there, 1e-10 elsewhere.
            double conditioning = outcomes[b] == MapOutcome.Ridged ? 1e-7 : 1e-10;
            ErrorBound.Check(expected.Map, maps.AsSpan(b * width, width), i => 2 * U * Math.Abs(expected.Map[i]) + conditioning, what + " map");
            ErrorBound.Check(
                expected.Shift,
                shifts.AsSpan(b * d, d),
                i => 2 * U * (Math.Abs(problem.SmoothedMeans[b * d + i]) + Math.Abs(problem.RunningMeans[b * d + i])),
                what + " shift");
        }

        return outcomes;
    }

    /// <summary>A L = L~, and so A Sigma A^T = Sigma~, for one block of one bin.</summary>
    private static void CheckMapOfBlock(MapProblem problem, float[] maps, int bin, int start, int size)
    {
        double[,] whiten = problem.Block(problem.Running, bin, start, size), recolour = problem.Block(problem.Smoothed, bin, start, size);
        double[,] l = SolveMapsReference.Cholesky(whiten, new bool[size])!, target = SolveMapsReference.Cholesky(recolour, new bool[size])!;
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = 0, magnitude = 0;
                for (int k = j; k <= i; k++)
                {
                    double t = maps[bin * problem.Shape.CovarianceWidth + (start + i) * problem.Shape.BlockSize + k];
                    sum += (t + (k == i ? 1 : 0)) * l[k, j];
                    magnitude += Math.Abs(t * l[k, j]);
                }

                // Each entry of the map carries one rounding to single precision.
                Assert.Equal(target[i, j], sum, U * magnitude + 1e-10);
            }
        }
    }
}
