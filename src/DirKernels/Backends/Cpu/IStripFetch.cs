namespace DirKernels.Backends.Cpu;

/// <summary>Asks memory for the rows to come while a strip of columns is summed.</summary>
internal interface IStripFetch
{
    /// <summary>Asks for the next lines.</summary>
    /// <param name="row">Row of the pass that is about to be summed.</param>
    /// <param name="column">First column of the strip.</param>
    /// <param name="lines">Lines that begin in the strip, two at most.</param>
    void Next(int row, int column, int lines);
}
