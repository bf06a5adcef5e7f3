using Xunit;

namespace DirKernels.Cli.Tests;

public sealed class TrainBadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "standard input: the file is empty")]
    [InlineData("x,y\n", "standard input: there is a header but no rows")]
    [InlineData("x,z\n1,2\n", "standard input: there is no column 'y'; did you mean '")]
    [InlineData("x,y\n1,2\n3\n", "standard input: row 3: 1 fields, but the header has 2")]
    [InlineData("x,y\n1,2\n3,\n", "standard input: row 3, column 'y': the value is missing")]
    [InlineData("x,y\n1,2\n3,two\n", "standard input: row 3, column 'y': 'two' is not a number")]
    [InlineData("x,y\n1,2\ntwo,3\n", "standard input: row 3, column 'x': 'two' is not a number")]
    [InlineData("x,y\n1,2\n3,nan\n", "standard input: row 3, column 'y': 'nan' is not a finite number")]
    [InlineData("x,y\n1,2\n3,inf\n", "standard input: row 3, column 'y': 'inf' is not a finite number")]
    [InlineData("x,y\n1,low\n2,high\n", "standard input: row 2, column 'y': 'low' is text, but the column must be numeric")]
    [InlineData("x,y\n1,2\n", "standard input: there is only one training row")]
    [InlineData("x,y\n1,2\n2,2\n3,2\n", "standard input: column 'y': all 3 training labels are equal to 2")]
    [InlineData("x,y\n1,2\n2,3\n", "standard input: its 2 rows are too few, or too often the same, to set validation rows apart")]
    [InlineData("split,x,y\nval,1,2\ntest,1,3\n", "standard input: column 'split' has no training rows")]
    [InlineData("split,x,y\ntrain,1,2\nval,1,3\n", "standard input: there is only one training row")]
    [InlineData("split,x,y\ntrain,1,2\ntrain,1,2\nval,1,3\n", "all 2 training labels are equal to 2")]
    [InlineData("split,x,y\ntrain,1,2\ntrain,1,3\ntest,1,3\n", "standard input: column 'split' has no validation rows (val), which choose the best epoch")]
    [InlineData("split,x,y\ntrain,1,2\ndev,1,3\n", "standard input: row 3, column 'split': 'dev' is none of train, val, test")]
    [InlineData("split,y\ntrain,1\ntrain,2\nval,1\n", "standard input: there are no feature columns besides y, split")]
    [InlineData("y,y\n1,2\n", "standard input: ")]
    public void BadDataAreNamedAndLeaveNoFile(string input, string message)
    {
        CommandRun.WithInput(input, "train", "-", "--target", "y", "--out", _folder.PathOf("m.dir")).AssertFails(ExitCode.BadData, message);
        Assert.Empty(_folder.FileNames);
    }

    [Theory]
    [InlineData("--method: method 'magic': unknown part 'magic'", "--method", "magic")]
    [InlineData("--method: method 'lds+lds': the part 'lds' is named twice", "--method", "lds+lds")]
    [InlineData("--method: method 'inv+sqinv': more than one weighting", "--method", "inv+sqinv")]
    [InlineData("--bins: bins: the width must be a positive number, but is 0", "--bins", "0,0,10")]
    [InlineData("--size: smoothing kernel: the size must be odd and 1..65535, but is 4", "--size", "4")]
    [InlineData("--sigma: must be positive, but is -2", "--sigma", "-2")]
    [InlineData("--fds-size: smoothing kernel: the size must be odd and 1..65535, but is 6", "--fds-size", "6")]
    [InlineData("--fds-sigma: must be positive, but is 0", "--fds-sigma", "0")]
    [InlineData("--fds-sigma: must be positive, but is NaN", "--fds-sigma", "nan")]
    [InlineData("--fds-kernel: 'box' is none of gaussian, laplace, triangular, truncated-gaussian", "--fds-kernel", "box")]
    [InlineData("--fds-momentum: must be none or a number of at least 0 and below 1, but is '1'", "--fds-momentum", "1")]
    [InlineData("--fds-strength: must be above 0 and at most 1, but is 0", "--fds-strength", "0")]
    [InlineData("--fds-parts: 'some' is none of both, mean", "--fds-parts", "some")]
    [InlineData("--fds-mass: 'heavy' is none of uniform, count", "--fds-mass", "heavy")]
    [InlineData("--fds-clip: must be 0 < lower <= upper, but is 2,1", "--fds-clip", "2,1")]
    [InlineData("--fds-clip: '2' is not lower,upper", "--fds-clip", "2")]
    [InlineData("--fds-shrinkage: must be estimated or a number 0..1, but is '2'", "--fds-shrinkage", "2")]
    [InlineData("--fds-start: must be at least 1", "--fds-start", "0")]
    [InlineData("--empty-bins: 'drop' is none of exclude, fill, keep", "--empty-bins", "drop")]
    [InlineData("--covariance: covariance must be diagonal, full or block:G", "--covariance", "block:0")]
    [InlineData("--hidden: must be none or widths 1..65536", "--hidden", "128,0")]
    [InlineData("--hidden: must be none or widths 1..65536", "--hidden", "wide")]
    [InlineData("--activation: 'step' is none of relu, gelu, silu, tanh, identity", "--activation", "step")]
    [InlineData("--dropout: must be at least 0 and below 1, but is 1", "--dropout", "1")]
    [InlineData("--epochs: must be 1..1000000, but is 0", "--epochs", "0")]
    [InlineData("--head-epochs: must be 1..1000000, but is 0", "--head-epochs", "0")]
    [InlineData("--batch: must be 1..1048576, but is 0", "--batch", "0")]
    [InlineData("--lr: must be a positive number, but is -0.1", "--lr", "-0.1")]
    [InlineData("--lr: must be a positive number, but is 1E+300", "--lr", "1e300")]
    [InlineData("--optimizer: 'lion' is none of adam, adamw, sgd", "--optimizer", "lion")]
    [InlineData("--weight-decay: must not be negative, but is -1", "--weight-decay", "-1")]
    [InlineData("--schedule: 'linear' is none of step, cosine, constant", "--schedule", "linear")]
    [InlineData("--loss: 'l2' is none of l1, mse, huber, focal-l1, focal-mse", "--loss", "l2")]
    [InlineData("--huber-beta: must be a positive number, but is 0", "--huber-beta", "0")]
    [InlineData("--focal-beta: must be a positive number, but is 0", "--focal-beta", "0")]
    [InlineData("--focal-gamma: must not be negative, but is -1", "--focal-gamma", "-1")]
    [InlineData("--select: 'rmse' is none of mae, bmae", "--select", "rmse")]
    [InlineData("--patience: must not be negative, but is -1", "--patience", "-1")]
    [InlineData("'-1' for option '--seed'", "--seed", "-1")]
    [InlineData("--dense-alpha: must not be negative, but is -1", "--dense-alpha", "-1")]
    [InlineData("--max-weight: weights: their mean is 1, so that a range must be 0 <= lower <= 1 <= upper, but is 0..0.5", "--max-weight", "0.5")]
    [InlineData("--weight-range: '2' is not lower,upper", "--weight-range", "2")]
    [InlineData("--weight-range: weights: their mean is 1", "--weight-range", "1.5,2")]
    [InlineData("--relevance-threshold: must be above 0 and at most 1, but is 0", "--relevance-threshold", "0")]
    [InlineData("--noise-sigma: must be 0.001..1000000, but is 0", "--noise-sigma", "0")]
    [InlineData("--sigma-rate: must be 0..1, but is -1", "--sigma-rate", "-1")]
    [InlineData("--mixture-components: must be 1..64, but is 0", "--mixture-components", "0")]
    [InlineData("--dist-weight: must not be negative, but is -1", "--dist-weight", "-1")]
    [InlineData("--dist-bandwidth: must be above 0 and at most 100, but is 0", "--dist-bandwidth", "0")]
    [InlineData("--ranksim-gamma: must be a positive number, but is 0", "--ranksim-gamma", "0")]
    [InlineData("--ranksim-lambda: must be a positive number, but is NaN", "--ranksim-lambda", "nan")]
    [InlineData("--rnc-weight: must be a positive number, but is -1", "--rnc-weight", "-1")]
    [InlineData("--rnc-temperature: must be a positive number, but is 0", "--rnc-temperature", "0")]
    [InlineData("--heads: must be 2..64, but is 1", "--heads", "1")]
    [InlineData("--transport-sigma: must be a positive number, but is 0", "--transport-sigma", "0")]
    [InlineData("--transport-momentum: must be at least 0 and below 1, but is 1", "--transport-momentum", "1")]
    [InlineData("--batches: 'sorted' is none of shuffled, stratified", "--batches", "sorted")]
    [InlineData("--neighbors: must be 1..10000, but is 0", "--neighbors", "0")]
    [InlineData("--noise: must not be negative, but is -1", "--noise", "-1")]
    [InlineData("--smogn-noise: must not be negative, but is -1", "--smogn-noise", "-1")]
    [InlineData("--wercs-added: must be 0..1000, but is -1", "--wercs-added", "-1")]
    [InlineData("--wercs-left-out: must be 0..1, but is 2", "--wercs-left-out", "2")]
    [InlineData("--threads: must be 0..1024, but is -1", "--threads", "-1")]
    [InlineData("--missing: 'zero' is none of error, median", "--missing", "zero")]
    [InlineData("--out: the name of the file is empty", "--out", "")]
    public void WrongOptionsAreUsageErrors(string message, string option, string value)
    {
        string[] output = option == "--out" ? [] : ["--out", _folder.PathOf("m.dir")];
        CommandRun.WithInput(SampleTable.Csv(100), ["train", "-", "--target", "y", option, value, .. output]).AssertFails(ExitCode.Usage, message);
        Assert.Empty(_folder.FileNames);
    }

    [Theory]
    [InlineData("--size: 5 taps are more than the 3 bins to smooth", "--method", "lds", "--bins", "0,30,3")]
    [InlineData("--fds-size: 5 taps are more than the 3 bins to smooth", "--method", "fds", "--bins", "0,30,3")]
    [InlineData("--size: 501 taps are more than the ", "--method", "lds", "--size", "501")]
    [InlineData("--kernel: none contradicts the method 'lds+fds'", "--method", "lds+fds", "--kernel", "none")]
    [InlineData("--fds-mass: count needs --empty-bins exclude, but that is keep", "--fds-mass", "count", "--empty-bins", "keep")]
    [InlineData("--kernel: none contradicts the method 'transport'", "--method", "transport", "--kernel", "none")]
    [InlineData("--max-weight: contradicts --weight-range", "--max-weight", "2", "--weight-range", "0,2")]
    public void OptionsThatContradictEachOtherAreUsageErrors(string message, params string[] options)
    {
        CommandRun.WithInput(SampleTable.Csv(100), ["train", "-", "--target", "y", "--out", _folder.PathOf("m.dir"), .. options]).AssertFails(ExitCode.Usage, message);
        Assert.Empty(_folder.FileNames);
    }

    [Fact]
    public void AWindowThatNobodyUsesMayBeWide() =>
        CommandRun.WithInput(SampleTable.Csv(200), "train", "-", "--target", "y", "--bins", "0,30,3", "--epochs", "1", "--out", _folder.PathOf("m.dir")).AssertSucceeds();

    [Fact]
    public void TargetAndOutputAreRequired()
    {
        CommandRun.Of("train", "a.csv", "--out", "m").AssertFails(ExitCode.Usage, "--target");
        CommandRun.Of("train", "a.csv", "--target", "y").AssertFails(ExitCode.Usage, "--out");
    }

    [Fact]
    public void PlacesThatCannotBeWrittenAreFoundBeforeTheTableIsRead()
    {
        // The table does not exist: that would be the first error, were it read first.
        string table = _folder.PathOf("no.csv");
        CommandRun.Of("train", table, "--target", "y", "--out", _folder.PathOf("no/m.dir")).AssertFails(ExitCode.BadData, "no/m.dir: its folder does not exist");
        CommandRun.Of("train", table, "--target", "y", "--out", _folder.PathOf("")).AssertFails(ExitCode.Failure, "is a folder");
        CommandRun.Of("train", table, "--target", "y", "--out", _folder.PathOf("m.dir")).AssertFails(ExitCode.BadData, "no.csv");
        CommandRun.Of("train", table, "--target", "y", "--out", table).AssertFails(ExitCode.Usage, "is the table that is read");
        Assert.Empty(_folder.FileNames);
    }

    [Fact]
    public void AFullDiskIsAFailure()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full on this system");
        CommandRun.WithInput(SampleTable.Csv(200), "train", "-", "--target", "y", "--epochs", "1", "--hidden", "4", "--out", "/dev/full")
            .AssertFails(ExitCode.Failure, "No space left on device");
    }

    [Fact]
    public void ALossThatIsNoNumberStopsWithTheEpochAndAHint()
    {
        _folder.Write("m.dir", "old");
        CommandRun.WithInput(SampleTable.Csv(200), "train", "-", "--target", "y", "--optimizer", "sgd", "--loss", "mse", "--lr", "1e20", "--out", _folder.PathOf("m.dir"))
            .AssertFails(ExitCode.Failure, "in epoch 1: try a lower learning rate, or look for extreme values in the inputs");
        Assert.Equal(["m.dir"], _folder.FileNames);
        Assert.Equal("old", File.ReadAllText(_folder.PathOf("m.dir")));
    }
}
