using System.Runtime.InteropServices;
using DirKernels.Networks;

namespace DirKernels.Native;

/// <summary><c>dk_model_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ModelInformation
{
    public nuint StructSize;
    public int Inputs;
    public int Targets;
    public int HasUncertainty;
    public int TakesTableRows;
    public int Bins;
    public int HiddenLayers;

    public static ModelInformation Of(ModelSnapshot snapshot) => new()
    {
        Inputs = snapshot.Shape.Inputs,
        Targets = snapshot.Shape.Targets,
        HasUncertainty = snapshot.Shape.Head.IsValue ? 0 : 1,
        TakesTableRows = snapshot.Metadata.ContainsKey(ModelColumns.Key) ? 1 : 0,
        Bins = snapshot.Bins.Count,
        HiddenLayers = snapshot.Shape.Hidden.Count,
    };
}
