using System.CommandLine;
using DirKernels.Methods;

namespace DirKernels.Cli;

/// <summary><c>dirkernels methods</c>: what <c>--method</c> and <c>--methods</c> can be made of.</summary>
internal static class MethodsCommand
{
    private const string Schema = "dirkernels.methods/1";

    public static Command Create(CommandStreams streams)
    {
        var json = new Option<bool>("--json") { Description = "Write the list as JSON." };
        var command = new Command("methods", "Lists the parts that methods are made of, joined by +: what each does, where it was published, and the options it reads.") { json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
            {
                WriteJson(streams.Output);
            }
            else
            {
                WriteText(streams.Output);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void WriteText(TextWriter writer)
    {
        int usage = MethodPart.All.Max(part => part.Usage.Length), kind = MethodPart.All.Max(part => KindOf(part).Length);
        string indent = new(' ', usage + kind + 4);
        writer.Write($"{"part".PadRight(usage)}  {"kind".PadRight(kind)}  what it does\n");
        foreach (MethodPart part in MethodPart.All)
        {
            writer.Write($"{part.Usage.PadRight(usage)}  {KindOf(part).PadRight(kind)}  {part.Summary}\n");
            writer.Write($"{indent}{part.Source}\n");
            if (part.Options.Count > 0)
            {
                writer.Write($"{indent}{string.Join(", ", part.Options)}\n");
            }
        }
    }

    private static void WriteJson(TextWriter writer) => JsonOutput.Write(writer, Schema, json =>
    {
        json.WriteStartArray("parts");
        foreach (MethodPart part in MethodPart.All)
        {
            json.WriteStartObject();
            json.WriteString("name", part.Name);
            json.WriteString("usage", part.Usage);
            json.WriteString("example", part.Example);
            json.WriteString("kind", KindOf(part));
            json.WriteString("summary", part.Summary);
            json.WriteString("source", part.Source);
            json.WriteStartObject("options");
            foreach (MethodOption option in part.Options)
            {
                json.WriteString(option.Name, option.Default);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static string KindOf(MethodPart part) => part.Kind.ToString().ToLowerInvariant();
}
