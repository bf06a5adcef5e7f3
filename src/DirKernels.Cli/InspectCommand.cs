using System.CommandLine;

namespace DirKernels.Cli;

/// <summary><c>dirkernels inspect</c>: what a model file holds.</summary>
internal static class InspectCommand
{
    public static Command Create(CommandStreams streams)
    {
        var model = new Argument<string>("MODEL") { Description = "A model file or checkpoint written by train." };
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("inspect", "Describes a model file: network, columns, bins, how it was trained.") { model, json };
        command.SetAction(parsed =>
        {
            TrainedModel trained = TrainedModel.Read(parsed.GetValue(model)!);
            if (parsed.GetValue(json))
            {
                InspectOutput.WriteJson(streams.Output, trained);
            }
            else
            {
                InspectOutput.WriteText(streams.Output, trained);
            }

            return ExitCode.Success;
        });
        return command;
    }
}
