// Shows the API. There is no validator, because it would send the document to another server.
SwaggerUIBundle({
    dom_id: "#api",
    url: "/openapi.json",
    validatorUrl: null,
    deepLinking: true,
    // The descriptions refer to operations by these names.
    displayOperationId: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    defaultModelsExpandDepth: 0,
});
