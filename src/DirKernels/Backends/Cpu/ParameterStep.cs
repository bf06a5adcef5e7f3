using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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

    private readonly bool HasSecond => _step.Kind != OptimizerKind.Sgd;

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

    /// <summary>Whether both move the same parameters and moments.</summary>
    public readonly bool IsOfSame(in ParameterStep other) => _parameters == other._parameters && _first == other._first && _second == other._second;

    /// <summary>The same step of another copy of the parameters.</summary>
    public readonly ParameterStep At(float* parameters, float* first, float* second)
    {
        ParameterStep step = this;
        step._parameters = parameters;
        step._first = first;
        step._second = second;
        return step;
    }

    /// <summary>Another step of the same parameters.</summary>
    public readonly ParameterStep Of(in OptimizerStep step) => Of(step, _parameters, _first, _second);

    /// <summary>[n] what is moved.</summary>
    public readonly float* Parameters => _parameters;

    /// <summary>Copies parameters and moments as they are to another copy of them.</summary>
    /// <param name="from">First parameter here.</param>
    /// <param name="copy">Where to.</param>
    /// <param name="at">First parameter there.</param>
    /// <param name="count">Parameters.</param>
    public readonly void CopyTo(long from, in ParameterStep copy, long at, int count)
    {
        new ReadOnlySpan<float>(_parameters + from, count).CopyTo(new Span<float>(copy._parameters + at, count));
        new ReadOnlySpan<float>(_first + from, count).CopyTo(new Span<float>(copy._first + at, count));
        if (HasSecond)
        {
            new ReadOnlySpan<float>(_second + from, count).CopyTo(new Span<float>(copy._second + at, count));
        }
    }

    /// <summary>The same past the caches, see <see cref="CacheLine.CopyAround"/>.</summary>
    public readonly void CopyAroundTo(long from, in ParameterStep copy, long at, int count)
    {
        CacheLine.CopyAround(_parameters + from, copy._parameters + at, count);
        CacheLine.CopyAround(_first + from, copy._first + at, count);
        if (HasSecond)
        {
            CacheLine.CopyAround(_second + from, copy._second + at, count);
        }
    }

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
        int done = InstructionSet.Bits switch
        {
            512 => Descend<Simd512, Vector512<float>>(gradient, parameters, first, count),
            256 => Descend<Simd256, Vector256<float>>(gradient, parameters, first, count),
            _ => Descend<Simd128, Vector128<float>>(gradient, parameters, first, count),
        };
        for (int i = done; i < count; i++)
        {
            float g = float.MultiplyAddEstimate(parameters[i], _step.WeightDecay, gradient[i]);
            first[i] = ZeroBelow(OptimizerStep.SmallestFirst, float.MultiplyAddEstimate(first[i], _step.Beta1, g));
            parameters[i] -= first[i] * _step.Rate;
        }
    }

    // Constants in registers: for all that a compiler knows, what is stored could be the description of the step.
    [MethodImpl(KernelMethod.Options)]
    private readonly int Descend<TSimd, TVector>(float* gradient, float* parameters, float* first, int count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector decay = TSimd.Broadcast(_step.WeightDecay), beta = TSimd.Broadcast(_step.Beta1), rate = TSimd.Broadcast(_step.Rate);
        TVector smallest = TSimd.Broadcast(OptimizerStep.SmallestFirst);
        int i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            TVector parameter = TSimd.Load(parameters + i), g = TSimd.MultiplyAdd(parameter, decay, TSimd.Load(gradient + i));
            TVector m = TSimd.ZeroBelow(smallest, TSimd.MultiplyAdd(TSimd.Load(first + i), beta, g));
            TSimd.Store(m, first + i);
            TSimd.Store(TSimd.Subtract(parameter, TSimd.Multiply(m, rate)), parameters + i);
        }

        return i;
    }

    private readonly void Adapt(float* gradient, float* parameters, float* first, float* second, int count)
    {
        float coupledDecay = _step.Kind == OptimizerKind.Adam ? _step.WeightDecay : 0;
        float keep = _step.Kind == OptimizerKind.AdamW ? 1 - _step.Rate * _step.WeightDecay : 1;
        int done = InstructionSet.Bits switch
        {
            512 => Adapt<Simd512, Vector512<float>>(gradient, parameters, first, second, count, coupledDecay, keep),
            256 => Adapt<Simd256, Vector256<float>>(gradient, parameters, first, second, count, coupledDecay, keep),
            _ => Adapt<Simd128, Vector128<float>>(gradient, parameters, first, second, count, coupledDecay, keep),
        };
        for (int i = done; i < count; i++)
        {
            float g = float.MultiplyAddEstimate(parameters[i], coupledDecay, gradient[i]);
            first[i] = ZeroBelow(OptimizerStep.SmallestFirst, float.MultiplyAddEstimate(first[i], _step.Beta1, g * (1 - _step.Beta1)));
            second[i] = ZeroBelow(OptimizerStep.SmallestSecond, float.MultiplyAddEstimate(second[i], _step.Beta2, g * g * (1 - _step.Beta2)));
            float root = float.MultiplyAddEstimate(MathF.Sqrt(second[i]), _rootSecondCorrection, _step.Epsilon);
            parameters[i] = parameters[i] * keep - first[i] * _rate / root;
        }
    }

    [MethodImpl(KernelMethod.Options)]
    private readonly int Adapt<TSimd, TVector>(float* gradient, float* parameters, float* first, float* second, int count, float coupledDecay, float keep)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector beta1 = TSimd.Broadcast(_step.Beta1), rest1 = TSimd.Broadcast(1 - _step.Beta1), beta2 = TSimd.Broadcast(_step.Beta2), rest2 = TSimd.Broadcast(1 - _step.Beta2);
        TVector smallestFirst = TSimd.Broadcast(OptimizerStep.SmallestFirst), smallestSecond = TSimd.Broadcast(OptimizerStep.SmallestSecond);
        TVector decay = TSimd.Broadcast(coupledDecay), kept = TSimd.Broadcast(keep), rate = TSimd.Broadcast(_rate);
        TVector correction = TSimd.Broadcast(_rootSecondCorrection), epsilon = TSimd.Broadcast(_step.Epsilon);
        int i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            TVector parameter = TSimd.Load(parameters + i), g = TSimd.MultiplyAdd(parameter, decay, TSimd.Load(gradient + i));
            TVector m = TSimd.ZeroBelow(smallestFirst, TSimd.MultiplyAdd(TSimd.Load(first + i), beta1, TSimd.Multiply(g, rest1)));
            TVector v = TSimd.ZeroBelow(smallestSecond, TSimd.MultiplyAdd(TSimd.Load(second + i), beta2, TSimd.Multiply(TSimd.Multiply(g, g), rest2)));
            TSimd.Store(m, first + i);
            TSimd.Store(v, second + i);
            TVector root = TSimd.MultiplyAdd(TSimd.Sqrt(v), correction, epsilon);
            TSimd.Store(TSimd.Subtract(TSimd.Multiply(parameter, kept), TSimd.Divide(TSimd.Multiply(m, rate), root)), parameters + i);
        }

        return i;
    }

    // NaN is not below anything.
    private static float ZeroBelow(float smallest, float moment) => MathF.Abs(moment) < smallest ? 0 : moment;
}
