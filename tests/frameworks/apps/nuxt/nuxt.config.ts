// package.json holds Vite at 8.3: with 8.4 Nuxt 4.5.2 does not build pages at all ("unctx" is external and is not).
export default defineNuxtConfig({ telemetry: false });
