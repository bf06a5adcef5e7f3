namespace DirKernels.Data;

/// <summary>How the values of one column in one block of a data file are stored; the smallest that gives back every bit. The numbers are part of the format; those from 128 on are of <see cref="DecimalChunk"/>.</summary>
internal enum ChunkEncoding : byte
{
    /// <summary>Whole numbers, or codes of text, 0..255.</summary>
    UInt8 = 1,

    /// <summary>Codes of text, 0..65535.</summary>
    UInt16 = 2,

    /// <summary>Whole numbers.</summary>
    Int16 = 3,

    /// <summary>Whole numbers.</summary>
    Int32 = 4,

    /// <summary>Numbers, NaN for a missing one.</summary>
    Float32 = 5,

    /// <summary>Numbers, NaN for a missing one.</summary>
    Float64 = 6,
}
