using System.Text.Json;
using DirKernels.Methods;
using Xunit;

namespace DirKernels.Cli.Tests;

public sealed class MethodsCommandTests
{
    [Fact]
    public void TheListShowsEveryPart()
    {
        string[] lines = CommandRun.Of("methods").AssertSucceeds().Output.Split('\n');
        Assert.Matches("^part +kind +what it does$", lines[0]);
        foreach (MethodPart part in MethodPart.All)
        {
            int at = Array.FindIndex(lines, line => line.StartsWith(part.Usage + " ", StringComparison.Ordinal));
            Assert.EndsWith("  " + part.Summary, lines[at]);
            Assert.EndsWith("  " + part.Source, lines[at + 1]);
            Assert.All(part.Options, option => Assert.Contains(option.ToString(), lines[at + 2]));
        }
    }

    [Fact]
    public void TheJsonHoldsTheSame()
    {
        JsonElement root = JsonDocument.Parse(CommandRun.Of("methods", "--json").AssertSucceeds().Output).RootElement;
        Assert.Equal("dirkernels.methods/1", root.GetProperty("schema").GetString());
        JsonElement[] parts = [.. root.GetProperty("parts").EnumerateArray()];
        Assert.Equal(MethodPart.All.Select(part => part.Name), parts.Select(part => part.GetProperty("name").GetString()!));
        Assert.Equal(MethodPart.All.Select(part => part.Source), parts.Select(part => part.GetProperty("source").GetString()!));
        JsonElement power = parts.Single(part => part.GetProperty("name").GetString() == "power");
        Assert.Equal("power:P", power.GetProperty("usage").GetString());
        Assert.Equal("power:0.75", power.GetProperty("example").GetString());
        Assert.Equal("weights", power.GetProperty("kind").GetString());
        Assert.Equal("none", power.GetProperty("options").GetProperty("--max-weight").GetString());
    }

    /// <summary>An option that a part claims to read is one of the command line, with the default that the part claims.</summary>
    [Fact]
    public void EveryOptionExistsWithItsDefault()
    {
        string help = CommandRun.Of("train", "--help").AssertSucceeds().Output;
        string[] lines = help.Split('\n');
        foreach (MethodOption option in MethodPart.All.SelectMany(part => part.Options).Distinct())
        {
            int at = Array.FindIndex(lines, line => line.TrimStart().StartsWith(option.Name + " ", StringComparison.Ordinal));
            Assert.True(at >= 0, $"{option.Name} is no option of train");
            string text = string.Join(' ', lines.Skip(at).TakeWhile((line, i) => i == 0 || !line.TrimStart().StartsWith("--", StringComparison.Ordinal)).Select(line => line.Trim()));

            // What is none or follows from others has no default on the command line.
            if (option.Default is not ("none" or "a third") && option.Name != "--clip")
            {
                Assert.Contains($"[default: {option.Default}]", text);
            }
        }
    }
}
