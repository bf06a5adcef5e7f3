namespace DirKernels.Resampling;

/// <summary>Neighbouring input columns that together hold one category, one-hot: in every row one of them is 1 and the others are 0.</summary>
/// <param name="Start">First column, counted from 0.</param>
/// <param name="Count">Number of columns, at least 1.</param>
public readonly record struct ColumnGroup(int Start, int Count);
