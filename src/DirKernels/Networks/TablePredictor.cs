using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;

namespace DirKernels.Networks;

/// <summary>Predicts rows as they stand in a table, from any number of threads at once: numbers unscaled, text columns one-hot, values in original units.</summary>
/// <remarks>
/// <para>
/// Inputs stand in the order of <see cref="ModelColumns.InputNames"/>. Each becomes <c>(x - mean) / scale</c> in double precision, rounded to single; NaN stands
/// for the median of its column when the model was trained so, and otherwise is an error. A model that does not say where its inputs come from takes
/// them as they are.
/// </para>
/// <para>Immutable and thread-safe, like <see cref="Predictor"/>, which does the rest; scaled rows lie in rented memory, so that a call allocates nothing.</para>
/// </remarks>
public sealed class TablePredictor : IDisposable
{
    /// <summary>Rows that are scaled together: those that go through the network together.</summary>
    private const int BatchRows = 1024;

    /// <summary>Inputs that are scaled on the stack, 4 KB.</summary>
    private const int StackLimit = 1024;

    private readonly Predictor _predictor;
    private readonly InputScaling? _scaling;
    private readonly InputScaler? _scaler;

    /// <summary>Prepares a model for prediction.</summary>
    /// <param name="snapshot">The model; its arrays are copied.</param>
    /// <param name="threads">Threads that share a large batch; see <see cref="Predictor(RegressionModel, int)"/>.</param>
    /// <exception cref="InvalidDataException">Its columns are damaged or do not fit the network.</exception>
    public TablePredictor(ModelSnapshot snapshot, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        _scaling = InputScaling.Of(snapshot);
        _predictor = snapshot.ToPredictor(threads);
        _scaler = _scaling is null ? null : new InputScaler(_scaling, Shape.Inputs);
    }

    /// <summary>Sizes and functions of the network.</summary>
    public NetworkShape Shape => _predictor.Shape;

    /// <summary>Whether the model says how uncertain its predictions are.</summary>
    public bool KnowsUncertainty => _predictor.KnowsUncertainty;

    /// <summary>Predicts rows of single or double precision.</summary>
    /// <typeparam name="TInput">Float or double; doubles give the bits that the command predicts from a table.</typeparam>
    /// <param name="inputs">[n x inputs], as in the table; any n.</param>
    /// <param name="values">[n x targets], in original units.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    /// <exception cref="InvalidDataException">A value is no input: NaN, or too far from the training rows; row and input are named.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed of.</exception>
    public void Predict<TInput>(ReadOnlySpan<TInput> inputs, Span<double> values)
        where TInput : unmanaged, IFloatingPoint<TInput>
    {
        PredictionPass.CountRows(Shape, inputs.Length, values.Length);
        PredictRows(inputs, values, default);
    }

    /// <summary>Predicts rows and says how uncertain the predictions are.</summary>
    /// <typeparam name="TInput">Float or double; doubles give the bits that the command predicts from a table.</typeparam>
    /// <param name="inputs">[n x inputs], as in the table; any n.</param>
    /// <param name="values">[n x targets], in original units.</param>
    /// <param name="uncertainties">[n x targets] standard deviations, in original units; see <see cref="PredictionHead"/>.</param>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    /// <exception cref="InvalidOperationException">The head says values only.</exception>
    /// <exception cref="InvalidDataException">A value is no input: NaN, or too far from the training rows; row and input are named.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed of.</exception>
    public void Predict<TInput>(ReadOnlySpan<TInput> inputs, Span<double> values, Span<double> uncertainties)
        where TInput : unmanaged, IFloatingPoint<TInput>
    {
        PredictionPass.CheckUncertainties(KnowsUncertainty, values.Length, uncertainties.Length);
        PredictionPass.CountRows(Shape, inputs.Length, values.Length);
        PredictRows(inputs, values, uncertainties);
    }

    /// <inheritdoc/>
    public void Dispose() => _predictor.Dispose();

    private void PredictRows<TInput>(ReadOnlySpan<TInput> inputs, Span<double> values, Span<double> uncertainties)
        where TInput : unmanaged, IFloatingPoint<TInput>
    {
        int columns = Shape.Inputs, targets = Shape.Targets, rows = values.Length / targets;
        long needed = (long)Math.Min(rows, BatchRows) * columns;
        float[]? rented = needed > StackLimit ? ArrayPool<float>.Shared.Rent(checked((int)needed)) : null;
        Span<float> memory = rented is null ? stackalloc float[(int)needed] : rented;
        try
        {
            for (int first = 0; first < rows; first += BatchRows)
            {
                int count = Math.Min(BatchRows, rows - first);
                Span<float> scaled = memory[..(count * columns)];
                Scale(inputs.Slice(first * columns, count * columns), first, scaled);
                Span<double> predicted = values.Slice(first * targets, count * targets);
                if (uncertainties.IsEmpty)
                {
                    _predictor.Predict(scaled, predicted);
                }
                else
                {
                    _predictor.Predict(scaled, predicted, uncertainties.Slice(first * targets, count * targets));
                }
            }
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<float>.Shared.Return(rented);
            }
        }
    }

    private void Scale<TInput>(ReadOnlySpan<TInput> raw, int firstRow, Span<float> scaled)
        where TInput : unmanaged, IFloatingPoint<TInput>
    {
        if (_scaler is null)
        {
            TensorPrimitives.ConvertTruncating(raw, scaled);
        }
        else
        {
            _scaler.Apply(raw, scaled);
        }

        if (!TensorPrimitives.IsFiniteAll<float>(scaled))
        {
            int broken = FirstNotFinite(scaled), row = firstRow + broken / Shape.Inputs, input = broken % Shape.Inputs;
            string scaling = _scaling is null ? "" : FormattableString.Invariant($" (mean {_scaling.Mean[input]:G6}, sd {_scaling.Scale[input]:G6} of the training rows)");
            throw new InvalidDataException(
                FormattableString.Invariant($"row {row}, input {input} (counted from 0) is {raw[broken]}, which is no finite input{scaling}"));
        }
    }

    private static int FirstNotFinite(ReadOnlySpan<float> values)
    {
        int at = 0;
        while (float.IsFinite(values[at]))
        {
            at++;
        }

        return at;
    }
}
