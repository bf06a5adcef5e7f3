namespace DirKernels.Methods;

/// <summary>One part that methods are composed of: its name, what it does, where it comes from, and the settings it reads.</summary>
/// <param name="Name">As it is written in a method, without its parameter: <c>lds</c>.</param>
/// <param name="Kind">What it acts on.</param>
/// <param name="Summary">One sentence about it.</param>
/// <param name="Source">Where it was published.</param>
/// <param name="Options">Settings that it reads.</param>
public sealed record MethodPart(string Name, MethodPartKind Kind, string Summary, string Source, params IReadOnlyList<MethodOption> Options)
{
    /// <summary>All parts, <c>vanilla</c> first.</summary>
    public static IReadOnlyList<MethodPart> All => MethodCatalogue.All;

    /// <summary>Letter of the number behind the colon, as in <c>power:P</c>; null when there is none.</summary>
    public string? Parameter { get; init; }

    /// <summary>As it is written, the parameter as its letter: <c>power:P</c>.</summary>
    public string Usage => Parameter is null ? Name : $"{Name}:{Parameter}";

    /// <summary>The part as a method of its own: <c>power:0.75</c>.</summary>
    public string Example { get; init; } = Name;

    /// <summary>Of the parts that share a place in a method, at most one can be named; null for parts that only exclude themselves.</summary>
    internal string? Place { get; init; }

    /// <summary>Sets what the part stands for.</summary>
    internal Func<Method, string, Method> Apply { get; init; } = (method, _) => method;

    /// <summary>The part of a given name, or null.</summary>
    /// <param name="name">Without a parameter.</param>
    public static MethodPart? Find(string name) => All.FirstOrDefault(part => part.Name == name);

    /// <inheritdoc/>
    public override string ToString() => Usage;
}
