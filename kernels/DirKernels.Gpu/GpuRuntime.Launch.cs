using ILGPU;
using ILGPU.Runtime;

namespace DirKernels.Gpu;

/// <summary>Launches by number of parameters; the types come from the kernel's arguments.</summary>
internal sealed partial class GpuRuntime
{
    public void Launch<T1, T2>(KernelConfig shape, Action<T1, T2> kernel, T1 p1, T2 p2)
        where T1 : struct
        where T2 : struct =>
        Launcher<Action<AcceleratorStream, KernelConfig, T1, T2>>(kernel)(Stream, shape, p1, p2);

    public void Launch<T1, T2, T3>(KernelConfig shape, Action<T1, T2, T3> kernel, T1 p1, T2 p2, T3 p3)
        where T1 : struct
        where T2 : struct
        where T3 : struct =>
        Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3>>(kernel)(Stream, shape, p1, p2, p3);

    public void Launch<T1, T2, T3, T4>(KernelConfig shape, Action<T1, T2, T3, T4> kernel, T1 p1, T2 p2, T3 p3, T4 p4)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct =>
        Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4>>(kernel)(Stream, shape, p1, p2, p3, p4);

    public void Launch<T1, T2, T3, T4, T5>(KernelConfig shape, Action<T1, T2, T3, T4, T5> kernel, T1 p1, T2 p2, T3 p3, T4 p4, T5 p5)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct =>
        Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5>>(kernel)(Stream, shape, p1, p2, p3, p4, p5);

    public void Launch<T1, T2, T3, T4, T5, T6>(KernelConfig shape, Action<T1, T2, T3, T4, T5, T6> kernel, T1 p1, T2 p2, T3 p3, T4 p4, T5 p5, T6 p6)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct =>
        Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6>>(kernel)(Stream, shape, p1, p2, p3, p4, p5, p6);

    public void Launch<T1, T2, T3, T4, T5, T6, T7>(KernelConfig shape, Action<T1, T2, T3, T4, T5, T6, T7> kernel, T1 p1, T2 p2, T3 p3, T4 p4, T5 p5, T6 p6, T7 p7)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct =>
        Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7>>(kernel)(Stream, shape, p1, p2, p3, p4, p5, p6, p7);

    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8>(KernelConfig shape, Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel, T1 p1, T2 p2, T3 p3, T4 p4, T5 p5, T6 p6, T7 p7, T8 p8)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct =>
        Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8>>(kernel)(Stream, shape, p1, p2, p3, p4, p5, p6, p7, p8);

    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9>(KernelConfig shape, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9> kernel, T1 p1, T2 p2, T3 p3, T4 p4, T5 p5, T6 p6, T7 p7, T8 p8, T9 p9)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct =>
        Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9>>(kernel)(Stream, shape, p1, p2, p3, p4, p5, p6, p7, p8, p9);

    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(KernelConfig shape, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> kernel, T1 p1, T2 p2, T3 p3, T4 p4, T5 p5, T6 p6, T7 p7, T8 p8, T9 p9, T10 p10)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
        where T10 : struct =>
        Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>>(kernel)(Stream, shape, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10);

    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(KernelConfig shape, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> kernel, T1 p1, T2 p2, T3 p3, T4 p4, T5 p5, T6 p6, T7 p7, T8 p8, T9 p9, T10 p10, T11 p11)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
        where T10 : struct
        where T11 : struct =>
        Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>>(kernel)(Stream, shape, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11);

    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(KernelConfig shape, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> kernel, T1 p1, T2 p2, T3 p3, T4 p4, T5 p5, T6 p6, T7 p7, T8 p8, T9 p9, T10 p10, T11 p11, T12 p12)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
        where T10 : struct
        where T11 : struct
        where T12 : struct =>
        Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>>(kernel)(Stream, shape, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12);

    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>(KernelConfig shape, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13> kernel, T1 p1, T2 p2, T3 p3, T4 p4, T5 p5, T6 p6, T7 p7, T8 p8, T9 p9, T10 p10, T11 p11, T12 p12, T13 p13)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
        where T10 : struct
        where T11 : struct
        where T12 : struct
        where T13 : struct =>
        Launcher<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>>(kernel)(Stream, shape, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13);
}
