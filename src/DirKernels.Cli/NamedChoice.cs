namespace DirKernels.Cli;

/// <summary>Option values that are one of a few words.</summary>
internal static class NamedChoice
{
    /// <summary>The value that a word stands for.</summary>
    /// <param name="option">Name of the option, for the message.</param>
    /// <param name="text">What the user wrote.</param>
    /// <param name="choices">The words and their values.</param>
    /// <exception cref="ArgumentException">It is none of the words; the message lists them.</exception>
    public static T Of<T>(string option, string text, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        foreach ((string name, T value) in choices)
        {
            if (name == text)
            {
                return value;
            }
        }

        var names = new string[choices.Length];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = choices[i].Name;
        }

        throw new ArgumentException($"{option}: '{text}' is none of {string.Join(", ", names)}");
    }
}
