using System.Globalization;

namespace DirKernels.Cli;

/// <summary>Numbers in option values such as <c>--bins 0,10,98</c>.</summary>
internal static class NumberList
{
    /// <summary>The numbers of a comma-separated list.</summary>
    /// <param name="text">The value of the option.</param>
    /// <param name="option">Its name, for the message.</param>
    /// <param name="names">What the numbers are called, which also says how many there must be.</param>
    /// <exception cref="ArgumentException">Another count, or something that is not a finite number.</exception>
    public static double[] Parse(string text, string option, params string[] names)
    {
        string[] parts = text.Split(',');
        var numbers = new double[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            if (parts.Length != names.Length
                || !double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i])
                || !double.IsFinite(numbers[i]))
            {
                throw new ArgumentException($"{option}: '{text}' is not {string.Join(',', names)}");
            }
        }

        return numbers;
    }
}
