using System.Runtime.Intrinsics;

namespace DirKernels.Binning;

/// <summary>Bins of 16 labels in their order.</summary>
internal readonly struct BinsOf16(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d)
{
    public readonly Vector128<int> A = a;
    public readonly Vector128<int> B = b;
    public readonly Vector128<int> C = c;
    public readonly Vector128<int> D = d;
}
