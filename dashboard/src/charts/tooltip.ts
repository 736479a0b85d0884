import type { ChartColours } from "./palette";

/** A row of a tooltip. */
export interface TooltipRow {
  label: string;
  value: string;
  colour?: string;
}

/**
 * Build a tooltip from elements, so that untrusted names are only text: ECharts would read a string
 * as HTML.
 */
export function tooltipContent(title: string, rows: TooltipRow[], note?: string): HTMLElement {
  const content = document.createElement("div");
  content.style.maxWidth = "320px";
  content.append(line(title, "font-weight:600;margin-bottom:4px;white-space:normal;overflow-wrap:anywhere"));
  for (const row of rows) content.append(rowElement(row));
  if (note) content.append(line(note, "margin-top:4px;opacity:.75"));
  return content;
}

function rowElement({ label, value, colour }: TooltipRow): HTMLElement {
  const row = line("", "display:flex;gap:8px;align-items:baseline;line-height:1.6");
  if (colour) {
    const dot = line("", "flex:none;width:8px;height:8px;border-radius:50%");
    dot.style.background = colour;
    row.append(dot);
  }
  row.append(line(label, "flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap"));
  row.append(line(value, "font-weight:600;font-variant-numeric:tabular-nums"));
  return row;
}

function line(text: string, style: string): HTMLElement {
  const element = document.createElement("div");
  element.style.cssText = style;
  element.textContent = text;
  return element;
}

/** The style of every tooltip. */
export function tooltipStyle(colours: ChartColours) {
  return {
    confine: true,
    backgroundColor: colours.surface,
    borderColor: colours.line,
    padding: [8, 12] as [number, number],
    textStyle: { color: colours.text, fontSize: 12 },
    // eslint-disable-next-line local/no-literal-text -- CSS
    extraCssText: "border-radius:8px;box-shadow:0 6px 24px rgb(0 0 0 / 16%)",
    transitionDuration: 0.1,
  };
}
