using System.CommandLine;

namespace DirKernels.Cli;

/// <summary>Options of <c>train</c> about going on after a stop: <c>--checkpoint DIR --every N --resume</c>.</summary>
internal sealed class CheckpointArguments
{
    private readonly Option<string?> _folder = new("--checkpoint")
    {
        Description = "Keep the state of training in this folder while it runs: a run that is killed goes on with --resume to the same bits.",
        HelpName = "DIR",
    };

    private readonly Option<int> _every = new("--every")
    {
        Description = "With --checkpoint, epochs from one checkpoint to the next, 1 or more.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Go on from the newest checkpoint in DIR, or from the beginning if there is none; without --checkpoint, from MODEL.checkpoint, which a stopped run left.",
    };

    /// <summary>Makes the options part of a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_folder);
        command.Add(_every);
        command.Add(_resume);
    }

    /// <summary>What the user chose.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="modelPath">The model file.</param>
    /// <exception cref="ArgumentException">Options that contradict each other, or a folder with checkpoints that nobody asked to go on from.</exception>
    public CheckpointPlan Read(ParseResult parsed, string modelPath)
    {
        string? folder = parsed.GetValue(_folder);
        int every = parsed.GetValue(_every);
        bool resume = parsed.GetValue(_resume);
        OptionRange.Require(every >= 1, "--every", "must be 1 or more", every);
        if (folder is null && parsed.GetResult(_every) is { Implicit: false })
        {
            throw new ArgumentException("--every: there is no --checkpoint to write");
        }

        if (folder is { Length: 0 })
        {
            throw new ArgumentException("--checkpoint: the name of the folder is empty");
        }

        if (File.Exists(folder))
        {
            throw new ArgumentException($"--checkpoint: {folder} is a file, not a folder");
        }

        var store = new CheckpointStore(folder, modelPath);
        if (store.IsFolder && !resume && store.Find() is [var found, ..])
        {
            throw new ArgumentException($"--checkpoint: {found} is of a run that has not come to its end; go on with --resume, or delete it to start anew");
        }

        store.Prepare();
        return new CheckpointPlan(store, every, resume);
    }
}
