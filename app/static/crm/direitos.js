/* direitos.js – the role editor: boxes that mark a row, a column or a group, and the filter. Without it the page is plain boxes and a button. */
"use strict";
{
  const form = document.querySelector("[data-direitos]"), filtro = document.querySelector("[data-filtro-direitos]");
  const caixas = (raiz, coluna) => [...raiz.querySelectorAll("tbody tr")].flatMap(tr => [...(coluna ? tr.children[coluna] : tr).querySelectorAll("input[name=p]")]);
  /* the boxes a marker stands for: those of its row, of its column, or (in the corner) of its group */
  const donas = marcador => {
    const celula = marcador.closest("th"), linha = celula.closest("tr");
    return linha.closest("tbody") ? [...linha.querySelectorAll("input[name=p]")] : caixas(celula.closest("table"), celula.cellIndex);
  };
  const acertar = () => form.querySelectorAll("[data-marca-tudo]").forEach(m => {
    const delas = donas(m), n = delas.filter(c => c.checked).length;
    m.checked = n > 0 && n === delas.length;
    m.indeterminate = n > 0 && n < delas.length;
    m.hidden = !delas.length;
  });
  form.addEventListener("change", e => {
    if (e.target.matches("[data-marca-tudo]")) donas(e.target).forEach(c => { c.checked = e.target.checked; });
    acertar();
  });
  const simples = texto => texto.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const filtrar = () => {
    const palavras = simples(filtro.querySelector("[type=search]").value).split(/\s+/).filter(Boolean), so = filtro.querySelector("[type=checkbox]").checked;
    let achados = 0;
    form.querySelectorAll("details").forEach(grupo => {
      let daqui = 0;
      grupo.querySelectorAll("tbody tr").forEach(tr => {
        const texto = simples(`${grupo.querySelector("h2").textContent} ${tr.textContent}`);
        tr.hidden = !palavras.every(p => texto.includes(p)) || (so && !tr.querySelector(".difere"));
        daqui += !tr.hidden;
      });
      grupo.hidden = !daqui;
      if (palavras.length && daqui) grupo.open = true;
      achados += daqui;
    });
    form.querySelector("[data-nada-achado]").hidden = achados > 0;
  };
  filtro.hidden = false;
  filtro.addEventListener("input", filtrar);
  filtro.addEventListener("change", filtrar);
  filtro.addEventListener("keydown", e => { if (e.key === "Enter") e.preventDefault(); });
  addEventListener("load", () => setTimeout(acertar));      // after what was typed came back
  acertar();
}
