using System.Buffers;
using System.Text;
using System.Text.Json;

namespace DirKernels.Networks;

/// <summary>The columns of a table that a model's inputs come from, as a model file keeps them: JSON in the entry <see cref="Key"/> of its metadata.</summary>
/// <remarks>
/// <c>{"columns": [{"name", "mean", "scale", "median"} or {"name", "categories"}], "ignored": [..]}</c>. Inputs stand in the order of the columns: one for a
/// numeric column, one for each category of a text column. Numbers read back to the same bits.
/// </remarks>
/// <param name="Columns">The encoded columns.</param>
/// <param name="Ignored">Columns that are no inputs and may or may not be there.</param>
public sealed record ModelColumns(IReadOnlyList<EncodedColumn> Columns, IReadOnlyList<string> Ignored)
{
    /// <summary>Key of the metadata entry.</summary>
    public const string Key = "columns";

    /// <summary>Names of the inputs: the column's, or <c>column=category</c>.</summary>
    public IEnumerable<string> InputNames =>
        Columns.SelectMany(column => column.Kind == EncodedColumnKind.Numeric ? [column.Name] : column.Categories.Select(category => $"{column.Name}={category}"));

    /// <summary>The columns of a model file; null when it does not say where its inputs come from.</summary>
    /// <exception cref="InvalidDataException">The entry is damaged, or the columns are not as many inputs as the network has.</exception>
    public static ModelColumns? Of(ModelSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (!snapshot.Metadata.TryGetValue(Key, out string? text))
        {
            return null;
        }

        ModelColumns columns;
        try
        {
            columns = Parse(text);
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"the model's entry '{Key}' is damaged: {damaged.Message}", damaged);
        }

        long inputs = columns.Columns.Sum(column => (long)column.Width);
        return inputs == snapshot.Shape.Inputs
            ? columns
            : throw new InvalidDataException($"the network {snapshot.Shape} does not fit the {inputs} inputs of its columns");
    }

    /// <summary>The description as text.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteColumns(json);
            WriteTexts(json, "ignored", Ignored);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the property <c>columns</c>.</summary>
    public void WriteColumns(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartArray("columns");
        foreach (EncodedColumn column in Columns)
        {
            json.WriteStartObject();
            json.WriteString("name", column.Name);
            if (column.Kind == EncodedColumnKind.Categorical)
            {
                WriteTexts(json, "categories", column.Categories);
            }
            else
            {
                json.WriteNumber("mean", column.Mean);
                json.WriteNumber("scale", column.Scale);
                json.WriteNumber("median", column.Median);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">Not JSON.</exception>
    /// <exception cref="InvalidOperationException">A value has another type.</exception>
    /// <exception cref="KeyNotFoundException">A property is absent.</exception>
    /// <exception cref="FormatException">A number is out of range.</exception>
    /// <exception cref="ArgumentException">A column is none that there can be.</exception>
    public static ModelColumns Parse(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        var columns = new List<EncodedColumn>();
        foreach (JsonElement column in document.RootElement.GetProperty("columns").EnumerateArray())
        {
            string name = Text(column.GetProperty("name"));
            columns.Add(column.TryGetProperty("categories", out JsonElement categories)
                ? EncodedColumn.Categorical(name, [.. categories.EnumerateArray().Select(Text)])
                : EncodedColumn.Numeric(
                    name, column.GetProperty("mean").GetDouble(), column.GetProperty("scale").GetDouble(), column.GetProperty("median").GetDouble()));
        }

        return new ModelColumns(columns, [.. document.RootElement.GetProperty("ignored").EnumerateArray().Select(Text)]);
    }

    private static string Text(JsonElement value) => value.GetString() ?? throw new InvalidOperationException("a name is null");

    private static void WriteTexts(Utf8JsonWriter json, string property, IEnumerable<string> texts)
    {
        json.WriteStartArray(property);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
