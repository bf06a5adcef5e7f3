using Xunit;

namespace DirKernels.Tests.Data;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("atomic-file-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ReplacesTheWholeFile()
    {
        string path = Path.Combine(_folder, "out.bin");
        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
        AtomicFile.Write(path, stream => stream.Write([4]));
        Assert.Equal([4], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void FailureLeavesWhatWasThere()
    {
        string path = Path.Combine(_folder, "out.bin");
        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
        Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[100_000]);
            throw new IOException("no space left on device");
        }));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void SaysWhatIsWrongWithThePath()
    {
        string inNoFolder = Path.Combine(_folder, "no", "out.bin");
        Assert.Equal($"{inNoFolder}: its folder does not exist", Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(inNoFolder, _ => { })).Message);
        Assert.Throws<UnauthorizedAccessException>(() => AtomicFile.Write(_folder, _ => { }));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void SaysBeforehandWhatWouldBeWrongAndLeavesNoFile()
    {
        string path = Path.Combine(_folder, "out.bin"), inNoFolder = Path.Combine(_folder, "no", "out.bin");
        AtomicFile.ThrowIfNotWritable(path);
        AtomicFile.ThrowIfNotWritable(path, 1 << 20);
        Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.ThrowIfNotWritable(inNoFolder));
        Assert.Throws<UnauthorizedAccessException>(() => AtomicFile.ThrowIfNotWritable(_folder));
        Assert.Empty(Directory.GetFiles(_folder));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a file system that can refuse a size");
        Assert.ThrowsAny<IOException>(() => AtomicFile.ThrowIfNotWritable(path, 1L << 60));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void DevicesAndLinksAreNotReplaced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "devices and symbolic links as on Linux");
        AtomicFile.Write("/dev/null", stream => stream.Write([1]));
        Assert.Equal(0, new FileInfo("/dev/null").Length);
        string target = Path.Combine(_folder, "target"), link = Path.Combine(_folder, "link");
        File.WriteAllBytes(target, [1]);
        File.CreateSymbolicLink(link, target);
        AtomicFile.Write(link, stream => stream.Write([2]));
        Assert.Equal([2], File.ReadAllBytes(target));
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }
}
