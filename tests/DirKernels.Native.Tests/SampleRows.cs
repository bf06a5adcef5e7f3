using System.Globalization;
using System.Text;

namespace DirKernels.Native.Tests;

/// <summary>A long-tailed table of 400 rows with a text column.</summary>
internal static class SampleRows
{
    /// <summary>Writes it to a folder and gives its path.</summary>
    public static string Write(string folder)
    {
        var numbers = new NumberStream(31);
        var text = new StringBuilder("a,b,kind,y\n");
        for (int row = 0; row < 400; row++)
        {
            double a = numbers.Next(), b = numbers.Next();
            text.Append(CultureInfo.InvariantCulture, $"{a:R},{b:R},{(b < 0.3 ? "low" : "high")},{40 * a * a * a + b:R}\n");
        }

        string path = Path.Combine(folder, "t.csv");
        File.WriteAllText(path, text.ToString());
        return path;
    }
}
