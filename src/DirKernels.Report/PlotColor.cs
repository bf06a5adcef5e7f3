namespace DirKernels.Report;

/// <summary>Colours of series: told apart by people with any colour vision, and by lightness in print (after Okabe and Ito, 2008).</summary>
public enum PlotColor
{
    /// <summary>Grey: the baseline, what everything is compared with.</summary>
    Neutral,

    /// <summary>Blue: what the figure is about.</summary>
    Blue,

    /// <summary>Vermilion: its opposite.</summary>
    Vermilion,

    /// <summary>Green.</summary>
    Green,

    /// <summary>Purple.</summary>
    Purple,

    /// <summary>Ochre.</summary>
    Ochre,

    /// <summary>Pale grey: what stands in the background.</summary>
    Faint,
}
