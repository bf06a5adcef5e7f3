namespace DirKernels.Data;

/// <summary>
/// The format of data files: 16 bytes that name it, blocks of rows, a description of columns and blocks, and 24 bytes that say where the description is.
/// </summary>
/// <remarks>
/// <code>
/// start        "DIRKDATA", schema u32, 0 u32
/// block        for each column a chunk, see ColumnChunk
/// description  length of the JSON u32, JSON, then for each block: offset u64, rows u32, and for each column: encoding u8, CRC-32C of the chunk u32
/// end          offset of the description u64, its CRC-32C u32, schema u32, "DIRKDATA"
/// JSON         {"rows":N,"columns":[{"name":"x","missing":0},{"name":"t","missing":0,"categories":["a","b"]}]}
/// </code>
/// All numbers are little-endian. The description comes last because number of rows and categories are known only when all rows were seen. Readers refuse
/// a newer schema by its number; a file that lost its end is no data file.
/// </remarks>
internal static class DataFileFormat
{
    /// <summary>The schema that is written: 2, which has decimal numbers beside what 1 had. Both are read.</summary>
    public const uint Schema = 2;

    public const int StartLength = 16;

    public const int EndLength = 24;

    /// <summary>Most rows of a block.</summary>
    public const int MostRowsPerBlock = 1 << 20;

    /// <summary>Most columns.</summary>
    public const int MostColumns = 1 << 20;

    /// <summary>Most bytes of the description, which readers hold in memory.</summary>
    public const int LargestDescription = 1 << 28;

    /// <summary>What a data file starts and ends with.</summary>
    public static ReadOnlySpan<byte> Magic => "DIRKDATA"u8;
}
