namespace DirKernels.Report;

/// <summary>How wide a text is about, in a sans-serif typeface: figures are laid out without a browser at hand.</summary>
internal static class TextWidth
{
    /// <summary>Width in the units of the size; errs on the wide side.</summary>
    public static double Of(string text, double size)
    {
        double em = 0;
        foreach (char character in text)
        {
            em += character switch
            {
                'i' or 'j' or 'l' or 't' or 'f' or 'r' or 'I' or '.' or ',' or ':' or ';' or '|' or '!' or '\'' or '(' or ')' or '[' or ']' or ' ' => 0.34,
                'm' or 'w' or 'M' or 'W' or '%' => 0.97,
                '+' or '\u2212' or '=' or '<' or '>' or '\u00B1' => 0.84,
                >= 'A' and <= 'Z' => 0.7,
                _ => 0.62,
            };
        }

        return em * size;
    }
}
