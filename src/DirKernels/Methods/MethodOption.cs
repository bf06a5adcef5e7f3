namespace DirKernels.Methods;

/// <summary>A setting that a part of a method reads.</summary>
/// <param name="Name">As the command line spells it: <c>--focal-beta</c>.</param>
/// <param name="Default">Its value when nobody sets it.</param>
public sealed record MethodOption(string Name, string Default)
{
    /// <summary>For people: <c>--focal-beta 0.2</c>.</summary>
    public override string ToString() => $"{Name} {Default}";
}
