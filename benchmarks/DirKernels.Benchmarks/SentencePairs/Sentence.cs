namespace DirKernels.Benchmarks.SentencePairs;

/// <summary>A sentence and its words: runs of letters and digits, in lower case.</summary>
internal sealed record Sentence
{
    public Sentence(string text)
    {
        var words = new List<string>();
        var names = new HashSet<string>();
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && char.IsAsciiLetterOrDigit(text[i]))
            {
                start = start < 0 ? i : start;
            }
            else if (start >= 0)
            {
                string word = text[start..i];
                if (words.Count > 0 && char.IsAsciiLetterUpper(word[0]))
                {
                    names.Add(word.ToLowerInvariant());
                }

                words.Add(word.ToLowerInvariant());
                start = -1;
            }
        }

        Text = text;
        Words = [.. words];
        Names = names;
        Numbers = [.. words.Where(word => char.IsAsciiDigit(word[0]))];
        IsNegated = words.Exists(word => word is "not" or "no" or "never" or "none" or "nobody" or "nothing" or "neither" or "nor" or "cannot" or "without" or "n" or "t");
    }

    /// <summary>As it is written.</summary>
    public string Text { get; }

    /// <summary>The words in order.</summary>
    public string[] Words { get; }

    /// <summary>Words written with a capital letter that do not begin the sentence.</summary>
    public HashSet<string> Names { get; }

    /// <summary>Words that begin with a digit.</summary>
    public HashSet<string> Numbers { get; }

    /// <summary>Whether a word denies.</summary>
    public bool IsNegated { get; }
}
