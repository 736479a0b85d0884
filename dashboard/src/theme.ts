import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";
import { t } from "./texts";

/** Foam to deep water. */
const tide: MantineColorsTuple = [
  "#e8f7f5",
  "#d0edea",
  "#a1dad4",
  "#6dc6bd",
  "#45b5aa",
  "#2ba99d",
  "#149186",
  "#0b7f78",
  "#07665f",
  "#034f4a",
];

/** The line that high water leaves, and everything that calls for attention. */
const coral: MantineColorsTuple = [
  "#fff1eb",
  "#fde1d6",
  "#f9c2ad",
  "#f5a180",
  "#f0845a",
  "#e86f40",
  "#d65a2b",
  "#b4471e",
  "#923a1a",
  "#742f17",
];

/** Night water instead of grey. */
const dark: MantineColorsTuple = [
  "#dbe6e9",
  "#b6c5ca",
  "#93a5ac",
  "#6d8089",
  "#2c3c44",
  "#22313a",
  "#1a272e",
  "#131d23",
  "#0d1519",
  "#090f12",
];

export const FONT =
  "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

export const theme = createTheme({
  primaryColor: "tide",
  // White on shade 5 has a contrast of 2.9 only.
  primaryShade: { light: 7, dark: 7 },
  autoContrast: true,
  colors: { tide, coral, dark },
  defaultRadius: "md",
  fontFamily: FONT,
  fontFamilyMonospace: "ui-monospace, 'SF Mono', SFMono-Regular, Menlo, Consolas, monospace",
  headings: { fontWeight: "620" },
  cursorType: "pointer",
  components: {
    Modal: {
      defaultProps: {
        // Without a transition two dialogs in a row are never open at the same time.
        transitionProps: { duration: 0 },
        closeButtonProps: { "aria-label": t.common.close },
      },
    },
  },
});

/** Colours of ours beside Mantine's: the canvas behind panels, quiet lines and quiet text. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--tm-canvas": "#f4f7f7",
    "--tm-line": "#dfe7e8",
    "--tm-hover": "#f1f6f6",
    "--tm-up": tide[8],
    "--tm-down": coral[7],
    "--tm-mark": coral[6],
    "--mantine-color-text": "#12242b",
    "--mantine-color-dimmed": "#55676f",
    "--mantine-color-placeholder": "#697b83",
    "--mantine-color-default-border": "#d3dddf",
  },
  dark: {
    "--tm-canvas": dark[8],
    "--tm-line": "#22313a",
    "--tm-hover": "#192429",
    "--tm-up": tide[4],
    "--tm-down": coral[3],
    "--tm-mark": coral[4],
    "--mantine-color-tide-light": "rgb(43 169 157 / 17%)",
    "--mantine-color-tide-light-hover": "rgb(43 169 157 / 24%)",
    "--mantine-color-tide-light-color": tide[3],
    "--mantine-color-coral-light": "rgb(240 132 90 / 14%)",
    "--mantine-color-coral-light-color": coral[2],
    "--mantine-color-dimmed": dark[2],
    "--mantine-color-placeholder": "#82959d",
    "--mantine-color-default-border": "#2f414a",
  },
});
