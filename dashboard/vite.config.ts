import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { componentStyles } from "./vite/componentStyles";
import { directImports } from "./vite/directImports";
import { staticAssets } from "./vite/staticAssets";

// `npm run dev` shows the dashboard of a Tidemark that runs here (TIDEMARK=http://…).
const tidemark = process.env["TIDEMARK"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), componentStyles(), staticAssets(), directImports()],
  build: {
    target: "es2022",
    // Browsers of this target preload modules themselves, or do without: its script would be half a kilobyte of every page.
    modulePreload: { polyfill: false },
    // ECharts alone is above the default; it is loaded with the first chart only.
    chunkSizeWarningLimit: 700,
    // The content security policy lets nothing in that is not a file of ours, data: fonts included.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // A group takes along what its modules import. Few files: each costs a kilobyte of headers.
          groups: [
            { name: "echarts", test: /node_modules[\\/](echarts|zrender)[\\/]/, priority: 50 },
            // Mantine needs tslib too: in the group of ECharts it would load ECharts before the first chart.
            // With the modules of `texts` that wait for no text, and the few words that several files of a language share.
            { name: "react", test: /node_modules[\\/](react|react-dom|scheduler|react-router|tslib)[\\/]|preload-helper|src[\\/]texts[\\/](language|locale|rich|\w+[\\/]words)\.ts$/, priority: 60 },
            // With `texts`, which waits for the texts of one language: these must not import this file.
            // With what both languages need: in a file of one, the other would load that language too.
            { name: "sign-in", test: /src[\\/](main\.tsx|format[\\/](numbers|time)\.ts)$/, priority: 30 },
            // The frame and the first report, with most of what other reports are made of, and
            // with the styles of what a report is made of, which would be one more file of the first report; not those of forms and other pages.
            { name: "shell", test: /src[\\/]firstReport\.ts$|(src[\\/](components[\\/]\w+|charts|report|features[\\/]\w+|pages[\\/]home)|@mantine[\\/]core[\\/]styles)[\\/](?!Checkbox|CopyField|DetailTable|Drawer|Flag|FormPanel|InlineInput|Install|PersonTable|ResourceList|SectionTabs|SiteIcon|TabbedSections|NumberInput|Pill|Progress|Radio|SegmentedControl|Switch)[^\\/]*\.css$/, priority: 20 },
            { name: "shared", test: /\.(tsx?|m?js)$/, minShareCount: 3, priority: 10 },
            // Of these the page Game shows one: without the group that would be a further file of each question.
            { name: "results", test: /src[\\/]pages[\\/]explore[\\/]results[\\/]/, priority: 5 },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": tidemark, "/static": tidemark, "/demo": tidemark } },
  test: {
    environment: "jsdom",
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    // Loading the dashboard and its libraries anew for each of the files took a quarter of the time. A test leaves nothing behind, or fails: see tests/setup.ts.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
    // Machines of CI pause for seconds; a page then asks for more, or later, than its test expects. What fails each time fails the run.
    retry: process.env["CI"] ? 1 : 0,
  },
});
