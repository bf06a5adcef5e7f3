namespace DirKernels;

/// <summary>Functions applied element by element behind a fully connected layer.</summary>
public enum Activation
{
    /// <summary>x.</summary>
    Identity,

    /// <summary>max(x, 0); derivative 0 at 0.</summary>
    Relu,

    /// <summary>x Phi(x), Phi the normal distribution function (by erf; absolute error below 4e-7 (1 + |x|)).</summary>
    Gelu,

    /// <summary>x sigmoid(x).</summary>
    Silu,

    /// <summary>tanh(x), absolute error below 4 2^-24.</summary>
    Tanh,
}
