using System.Numerics;

namespace DirKernels.Backends.Cpu;

/// <summary>A step of the optimiser over runs of parameters, wherever their gradient has been left.</summary>
internal unsafe struct ParameterStep
{
    private OptimizerStep _step;
    private float _rate;
    private float _rootSecondCorrection;
    private float* _parameters;
    private float* _first;
    private float* _second;

    /// <summary>Whether parameters stay as they are.</summary>
    public readonly bool IsAbsent => _parameters == null;

    /// <summary>The step of a flat buffer of parameters.</summary>
    /// <param name="step">Kind, rates and the number of the step.</param>
    /// <param name="parameters">[n].</param>
    /// <param name="first">[n] first moments.</param>
    /// <param name="second">[n] second moments; not looked at by SGD.</param>
    public static ParameterStep Of(in OptimizerStep step, float* parameters, float* first, float* second) => new()
    {
        _step = step,
        _rate = step.Rate * step.FirstCorrection,
        _rootSecondCorrection = MathF.Sqrt(step.SecondCorrection),
        _parameters = parameters,
        _first = first,
        _second = second,
    };

    /// <summary>Moves the parameters <c>at .. at + count</c>.</summary>
    /// <param name="gradient">[count], theirs alone.</param>
    /// <param name="at">First parameter.</param>
    /// <param name="count">How many.</param>
    public readonly void Apply(float* gradient, long at, int count)
    {
        if (_step.Kind == OptimizerKind.Sgd)
        {
            Descend(gradient, _parameters + at, _first + at, count);
        }
        else
        {
            Adapt(gradient, _parameters + at, _first + at, _second + at, count);
        }
    }

    private readonly void Descend(float* gradient, float* parameters, float* first, int count)
    {
        int i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> parameter = Vector.Load(parameters + i);
            Vector<float> m = Vector.Load(first + i) * _step.Beta1 + (Vector.Load(gradient + i) + parameter * _step.WeightDecay);
            m = ZeroBelow(OptimizerStep.SmallestFirst, m);
            m.Store(first + i);
            (parameter - m * _step.Rate).Store(parameters + i);
        }

        for (; i < count; i++)
        {
            first[i] = ZeroBelow(OptimizerStep.SmallestFirst, _step.Beta1 * first[i] + (gradient[i] + _step.WeightDecay * parameters[i]));
            parameters[i] -= _step.Rate * first[i];
        }
    }

    private readonly void Adapt(float* gradient, float* parameters, float* first, float* second, int count)
    {
        float coupledDecay = _step.Kind == OptimizerKind.Adam ? _step.WeightDecay : 0;
        float keep = _step.Kind == OptimizerKind.AdamW ? 1 - _step.Rate * _step.WeightDecay : 1;
        int i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> parameter = Vector.Load(parameters + i);
            Vector<float> g = Vector.Load(gradient + i) + parameter * coupledDecay;
            Vector<float> m = Vector.Load(first + i) * _step.Beta1 + g * (1 - _step.Beta1);
            Vector<float> v = Vector.Load(second + i) * _step.Beta2 + g * g * (1 - _step.Beta2);
            m = ZeroBelow(OptimizerStep.SmallestFirst, m);
            v = ZeroBelow(OptimizerStep.SmallestSecond, v);
            m.Store(first + i);
            v.Store(second + i);
            Vector<float> root = Vector.SquareRoot(v) * _rootSecondCorrection + new Vector<float>(_step.Epsilon);
            (parameter * keep - m * _rate / root).Store(parameters + i);
        }

        for (; i < count; i++)
        {
            float g = gradient[i] + parameters[i] * coupledDecay;
            first[i] = ZeroBelow(OptimizerStep.SmallestFirst, first[i] * _step.Beta1 + g * (1 - _step.Beta1));
            second[i] = ZeroBelow(OptimizerStep.SmallestSecond, second[i] * _step.Beta2 + g * g * (1 - _step.Beta2));
            float root = MathF.Sqrt(second[i]) * _rootSecondCorrection + _step.Epsilon;
            parameters[i] = parameters[i] * keep - first[i] * _rate / root;
        }
    }

    // NaN is not below anything.
    private static float ZeroBelow(float smallest, float moment) => MathF.Abs(moment) < smallest ? 0 : moment;

    private static Vector<float> ZeroBelow(float smallest, Vector<float> moments) =>
        Vector.AndNot(moments, Vector.LessThan(Vector.Abs(moments), new Vector<float>(smallest)).As<int, float>());
}
