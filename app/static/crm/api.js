/* api.js – starts swagger-ui on the page of the API; nothing is loaded from another host. */
(() => {
  const alvo = document.getElementById("swagger");
  // swagger-ui draws a <main> of its own inside ours: one is enough for those who move by landmarks
  new MutationObserver(() => alvo.querySelectorAll("main:not([role])").forEach(m => m.setAttribute("role", "presentation")))
    .observe(alvo, { childList: true, subtree: true });
  window.SwaggerUIBundle({ url: alvo.dataset.openapi, domNode: alvo, deepLinking: true, validatorUrl: null, persistAuthorization: false });
})();
