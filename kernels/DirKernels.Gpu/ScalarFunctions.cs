using ILGPU;

namespace DirKernels.Gpu;

/// <summary>
/// Exponential, hyperbolic tangent and power from additions and multiplications. The devices' own are approximations of different quality
/// (tanh.approx is off by 5e-4), these have the same error everywhere.
/// </summary>
internal static class ScalarFunctions
{
    /// <summary>
    /// e^x: x = n ln 2 + r with |r| up to 0.35, a polynomial for e^r, and 2^n in two factors so that results below the normal numbers are right, too.
    /// Relative error below 2 2^-24. Coefficients: Cephes expf (Moshier, 1989).
    /// </summary>
    public static float Exp(float x)
    {
        // Beyond these bounds the result is infinite or 0 anyway. Comparisons, since minimum and maximum would lose a NaN.
        float c = x > 89f ? 89f : x;
        c = c < -104f ? -104f : c;
        float n = MathF.Floor(c * 1.44269504f + 0.5f);

        // 0.693359375 has nine bits: the product with n is exact.
        float r = c - n * 0.693359375f - n * -2.12194440e-4f;
        float p = 1.9875691500e-4f;
        p = p * r + 1.3981999507e-3f;
        p = p * r + 8.3334519073e-3f;
        p = p * r + 4.1665795894e-2f;
        p = p * r + 1.6666665459e-1f;
        p = p * r + 5.0000001201e-1f;
        float value = p * (r * r) + r + 1f;
        int whole = (int)n, half = whole / 2;
        return value * PowerOfTwo(half) * PowerOfTwo(whole - half);
    }

    /// <summary>tanh x, relative error below 4 2^-24. Coefficients: Cephes tanhf.</summary>
    public static float Tanh(float x)
    {
        float magnitude = MathF.Abs(x);
        if (magnitude < 0.625f)
        {
            float s = x * x;
            float p = -5.70498872745e-3f;
            p = p * s + 2.06390887954e-2f;
            p = p * s - 5.37397155531e-2f;
            p = p * s + 1.33314422036e-1f;
            p = p * s - 3.33332819422e-1f;
            return p * s * x + x;
        }

        float value = 1f - 2f / (Exp(2f * magnitude) + 1f);
        return x < 0 ? -value : value;
    }

    /// <summary>x^power for 0 &lt;= x &lt;= 1 and power &gt; 0 in double precision, rounded once: e^(power ln x), ln by the series of artanh.</summary>
    public static float Power(float x, float power)
    {
        if (!(x > 0f))
        {
            return x; // 0, or NaN
        }

        // x = m 2^e with m in [sqrt(1/2), sqrt(2)); a double holds every float as a normal number.
        ulong bits = Interop.FloatAsInt((double)x);
        int e = (int)(bits >> 52) - 1023;
        double m = Interop.IntAsFloat((bits & 0x000F_FFFF_FFFF_FFFFul) | 0x3FF0_0000_0000_0000ul);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            e++;
        }

        double s = (m - 1) / (m + 1), q = s * s;
        double series = 1.0 / 15;
        series = series * q + 1.0 / 13;
        series = series * q + 1.0 / 11;
        series = series * q + 1.0 / 9;
        series = series * q + 1.0 / 7;
        series = series * q + 1.0 / 5;
        series = series * q + 1.0 / 3;
        double logarithm = e * 0.69314718055994531 + 2 * s * (series * q + 1);
        double y = power * logarithm;
        if (y < -700)
        {
            return 0f;
        }

        double n = Math.Floor(y * 1.4426950408889634 + 0.5), r = y - n * 0.69314718055994531;
        double p = 1.0 / 39916800;
        p = p * r + 1.0 / 3628800;
        p = p * r + 1.0 / 362880;
        p = p * r + 1.0 / 40320;
        p = p * r + 1.0 / 5040;
        p = p * r + 1.0 / 720;
        p = p * r + 1.0 / 120;
        p = p * r + 1.0 / 24;
        p = p * r + 1.0 / 6;
        p = p * r + 0.5;
        double value = p * (r * r) + r + 1;
        return (float)(value * Interop.IntAsFloat((ulong)((long)n + 1023) << 52));
    }

    private static float PowerOfTwo(int exponent) => Interop.IntAsFloat((uint)(exponent + 127) << 23);
}
