/**
 * What the styles of all components of Mantine stand on. Those of a component come with its script
 * (`vite/componentStyles.ts`). They are a layer, which gives way to our own styles wherever it stands.
 */
import "@mantine/core/styles/baseline.layer.css";
import "@mantine/core/styles/default-css-variables.layer.css";
import "@mantine/core/styles/global.layer.css";
