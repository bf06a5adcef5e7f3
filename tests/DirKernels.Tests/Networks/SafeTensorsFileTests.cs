using System.Buffers.Binary;
using System.Text;
using DirKernels.Networks;
using Xunit;

namespace DirKernels.Tests.Networks;

public sealed class SafeTensorsFileTests
{
    [Fact]
    public void WritesTheFormatByteForByte()
    {
        var file = new SafeTensorsFile();
        file.Add("b", [1f, -2f], [2, 1]);
        file.Add("a", (byte[])[7, 8, 9]);
        file.Add("c", (double[])[0.5]);
        file.SetMetadata("format", "x\"y");
        const string Header = """{"__metadata__":{"format":"x\"y"},"c":{"dtype":"F64","shape":[1],"data_offsets":"""
            + """[0,8]},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]},"a":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}}""";
        byte[] data = [0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 7, 8, 9];
        int padded = (Header.Length + 7) / 8 * 8;
        Assert.Equal(Build(Header.PadRight(padded), data), Bytes(file));
    }

    [Fact]
    public void ReadsWhatItWroteFromAnyStreamInAnyOrderOfAdding()
    {
        SafeTensorsFile file = Example(reversed: false);
        byte[] bytes = Bytes(file);
        Assert.Equal(bytes, Bytes(Example(reversed: true)));
        foreach (SafeTensorsFile read in new[] { SafeTensorsFile.Read(bytes), SafeTensorsFile.Read(new Trickle(bytes)) })
        {
            Assert.Equal(bytes, Bytes(read));
            Assert.Equal(["config", "größe"], read.Metadata.Keys);
            Assert.Equal("{\"a\": [1, \"<é>\"]}", read.Metadata["config"]);
            Assert.Equal([1.5f, float.NaN, -0f, float.MaxValue, 5, 6], read.Get("layer.weight", 2, 3).ToSingles());
            Assert.Equal([Math.PI, double.Epsilon], read.Get("doubles").ToDoubles());
            Assert.Equal([int.MinValue, 3], read.Get("integers").ToIntegers());
            Assert.Equal([long.MaxValue], read.Get("scalar", []).ToLongIntegers());
            Assert.Equal([200], read.Get("bytes").ToBytes());
            Assert.Equal(0, read.Get("empty", 0, 4).Count);
            Assert.False(read.TryGet("other", out _));
            Assert.Contains("other", Assert.Throws<InvalidDataException>(() => read.Get("other")).Message);
            string message = Assert.Throws<InvalidDataException>(() => read.Get("layer.weight", 3, 2)).Message;
            Assert.Contains("[2x3]", message);
            Assert.Contains("[3x2]", message);
            Assert.Contains("F64", Assert.Throws<InvalidDataException>(() => read.Get("doubles").ToSingles()).Message);
        }
    }

