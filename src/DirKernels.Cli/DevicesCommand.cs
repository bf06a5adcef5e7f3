using System.CommandLine;
using DirKernels.Backends.Cpu;

namespace DirKernels.Cli;

/// <summary><c>dirkernels devices</c>: what <c>--device</c> can name here.</summary>
internal static class DevicesCommand
{
    private const string Schema = "dirkernels.devices/1";

    public static Command Create(CommandStreams streams)
    {
        var json = new Option<bool>("--json") { Description = "Write the list as JSON." };
        var command = new Command("devices", "Lists the devices to compute on.") { json };
        command.SetAction(parsed =>
        {
            using var cpu = new CpuBackend();
            (string Name, string Description)[] devices = [("cpu", cpu.Description), .. GpuDevices.List()];
            if (parsed.GetValue(json))
            {
                WriteJson(streams.Output, devices);
            }
            else
            {
                WriteText(streams.Output, devices);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void WriteText(TextWriter writer, (string Name, string Description)[] devices)
    {
        foreach ((string name, string description) in devices)
        {
            writer.Write($"{name,-10} {description}\n");
        }

        if (devices.Length == 1)
        {
            writer.Write($"No GPU: {GpuDevices.Absence}.\n");
        }
    }

    private static void WriteJson(TextWriter writer, (string Name, string Description)[] devices) => JsonOutput.Write(writer, Schema, json =>
    {
        json.WriteStartArray("devices");
        foreach ((string name, string description) in devices)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("description", description);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
