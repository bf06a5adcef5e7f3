namespace DirKernels.Report;

/// <summary>Style of pages: one column that can be read on a phone, light and dark as the reader's system is, light on paper.</summary>
internal static class PageStyle
{
    public static string Css { get; } =
        ($$"""
        :root{color-scheme:light dark;--ink:#1c2128;--muted:#565e6b;--rule:#d9dce2;--paper:#fff;--ground:#f5f6f8;--link:#0067a5}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 {{PlotStyle.Fonts}}}
        main{max-width:928px;margin:0 auto;padding:40px 24px 64px}
        h1{font-size:28px;line-height:1.2;letter-spacing:-.01em;margin:0 0 12px;overflow-wrap:anywhere}
        h2{font-size:20px;line-height:1.3;margin:52px 0 12px;padding-top:18px;border-top:1px solid var(--rule)}
        p{margin:0 0 12px;max-width:72ch}
        .lead{font-size:18px;line-height:1.5;margin-bottom:8px}
        figure{margin:28px 0 36px}
        figure h3{font-size:16px;line-height:1.35;margin:0 0 8px}
        figcaption{font-size:14px;line-height:1.5;color:var(--muted);max-width:76ch;margin-top:10px}
        svg.plot{display:block;width:100%;height:auto}
        svg.narrow{display:none}
        .box{overflow-x:auto;margin:0 0 8px;-webkit-overflow-scrolling:touch}
        .box:focus-visible{outline:2px solid var(--link)}
        table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums;line-height:1.35}
        .caption{color:var(--muted);font-size:14px;margin:0 0 8px;line-height:1.5;max-width:80ch}
        small{font-size:12px;color:var(--muted)}
        th,td{padding:6px 14px 6px 0;text-align:right;white-space:nowrap;border-bottom:1px solid var(--rule)}
        th{font-weight:600;color:var(--muted);border-bottom-color:var(--muted)}
        th:first-child,td:first-child,.text th,.text td{text-align:left}
        td:first-child{font-weight:600}
        th:last-child,td:last-child{padding-right:0}
        .text td:first-child{color:var(--muted);font-weight:400;vertical-align:top}
        .text td{white-space:normal;overflow-wrap:anywhere}
        .text td:first-child{white-space:nowrap}
        details{margin:20px 0}
        summary{cursor:pointer;color:var(--link);font-size:15px;margin-bottom:10px}
        .table{margin:24px 0 28px}
        @media (max-width:760px){main{padding:24px 16px 48px}h1{font-size:23px}h2{font-size:18px;margin-top:40px}.lead{font-size:16px}svg.wide{display:none}svg.narrow{display:block;max-width:560px;margin:0 auto}
        }

        """ + PlotStyle.Shape + PlotStyle.Colors(dark: false)
        + "@media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--muted:#a5adba;--rule:#333b46;--paper:#14181e;--ground:#1b2027;--link:#6bb8f0}\n"
        + PlotStyle.Colors(dark: true) + "}\n"
        + "@media print{:root{--ink:#000;--muted:#444;--rule:#bbb;--paper:#fff}body{font-size:11pt}main{max-width:none;padding:0}figure,tr{break-inside:avoid}h2,h3{break-after:avoid}"
        + "svg.wide{display:block}svg.narrow{display:none}.box{overflow:visible}table{font-size:8.5pt}th,td{padding-right:8px}\n"
        + PlotStyle.Colors(dark: false) + "}\n").ReplaceLineEndings("\n");
}
