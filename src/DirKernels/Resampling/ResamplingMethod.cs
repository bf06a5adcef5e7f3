namespace DirKernels.Resampling;

/// <summary>One way to resample, as people name it.</summary>
/// <param name="Name">Its part in a method: <c>smogn</c>.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Summary">One sentence about it.</param>
/// <param name="Source">Where it was published.</param>
public sealed record ResamplingMethod(string Name, ResamplingKind Kind, string Summary, string Source)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ResamplingMethod> All { get; } =
    [
        new("ro", ResamplingKind.RandomOver, "Copies rare training rows at random until they are as many as the normal ones.", "Branco, Torgo and Ribeiro, Neurocomputing 343, 2019"),
        new("ru", ResamplingKind.RandomUnder, "Leaves out normal training rows at random until they are as few as the rare ones.", "Torgo, Branco, Ribeiro and Pfahringer, Expert Systems 32, 2015"),
        new("gn", ResamplingKind.GaussianNoise, "Leaves out normal training rows and adds copies of rare ones with Gaussian noise on inputs and labels.", "Branco, Ribeiro and Torgo, 2016; Branco, Torgo and Ribeiro, LIDTA 2017"),
        new("smoter", ResamplingKind.Smoter, "Leaves out normal training rows and adds rows interpolated between rare ones and their nearest neighbours.", "Torgo, Ribeiro, Pfahringer and Branco, EPIA 2013"),
        new("smogn", ResamplingKind.Smogn, "Leaves out normal training rows and adds rows interpolated between rare neighbours that are close, or with Gaussian noise where they are far.", "Branco, Torgo and Ribeiro, LIDTA 2017"),
        new("wercs", ResamplingKind.Wercs, "Copies training rows with probability proportional to their relevance and leaves out others in proportion to its complement.", "Branco, Torgo and Ribeiro, Neurocomputing 343, 2019"),
    ];

    /// <summary>The one of a given name, or null.</summary>
    public static ResamplingMethod? Find(string name) => All.FirstOrDefault(method => method.Name == name);

    /// <summary>The one of a given kind.</summary>
    public static ResamplingMethod Of(ResamplingKind kind) => All.First(method => method.Kind == kind);
}
