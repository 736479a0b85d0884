// All services in one page; "Authorize" takes a login, by the form that it is made for, or a key.
"use strict";

const SERVICES = ["auth", "ingest", "processor", "query", "flags", "live"];

window.ui = SwaggerUIBundle({
  dom_id: "#documents",
  urls: SERVICES.map((name) => ({ name, url: `/api/v1/openapi/${name}.json` })),
  layout: "StandaloneLayout",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  tagsSorter: "alpha",
  tryItOutEnabled: true,
  // No document leaves this installation to be checked elsewhere.
  validatorUrl: null,
});
