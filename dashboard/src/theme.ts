import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** Deep water to foam. */
const tide: MantineColorsTuple = [
  "#e6f7f5",
  "#d0ebe8",
  "#a2d7d1",
  "#70c2b9",
  "#48b0a5",
  "#2fa598",
  "#179084",
  "#0b7a70",
  "#066a61",
  "#005a53",
];

export const theme = createTheme({
  primaryColor: "tide",
  primaryShade: { light: 7, dark: 5 },
  autoContrast: true,
  colors: { tide },
  defaultRadius: "md",
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  headings: { fontWeight: "650" },
});
