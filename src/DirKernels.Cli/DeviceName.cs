using System.Globalization;

namespace DirKernels.Cli;

/// <summary>A device as the user names it: <c>cpu</c>, <c>gpu</c>, <c>cuda:0</c>, <c>opencl:1</c>; without a number the first of its kind.</summary>
/// <param name="Kind">The part before the colon.</param>
/// <param name="Index">The number, from 0.</param>
internal readonly record struct DeviceName(DeviceName.Kinds Kind, int Index)
{
    private static readonly (string Name, Kinds Kind)[] _names =
        [("cpu", Kinds.Cpu), ("gpu", Kinds.Gpu), ("cuda", Kinds.Cuda), ("opencl", Kinds.OpenCl), ("simulated", Kinds.Simulated)];

    /// <summary>Kinds of devices.</summary>
    internal enum Kinds
    {
        /// <summary>The processor.</summary>
        Cpu,

        /// <summary>The first CUDA device, or the first OpenCL device where there is none.</summary>
        Gpu,

        /// <summary>A device of the NVIDIA driver.</summary>
        Cuda,

        /// <summary>A device of an OpenCL runtime.</summary>
        OpenCl,

        /// <summary>The GPU kernels on a simulation: for tests, not told to users.</summary>
        Simulated,
    }

    /// <summary>Reads a name.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static DeviceName Parse(string option, string text)
    {
        string[] parts = text.Split(':');
        int index = 0;
        bool numbered = parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index);
        foreach ((string name, Kinds kind) in _names)
        {
            if (name == parts[0] && (parts.Length == 1 || (numbered && kind is Kinds.Cuda or Kinds.OpenCl)))
            {
                return new DeviceName(kind, index);
            }
        }

        throw new ArgumentException($"{option}: '{text}' is none of cpu, gpu, cuda:N, opencl:N");
    }

    /// <inheritdoc/>
    public override string ToString() => Kind is Kinds.Cuda or Kinds.OpenCl ? $"{NameOf(Kind)}:{Index}" : NameOf(Kind);

    private static string NameOf(Kinds kind) => Array.Find(_names, pair => pair.Kind == kind).Name;
}
