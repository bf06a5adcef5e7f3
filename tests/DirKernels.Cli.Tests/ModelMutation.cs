using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DirKernels.Networks;

namespace DirKernels.Cli.Tests;

/// <summary>Changes model files at random, as disks, careless programs and attackers do.</summary>
internal sealed partial class ModelMutation(int seed)
{
    private static readonly string[] _numbers =
        ["0", "1", "-1", "2", "3", "255", "65536", "65537", "2147483647", "2147483648", "-2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "1e9", "1e400", "0.5", "null", "\"7\"", "[]"];

    private static readonly float[] _oddities =
        [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, float.Epsilon, -float.Epsilon, 0, -0f, -1, 1e30f, -1e30f, 1e-30f];

    private readonly Random _random = new(seed);

    /// <summary>A changed copy; half of those that are still files of the format get the checksum of their new contents.</summary>
    public byte[] Of(byte[] original)
    {
        byte[] bytes = [.. original];
        for (int changes = _random.Next(1, 4); changes > 0 && bytes.Length > 0; changes--)
        {
            bytes = Change(bytes);
        }

        return _random.Next(2) == 0 ? Sealed(bytes) : bytes;
    }

    private static byte[] Sealed(byte[] bytes)
    {
        try
        {
            return SealedModel.Seal(SafeTensorsFile.Read(bytes));
        }
        catch (InvalidDataException)
        {
            return bytes;
        }
    }

    private byte[] Change(byte[] bytes)
    {
        int header = (int)Math.Min(bytes.Length < 8 ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(bytes), (ulong)Math.Max(bytes.Length - 8, 0));
        switch (_random.Next(10))
        {
            case 0:
                bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 1:
                return bytes[.._random.Next(bytes.Length)];
            case 2:
                var tail = new byte[_random.Next(1, 64)];
                _random.NextBytes(tail);
                return [.. bytes, .. tail];
            case 3:
                int at = _random.Next(bytes.Length);
                _random.NextBytes(bytes.AsSpan(at, Math.Min(_random.Next(1, 32), bytes.Length - at)));
                return bytes;
            case 4:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.Length < 8 ? new byte[8] : bytes, (ulong)_random.NextInt64() >> _random.Next(64));
                return bytes;
            case 5 or 6:
                return ChangeNumber(bytes, header);
            case 7:
                return ChangeName(bytes, header);
            case 8:
                return ChangeValue(bytes, header);
            default:
                // A piece of the file in another place.
                int length = _random.Next(1, Math.Min(256, bytes.Length) + 1);
                bytes.AsSpan(_random.Next(bytes.Length - length + 1), length).CopyTo(bytes.AsSpan(_random.Next(bytes.Length - length + 1)));
                return bytes;
        }
    }

    /// <summary>Another number somewhere in the header, sizes and offsets included; the header's length follows.</summary>
    private byte[] ChangeNumber(byte[] bytes, int header) => ChangeHeader(bytes, header, text =>
    {
        MatchCollection found = Numbers().Matches(text);
        if (found.Count == 0)
        {
            return text;
        }

        Match match = found[_random.Next(found.Count)];
        string other = _random.Next(3) == 0 ? _random.Next(100).ToString(CultureInfo.InvariantCulture) : _numbers[_random.Next(_numbers.Length)];
        return text[..match.Index] + other + text[(match.Index + match.Length)..];
    });

    /// <summary>A name of the header twice, or none.</summary>
    private byte[] ChangeName(byte[] bytes, int header) => ChangeHeader(bytes, header, text =>
    {
        MatchCollection found = Names().Matches(text);
        if (found.Count == 0)
        {
            return text;
        }

        Match match = found[_random.Next(found.Count)], other = found[_random.Next(found.Count)];
        return text[..match.Index] + other.Value + text[(match.Index + match.Length)..];
    });

    private static byte[] ChangeHeader(byte[] bytes, int header, Func<string, string> change)
    {
        if (header == 0)
        {
            return bytes;
        }

        byte[] changed = Encoding.Latin1.GetBytes(change(Encoding.Latin1.GetString(bytes, 8, header)));
        return [.. BitConverter.GetBytes((ulong)changed.Length), .. changed, .. bytes[(8 + header)..]];
    }

    /// <summary>A value among the tensors that nobody would write.</summary>
    private byte[] ChangeValue(byte[] bytes, int header)
    {
        int first = 8 + header, room = bytes.Length - first;
        if (room < 8)
        {
            return bytes;
        }

        int at = first + _random.Next(room / 4) * 4;
        if (_random.Next(2) == 0 || at + 8 > bytes.Length)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), _oddities[_random.Next(_oddities.Length)]);
        }
        else
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(at), _oddities[_random.Next(_oddities.Length)]);
        }

        return bytes;
    }

    [GeneratedRegex(@"(?<![\w.])-?\d+(\.\d+)?")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"(?<="")[\w.]+(?=\\?"":)")]
    private static partial Regex Names();
}
