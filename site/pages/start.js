// Shows the API. No validator: it would send the document elsewhere.
SwaggerUIBundle({
    dom_id: "#api",
    url: "/openapi.json",
    validatorUrl: null,
    deepLinking: true,
    // The texts speak of operations by these names.
    displayOperationId: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    defaultModelsExpandDepth: 0,
});
