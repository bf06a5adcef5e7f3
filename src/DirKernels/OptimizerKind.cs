namespace DirKernels;

/// <summary>First-order optimisers; g is the gradient, p a parameter, t the number of the step from 1.</summary>
public enum OptimizerKind
{
    /// <summary>
    /// Kingma and Ba, 2015: g += decay p; m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; p -= rate (m/(1-b1^t)) / (sqrt(v/(1-b2^t)) + epsilon).
    /// </summary>
    Adam,

    /// <summary>Loshchilov and Hutter, 2019: Adam with p -= rate decay p instead of the decay in the gradient.</summary>
    AdamW,

    /// <summary>g += decay p; m = b1 m + g; p -= rate m. With b1 = 0 plain gradient descent.</summary>
    Sgd,
}
