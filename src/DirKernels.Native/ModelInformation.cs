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

    /// <summary>Whether a model says how uncertain it is: by its head, or because several networks differ.</summary>
    public static bool KnowsUncertainty(ModelSnapshot snapshot) => snapshot.Networks.Count > 1 || !snapshot.Shape.Head.IsValue;

    public static ModelInformation Of(ModelSnapshot snapshot) => new()
    {
        Inputs = snapshot.Shape.Inputs,
        Targets = snapshot.Shape.Targets,
        HasUncertainty = KnowsUncertainty(snapshot) ? 1 : 0,
        TakesTableRows = snapshot.Metadata.ContainsKey(ModelColumns.Key) ? 1 : 0,
        Bins = snapshot.Bins.Count,
        HiddenLayers = snapshot.Shape.Hidden.Count,
    };
}
