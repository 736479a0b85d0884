import {
  createTheme,
  defaultVariantColorsResolver,
  rem,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from "@mantine/core";
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

/** Filled controls of the primary colour take the accent of the scheme, which is bright with dark text in the dark one. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colours = defaultVariantColorsResolver(input);
  if (input.variant !== "filled" || (input.color ?? input.theme.primaryColor) !== input.theme.primaryColor) return colours;
  return { ...colours, background: "var(--tm-accent)", hover: "var(--tm-accent-hover)", color: "var(--tm-on-accent)" };
};

export const theme = createTheme({
  primaryColor: "tide",
  // White on shade 5 has a contrast of 2.9 only.
  primaryShade: { light: 7, dark: 7 },
  autoContrast: true,
  colors: { tide, coral, dark },
  variantColorResolver,
  defaultRadius: "md",
  radius: { lg: rem(12) },
  spacing: { xs: rem(8), sm: rem(12), md: rem(16), lg: rem(20), xl: rem(32) },
  fontSizes: { xs: rem(12), sm: rem(13), md: rem(14), lg: rem(16), xl: rem(20) },
  lineHeights: { xs: "1.34", sm: "1.39", md: "1.43", lg: "1.5", xl: "1.4" },
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
    Menu: {
      // The first entry has the focus of an opened menu, not an empty element that is no entry.
      defaultProps: { withInitialFocusPlaceholder: false },
    },
  },
});

// Buttons that name neither a colour nor a variant take these, not the colours of the resolver above.
const PRIMARY = {
  "--mantine-primary-color-filled": "var(--tm-accent)",
  "--mantine-primary-color-filled-hover": "var(--tm-accent-hover)",
  "--mantine-primary-color-contrast": "var(--tm-on-accent)",
};

/**
 * Colours of ours beside Mantine's, by what they mean. `--mantine-color-body` is the surface of panels, on
 * the canvas; text and quiet text have a contrast of 4.5 or more on both.
 */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...PRIMARY,
    "--tm-canvas": "#f6f8f8",
    "--tm-sunken": "#eef3f3",
    "--tm-line": "#dfe7e8",
    "--tm-accent": tide[7],
    "--tm-accent-hover": tide[8],
    "--tm-on-accent": "#ffffff",
    "--tm-accent-text": tide[8],
    "--tm-accent-soft": "#e3f3f1",
    "--tm-bar": "#d6ecea",
    "--tm-hover": "#f1f6f6",
    "--tm-up": tide[8],
    "--tm-down": coral[7],
    "--tm-mark": coral[7],
    "--mantine-color-error": coral[7],
    "--mantine-color-text": "#12242b",
    "--mantine-color-dimmed": "#50626a",
    "--mantine-color-placeholder": "#697b83",
    "--mantine-color-default-border": "#d3dddf",
  },
  dark: {
    ...PRIMARY,
    "--tm-canvas": dark[8],
    "--tm-sunken": dark[6],
    "--tm-line": "#263740",
    "--tm-accent": "#2ec4b0",
    "--tm-accent-hover": "#4bd0be",
    "--tm-on-accent": dark[8],
    "--tm-accent-text": "#45cbb9",
    "--tm-accent-soft": "#143330",
    "--tm-bar": "#17403d",
    "--tm-hover": "#192429",
    "--tm-up": tide[4],
    "--tm-down": coral[3],
    "--tm-mark": coral[4],
    "--mantine-color-error": coral[3],
    "--mantine-color-tide-light": "rgb(43 169 157 / 17%)",
    "--mantine-color-tide-light-hover": "rgb(43 169 157 / 24%)",
    "--mantine-color-tide-light-color": tide[3],
    "--mantine-color-coral-light": "rgb(240 132 90 / 14%)",
    "--mantine-color-coral-light-color": coral[2],
    "--mantine-color-text": "#e2ebee",
    "--mantine-color-dimmed": "#9db0b7",
    "--mantine-color-placeholder": "#82959d",
    "--mantine-color-default-border": "#2f414a",
  },
});