    [Fact]
    public void LargeTensorsPassThroughStreamsThatCannotSeek()
    {
        var values = new float[1_500_000];
        new Random(2).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        var file = new SafeTensorsFile();
        file.Add("w", values);
        byte[] bytes = Bytes(file);
        Assert.Equal(bytes, Bytes(SafeTensorsFile.Read(new Trickle(bytes))));
        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(new Trickle(bytes[..^1])));
    }

    [Fact]
    public void AnEmptyFileIsAFile()
    {
        Assert.Empty(SafeTensorsFile.Read(Build("{}", [])).Tensors);
        Assert.Equal(Build("{}      ", []), Bytes(new SafeTensorsFile()));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],}}""", "JSON")]
    [InlineData(""" {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "begin")]
    [InlineData("[]", "begin")]
    [InlineData("", "begin")]
    [InlineData("""{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}""", "BF16")]
    [InlineData("""{"a":{"dtype":5,"shape":[1],"data_offsets":[0,4]}}""", "type")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", "lacks")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "repeated")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":{}}}""", "unknown")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "integers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", "integers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", "integers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", "too large")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}""", "too large")]
    [InlineData("""{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", "array")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", "pair")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "place")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""", "gap")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "gap")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "overlap")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "twice")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "need")]
    [InlineData("""{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}""", "need")]
    [InlineData("""{"a":{"dtype":"U8","shape":[9000000000000000000],"data_offsets":[0,9000000000000000000]}}""", "need")]
    [InlineData("""{"a":7}""", "object")]
    [InlineData("""{"__metadata__":[]}""", "object")]
    [InlineData("""{"__metadata__":{"a":1}}""", "text")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", "twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", "twice")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "Unicode")]
    public void SaysWhatIsWrongWithAHeader(string header, string fragment)
    {
        byte[] bytes = Build(header, [1, 2, 3, 4]);
        var error = Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(bytes));
        Assert.Contains(fragment, error.Message);
        Assert.StartsWith("safetensors: ", error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(new Trickle(bytes)));
    }

    [Fact]
    public void RefusesInvalidTextLengthsAndCuts()
    {
        byte[] bytes = Bytes(Example(reversed: false));
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(bytes[..length]));
            Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(new Trickle(bytes[..length])));
        }

        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read([.. bytes, 0]));
        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(new Trickle([.. bytes, 0])));
        byte[] invalid = Build("""{"a?":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", [1, 2, 3, 4]);
        invalid[Array.IndexOf(invalid, (byte)'?')] = 0xff;
        Assert.Contains("UTF-8", Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(invalid)).Message);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1ul << 63)]
    [InlineData(100_000_001)]
    [InlineData(99_999_999)]
    public void ALyingHeaderLengthCostsNoMemory(ulong claimed)
    {
        byte[] bytes = Build("{}", []);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimed);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(new Trickle(bytes)));
        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5_000_000);
    }

    [Fact]
    public void ALyingTensorLengthCostsNoMemory()
    {
        byte[] bytes = Build("""{"a":{"dtype":"U8","shape":[2000000000],"data_offsets":[0,2000000000]}}""", [1, 2]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(new Trickle(bytes)));
        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5_000_000);
    }

    [Fact]
    public void ADamagedFileIsEitherValidOrRefused()
    {
        byte[] valid = Bytes(Example(reversed: false));
        var random = new Random(20);
        byte[] telling = "{}[]\",:0123456789-e.\\u FIU_"u8.ToArray();
        int refused = 0, parsed = 0;
        for (int trial = 0; trial < 20_000; trial++)
        {
            var bytes = new List<byte>(valid);
            for (int edits = random.Next(1, 4); edits > 0; edits--)
            {
                // Half of the damage goes to the header, where it can do most.
                int at = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Count, 400) : bytes.Count);
                byte value = random.Next(2) == 0 ? telling[random.Next(telling.Length)] : (byte)random.Next(256);
                switch (random.Next(4))
                {
                    case 0:
                        bytes.Insert(at, value);
                        break;
                    case 1:
                        bytes.RemoveAt(at);
                        break;
                    case 2:
                        int count = Math.Min(random.Next(1, 40), bytes.Count - at);
                        bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, count));
                        break;
                    default:
                        bytes[at] = value;
                        break;
                }
            }

            // Keep the length honest half of the time, so that damage reaches the checks behind it.
            byte[] damaged = [.. bytes];
            if (random.Next(2) == 0 && damaged.Length >= 8)
            {
                long delta = damaged.Length - valid.Length;
                BinaryPrimitives.WriteInt64LittleEndian(damaged, BinaryPrimitives.ReadInt64LittleEndian(valid) + delta);
            }

            try
            {
                SafeTensorsFile file = trial % 2 == 0 ? SafeTensorsFile.Read(damaged) : SafeTensorsFile.Read(new Trickle(damaged));
                SafeTensorsFile.Read(Bytes(file));
                parsed++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.True(parsed > 500 && refused > 5000, $"parsed {parsed}, refused {refused}");
    }

    [Fact]
    public void AddingChecksItsArguments()
    {
        var file = new SafeTensorsFile();
        file.Add("a", [1f]);
        Assert.Throws<ArgumentException>(() => file.Add("a", [1f]));
        Assert.Throws<ArgumentException>(() => file.Add("__metadata__", [1f]));
        Assert.Throws<ArgumentNullException>(() => file.Add(null!, [1f]));
        string message = Assert.Throws<ArgumentException>(() => file.Add("b", [1f, 2f, 3f], [2, 2])).Message;
        Assert.Contains("3 values", message);
        Assert.Contains("[2x2]", message);
        Assert.Throws<ArgumentException>(() => file.Add("b", [1f], [-1, -1]));
        Assert.ThrowsAny<ArgumentException>(() => file.Add("\ud800", [1f]));
        Assert.ThrowsAny<ArgumentException>(() => file.SetMetadata("a", "\udc00"));
    }

    private static SafeTensorsFile Example(bool reversed)
    {
        var file = new SafeTensorsFile();
        Action[] steps =
        [
            () => file.Add("layer.weight", [1.5f, float.NaN, -0f, float.MaxValue, 5, 6], [2, 3]),
            () => file.Add("doubles", (double[])[Math.PI, double.Epsilon]),
            () => file.Add("integers", (int[])[int.MinValue, 3]),
            () => file.Add("scalar", (long[])[long.MaxValue], []),
            () => file.Add("bytes", (byte[])[200]),
            () => file.Add("empty", ReadOnlySpan<float>.Empty, [0, 4]),
            () => file.SetMetadata("größe", "1 \ud83d\ude00"),
            () => file.SetMetadata("config", "{\"a\": [1, \"<é>\"]}"),
        ];
        foreach (Action step in reversed ? steps.Reverse() : steps)
        {
            step();
        }

        return file;
    }

    private static byte[] Bytes(SafeTensorsFile file)
    {
        var stream = new MemoryStream();
        file.Write(stream);
        return stream.ToArray();
    }

    private static byte[] Build(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. data];
    }

    /// <summary>A stream that cannot seek and yields little at a time, as a network does.</summary>
    private sealed class Trickle(byte[] bytes) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int taken = Math.Min(Math.Min(count, bytes.Length > 100_000 ? 70_001 : 7), bytes.Length - _position);
            Array.Copy(bytes, _position, buffer, offset, taken);
            _position += taken;
            return taken;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
