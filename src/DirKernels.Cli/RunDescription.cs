using System.Buffers;
using System.Collections;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DirKernels.Cli;

/// <summary>Named values that together determine a training run, in a fixed order: kept in model files, compared when a run goes on.</summary>
internal sealed class RunDescription : IEnumerable<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _values = [];

    /// <summary>The values of options as the user gave them or as they are by default.</summary>
    public static RunDescription OfOptions(ParseResult parsed, IEnumerable<Option> options)
    {
        var description = new RunDescription();
        foreach (Option option in options)
        {
            description.Add(option.Name.TrimStart('-'), option switch
            {
                Option<int> whole => parsed.GetValue(whole).ToString(CultureInfo.InvariantCulture),
                Option<int?> whole => parsed.GetValue(whole)?.ToString(CultureInfo.InvariantCulture) ?? "",
                Option<ulong> whole => parsed.GetValue(whole).ToString(CultureInfo.InvariantCulture),
                Option<double> number => parsed.GetValue(number).ToString("R", CultureInfo.InvariantCulture),
                Option<double?> number => parsed.GetValue(number)?.ToString("R", CultureInfo.InvariantCulture) ?? "",
                Option<bool> flag => parsed.GetValue(flag) ? "true" : "false",
                Option<string> text => parsed.GetValue(text) ?? "",
                _ => throw new InvalidOperationException($"option {option.Name} has a type without a description"),
            });
        }

        return description;
    }

    /// <summary>Adds a value behind the others.</summary>
    public void Add(string name, string value) => _values.Add(new KeyValuePair<string, string>(name, value));

    /// <summary>The value of a name, or null.</summary>
    public string? Find(string name)
    {
        foreach ((string key, string value) in _values)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The first value in which another description differs from this one; null when there is none.</summary>
    public (string Name, string? Here, string? There)? FirstDifference(RunDescription other)
    {
        foreach (string name in _values.Concat(other._values).Select(pair => pair.Key))
        {
            string? here = Find(name), there = other.Find(name);
            if (here != there)
            {
                return (name, here, there);
            }
        }

        return null;
    }

    /// <summary>A JSON object of texts, in order.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            WriteTo(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the JSON object.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach ((string name, string value) in _values)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">Not JSON.</exception>
    /// <exception cref="InvalidOperationException">JSON, but no object of texts.</exception>
    public static RunDescription FromJson(string text)
    {
        var description = new RunDescription();
        using JsonDocument document = JsonDocument.Parse(text);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            description.Add(property.Name, property.Value.GetString() ?? "");
        }

        return description;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
