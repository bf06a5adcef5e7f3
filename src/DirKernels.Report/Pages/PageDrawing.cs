namespace DirKernels.Report;

/// <summary>Writes a report as HTML.</summary>
internal static class PageDrawing
{
    public static string Draw(ReportPage page)
    {
        var html = new MarkupWriter();
        html.Raw("<!DOCTYPE html>\n").Open("html").With("xmlns", "http://www.w3.org/1999/xhtml").With("lang", "en").NewLine().Open("head").NewLine();
        html.Open("meta").With("charset", "utf-8").Close().NewLine();
        html.Open("meta").With("name", "viewport").With("content", "width=device-width, initial-scale=1").Close().NewLine();
        html.Open("meta").With("name", "color-scheme").With("content", "light dark").Close().NewLine();
        html.Element("title", page.Title).NewLine();
        html.Open("style").Raw(PageStyle.Css).Close().NewLine().Close().NewLine();
        html.Open("body").Open("main").NewLine();
        html.Element("h1", page.Title).NewLine();
        html.Open("p").With("class", "lead").Text(page.Lead).Close().NewLine();
        int figures = 0;
        foreach (ReportSection section in page.Sections)
        {
            html.Open("section").NewLine().Element("h2", section.Heading).NewLine();
            foreach (object item in section.Items)
            {
                switch (item)
                {
                    case Figure figure:
                        DrawFigure(html, figure, ++figures);
                        break;
                    case ReportTable table:
                        DrawTable(html, table);
                        break;
                    default:
                        html.Element("p", item.ToString() ?? "").NewLine();
                        break;
                }
            }

            html.Close().NewLine();
        }

        return html.Close().Close().Close().NewLine().ToString();
    }

    private static void DrawFigure(MarkupWriter html, Figure figure, int number)
    {
        html.Open("figure").With("id", figure.Id).NewLine();
        html.Element("h3", FormattableString.Invariant($"Figure {number}. {figure.Title}")).NewLine();
        FigureDrawing.Both(html, figure);
        html.Element("figcaption", figure.Caption).NewLine().Close().NewLine();
    }

    private static void DrawTable(MarkupWriter html, ReportTable table)
    {
        html.Open("div").With("class", "table");
        if (table.IsFolded)
        {
            html.Open("details").Element("summary", table.Caption);
        }
        else
        {
            // Outside the box: a caption does not scroll, and wraps where the page does.
            html.Open("p").With("class", "caption").Text(table.Caption).Close();
        }

        // A box that scrolls by itself must be reachable by keyboard.
        html.Open("div").With("class", "box").With("tabindex", "0").With("role", "region").With("aria-label", table.Caption);
        html.Open("table");
        if (table.IsText)
        {
            html.With("class", "text");
        }

        html.NewLine();
        if (table.Header.Count > 0)
        {
            html.Open("thead").Open("tr");
            foreach (string name in table.Header)
            {
                html.Open("th").With("scope", "col").Text(name).Close();
            }

            html.Close().Close().NewLine();
        }

        html.Open("tbody").NewLine();
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            html.Open("tr");
            foreach (string cell in row)
            {
                DrawCell(html, cell);
            }

            html.Close().NewLine();
        }

        html.Close().Close().Close();
        if (table.IsFolded)
        {
            html.Close();
        }

        html.Close().NewLine();
    }

    private static void DrawCell(MarkupWriter html, string cell)
    {
        string[] lines = cell.Split('\n');
        html.Open("td").Text(lines[0]);
        foreach (string line in lines.Skip(1))
        {
            html.Open("br").Close().Element("small", line);
        }

        html.Close();
    }
}
