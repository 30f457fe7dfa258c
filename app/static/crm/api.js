/* api.js – starts swagger-ui on the page of the API; nothing is loaded from another host. */
(() => {
  const alvo = document.getElementById("api");
  window.SwaggerUIBundle({url: alvo.dataset.openapi, domNode: alvo, deepLinking: true, validatorUrl: null, persistAuthorization: false});
})();
