// The API's page: Swagger UI (a plain script, loaded before this module) on our own description.
const place = document.getElementById("swagger-ui");
globalThis.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  defaultModelsExpandDepth: -1,
  presets: [globalThis.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
