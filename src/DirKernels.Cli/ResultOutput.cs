using System.Text;

namespace DirKernels.Cli;

/// <summary>Sends a result to standard output, or to a file that appears only when it is whole.</summary>
internal static class ResultOutput
{
    /// <param name="file">The file, or null for <paramref name="standardOutput"/>.</param>
    /// <param name="standardOutput">Where results go by default.</param>
    /// <param name="write">Writes the result.</param>
    public static void Write(string? file, TextWriter standardOutput, Action<TextWriter> write)
    {
        if (file is null)
        {
            write(standardOutput);
            return;
        }

        if (file.Length == 0)
        {
            throw new ArgumentException("--out: the name of the file is empty");
        }

        AtomicFile.Write(file, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 1 << 16, leaveOpen: true);
            writer.NewLine = "\n";
            write(writer);
        });
    }
}
