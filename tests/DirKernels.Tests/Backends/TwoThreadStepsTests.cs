using DirKernels.Backends;
using DirKernels.Backends.Cpu;
using DirKernels.Conformance;
using Xunit;

namespace DirKernels.Tests.Backends;

/// <summary>
/// Two threads keep copies of parameters from step to step. Whatever a caller does between steps, parameters and moments have the bits of one thread, which keeps none; nothing is read back
/// before the end, since that alone would have the copies taken anew.
/// </summary>
public sealed class TwoThreadStepsTests
{
    // Small networks, whose threads have all parameters; wide ones, with and without copies of the first layer, deeper than slopes are kept of layers, and with many inputs.
    public static TheoryData<int[], int> Networks => new()
    {
        { [8, 64, 64, 1], 256 },
        { [3, 17, 9, 2], 130 },
        { [13, 256, 128, 1], 64 },
        { [5, 200, 160, 1], 64 },
        { [13, 256, 64, 32, 48, 32, 1], 64 },
        { [150, 128, 32, 48, 24, 2], 64 },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void StepsFollowEachOther(int[] widths, int rows)
    {
        foreach (OptimizerKind kind in Enum.GetValues<OptimizerKind>())
        {
            AssertSameBits(backend =>
            {
                using var trainer = new Trainer(backend, backend, widths, rows, kind);
                trainer.Step(times: 40);
                return trainer.Read();
            });
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void StepsGoTogether(int[] widths, int rows) => AssertSameBits(backend =>
    {
        // Of whole batches and a shorter one, with single steps and other callers of the parameters between.
        using var trainer = new Trainer(backend, backend, widths, rows);
        for (int i = 0; i < 6; i++)
        {
            trainer.StepTogether(times: 9, last: i % 2 == 0 ? 16 : 80);
            trainer.Step(times: 2);
            trainer.StepTogether(times: 5, last: 0);
            if (i % 3 == 2)
            {
                backend.CopyIn<float>(trainer.Problem.Parameters, trainer.Parameters);
            }
        }

        return trainer.Read();
    });

    [Theory]
    [MemberData(nameof(Networks))]
    public void ParametersAreReplacedBetweenSteps(int[] widths, int rows) => AssertSameBits(backend =>
    {
        using var trainer = new Trainer(backend, backend, widths, rows);
        trainer.Step(times: 20);
        backend.CopyIn<float>(trainer.Problem.Parameters, trainer.Parameters);
        trainer.Step(times: 20);
        backend.CopyIn<float>(SampleNumbers.Normal(5, 8), trainer.Parameters.Slice(16, 8));
        trainer.Step(times: 20);
        return trainer.Read();
    });

    [Theory]
    [MemberData(nameof(Networks))]
    public void MomentsAreReplacedBetweenSteps(int[] widths, int rows) => AssertSameBits(backend =>
    {
        using var trainer = new Trainer(backend, backend, widths, rows);
        trainer.Step(times: 20);
        backend.Clear<float>(trainer.First);
        trainer.Step(times: 20);
        backend.Clear<float>(trainer.Second);
        trainer.Step(times: 20);
        return trainer.Read();
    });

    [Theory]
    [MemberData(nameof(Networks))]
    public void BatchesOfFewRowsAndGradientsAloneComeBetween(int[] widths, int rows) => AssertSameBits(backend =>
    {
        using var trainer = new Trainer(backend, backend, widths, rows);
        for (int i = 0; i < 3; i++)
        {
            trainer.Step(times: 10);
            trainer.Step(rows: 16);
            trainer.Step(times: 10);
            trainer.Differentiate();
            trainer.Step(times: 10);
            trainer.Differentiate();
            trainer.UpdateAlone();
        }

        return trainer.Read();
    });

    [Fact]
    public void NetworksTakeTurns() => AssertSameBits(backend =>
    {
        Trainer[] trainers = [.. Networks.Concat(Networks).Select((row, i) => new Trainer(backend, backend, row.Data.Item1, row.Data.Item2, seed: i + 1))];
        for (int i = 0; i < 5; i++)
        {
            foreach (Trainer trainer in trainers)
            {
                // Enough for a worker that slept to wake up.
                trainer.Step(times: 20);
            }
        }

        float[] all = [.. trainers.SelectMany(trainer => trainer.Read())];
        Array.ForEach(trainers, trainer => trainer.Dispose());
        return all;
    });

    [Theory]
    [MemberData(nameof(Networks))]
    public void BackendsTakeTurnsWithTheSameBuffers(int[] widths, int rows) => AssertSameBits(backend =>
    {
        using var other = new CpuBackend(backend.Threads);
        using var trainer = new Trainer(backend, backend, widths, rows);
        for (int i = 0; i < 4; i++)
        {
            trainer.Backend = i % 2 == 0 ? backend : other;
            trainer.Step(times: 20);
        }

        return trainer.Read();
    });

    [Theory]
    [MemberData(nameof(Networks))]
    public void CallersShareOneBackend(int[] widths, int rows) => AssertSameBits(backend =>
    {
        Trainer[] trainers = [.. Enumerable.Range(0, 3).Select(i => new Trainer(backend, backend, widths, rows, seed: i + 1))];
        Thread[] callers = [.. trainers.Select(trainer => new Thread(() => trainer.Step(times: 40)))];
        Array.ForEach(callers, caller => caller.Start());
        Array.ForEach(callers, caller => caller.Join());
        float[] all = [.. trainers.SelectMany(trainer => trainer.Read())];
        Array.ForEach(trainers, trainer => trainer.Dispose());
        return all;
    });

    [Theory]
    [MemberData(nameof(Networks))]
    public void TheWorkerIsOftenLate(int[] widths, int rows) => AssertSameBits(backend =>
    {
        // Other threads take the processors away: the caller makes whole steps alone, at times while the worker is still busy with an earlier one.
        bool stops = false;
        Thread[] busy = [.. Enumerable.Range(0, backend.Threads == 1 ? 0 : 2 * Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref stops))
            {
                Thread.SpinWait(10);
            }
        }))];
        Array.ForEach(busy, thread => thread.Start());
        using var trainer = new Trainer(backend, backend, widths, rows);
        trainer.Step(times: 400);
        for (int i = 0; i < 20; i++)
        {
            trainer.StepTogether(times: 20, last: 0);
        }

        Volatile.Write(ref stops, true);
        Array.ForEach(busy, thread => thread.Join());
        return trainer.Read();
    });

    [Fact]
    public void BuffersThatLieAnywhere() => AssertSameBits(backend =>
    {
        using var trainer = new Trainer(backend, backend, [13, 256, 128, 1], 64, offset: 3);
        trainer.Step(times: 5);
        return trainer.Read();
    });

    private static void AssertSameBits(Func<CpuBackend, float[]> run)
    {
        using var one = new CpuBackend(1);
        using var two = new CpuBackend(2);
        float[] expected = run(one), actual = run(two);
        Assert.All(expected, value => Assert.True(float.IsFinite(value)));
        Assert.Equal(expected.Select(BitConverter.SingleToUInt32Bits), actual.Select(BitConverter.SingleToUInt32Bits));
    }

    /// <summary>A network with its table, parameters and moments on a backend.</summary>
    private sealed class Trainer : IDisposable
    {
        private readonly OptimizerKind _kind;
        private readonly CpuBackend _owner;
        private readonly DeviceBuffer<float> _inputs;
        private readonly DeviceBuffer<float> _targets;
        private readonly DeviceBuffer<float> _weights;
        private readonly DeviceBuffer<int> _rows;
        private readonly DeviceBuffer<float> _gradient;
        private readonly DeviceBuffer<double> _loss;
        private readonly DeviceBuffer<float>[] _state;
        private long _step;

        public Trainer(CpuBackend owner, CpuBackend backend, int[] widths, int rows, OptimizerKind kind = OptimizerKind.AdamW, int seed = 1, int offset = 0)
        {
            _kind = kind;
            _owner = owner;
            Backend = backend;
            Problem = new NetworkProblem(widths, Activation.Relu, 0, RegressionLoss.Mse, rows, seed: seed);
            Assert.True(backend.TakesNetwork(Problem.Plan, rows));
            _inputs = owner.Upload(Problem.Inputs);
            _targets = owner.Upload(Problem.Targets);
            _weights = owner.Upload(Problem.Weights!);
            _rows = owner.Upload(Problem.Rows);
            long length = Problem.Plan.ParameterLength;
            _gradient = owner.Allocate<float>(length);
            _loss = owner.Allocate<double>(1);
            _state = [.. Enumerable.Range(0, 3).Select(_ => owner.Allocate<float>(length + offset))];
            (Parameters, First, Second) = (_state[0].Slice(offset, length), _state[1].Slice(offset, length), _state[2].Slice(offset, length));
            owner.CopyIn<float>(Problem.Parameters, Parameters);
        }

        public CpuBackend Backend { get; set; }

        public NetworkProblem Problem { get; }

        public DeviceView<float> Parameters { get; }

        public DeviceView<float> First { get; }

        public DeviceView<float> Second { get; }

        private OptimizerStep Next => new(_kind, 1e-3f, 0.9f, 0.999f, 1e-8f, 1e-4f, ++_step);

        public void Step(int times = 1, int rows = 0)
        {
            for (int i = 0; i < Fewer(times); i++)
            {
                Backend.NetworkGradient(Problem.Plan, BatchOf(rows), default, new ParameterUpdate(Next, First, Second), Parameters, default, _gradient, _loss);
            }
        }

        /// <summary>Whole batches in one operation, and one of <paramref name="last"/> rows unless that is 0.</summary>
        public void StepTogether(int times, int last)
        {
            int rows = Problem.Rows.Length;
            int[] numbers = [.. Enumerable.Range(0, Fewer(times) * rows + Math.Min(last, rows)).Select(i => Problem.Rows[i * 7 % rows])];
            using DeviceBuffer<int> all = _owner.Upload(numbers);
            NetworkBatch batches = BatchOf(0) with { Rows = all };
            Backend.NetworkSteps(Problem.Plan, batches, rows, default, new ParameterUpdate(Next, First, Second), Parameters, default, _gradient, _loss);
            _step += (numbers.Length - 1) / rows;
        }

        public void Differentiate() => Backend.NetworkGradient(Problem.Plan, BatchOf(0), default, default, Parameters, default, _gradient, _loss);

        public void UpdateAlone() => Backend.UpdateParameters(Next, Parameters, _gradient, First, Second);

        public float[] Read() => [.. Backend.Download(Parameters), .. Backend.Download(First), .. Backend.Download(Second), (float)Backend.Download(_loss)[0]];

        public void Dispose()
        {
            foreach (IDisposable item in (IDisposable[])[_inputs, _targets, _weights, _rows, _gradient, _loss, .. _state])
            {
                item.Dispose();
            }
        }

        // Without vectors a step takes a hundred times as long, and a worker that slept is awake behind the first one.
        private static int Fewer(int times) => System.Numerics.Vector.IsHardwareAccelerated ? times : (times + 7) / 8;

        private NetworkBatch BatchOf(int rows) => new(_inputs, _targets, _weights, rows == 0 ? _rows.View : _rows.Slice(0, rows), 0);
    }
}
