namespace DirKernels.Cli;

/// <summary>Turns a value that an option cannot have into a message that names the option.</summary>
internal static class OptionRange
{
    /// <summary>Throws unless a rule holds: <c>--epochs: must be at least 1, but is 0</c>.</summary>
    /// <exception cref="ArgumentException">The rule does not hold.</exception>
    public static void Require(bool holds, string option, string rule, double value)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"{option}: {rule}, but is {value}"));
        }
    }

    /// <summary>Makes a value whose own checks do not know which option it comes from.</summary>
    /// <exception cref="ArgumentException">The value cannot be made; the message starts with the option.</exception>
    public static T Make<T>(string option, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException problem)
        {
            throw new ArgumentException($"{option}: {MessageOf(problem)}", problem);
        }
    }

    /// <summary>The message without the name of the parameter, which means nothing to the user of a command.</summary>
    public static string MessageOf(ArgumentException problem) =>
        problem.ParamName is null ? problem.Message : problem.Message.Replace($" (Parameter '{problem.ParamName}')", "", StringComparison.Ordinal);
}
