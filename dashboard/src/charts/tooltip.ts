import type { ChartColours } from "./palette";

/** A line of a tooltip. */
export interface TooltipRow {
  label: string;
  value: string;
  colour?: string;
}

/**
 * A tooltip as elements, so that names of events, which come from anybody, are text and nothing
 * else: ECharts reads strings as HTML.
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

/** What all tooltips look like. */
export function tooltipStyle(colours: ChartColours) {
  return {
    confine: true,
    backgroundColor: colours.surface,
    borderColor: colours.line,
    padding: [8, 12] as [number, number],
    textStyle: { color: colours.text, fontSize: 12 },
    extraCssText: "border-radius:8px;box-shadow:0 6px 24px rgb(0 0 0 / 16%)",
    transitionDuration: 0.1,
  };
}
