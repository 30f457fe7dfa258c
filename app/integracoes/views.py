"""Importing customers on screen: send the file, say which column is what, check line by line, import, and get back what was rejected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import AppBuilder, BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import auditoria, sigilo
from app.core.erros import DominioError
from app.core.exportacao import CSV_TIPO, linhas_csv, transmitir
from app.core.operacao import TarefaService
from app.core.permissoes import dar
from app.core.transacao import transacao
from app.extensions import db
from app.integracoes import colunas, consultas, exemplo
from app.integracoes.consultas import Situacao
from app.integracoes.leitura import LINHAS_MAXIMAS, TAMANHO_MAXIMO
from app.integracoes.models import Importacao, ResultadoLinha, StatusImportacao
from app.integracoes.services import ImportacaoService

MAIOR_PAGINA = LINHAS_MAXIMAS // consultas.POR_PAGINA


class ImportarClientesView(BaseView):
    """``/importar-clientes``. Leaving any of its pages is safe: the work is a task."""

    route_base = "/importar-clientes"
    default_view = "inicio"
    titulo_da_permissao = _l("Importar clientes")

    @expose("/")
    @has_access
    @permission_name("importar")
    def inicio(self) -> ResponseReturnValue:
        """Where to send a file, and the last imports."""
        return self._inicio()

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("importar")
    def enviar(self) -> ResponseReturnValue:
        """Receive a file."""
        enviado = request.files.get("arquivo")
        if enviado is None or not enviado.filename:
            return self._inicio(_("Escolha o arquivo."))
        try:
            with transacao() as sessao:
                importacao_id = ImportacaoService(sessao).receber(enviado.filename, enviado.stream.read(TAMANHO_MAXIMO + 1)).id
        except DominioError as erro:
            return self._inicio(str(erro))
        return redirect(url_for("ImportarClientesView.colunas", pk=importacao_id))

    @expose("/exemplo.csv")
    @has_access
    @permission_name("importar")
    def exemplo(self) -> ResponseReturnValue:
        """A file to begin from."""
        return _arquivo(exemplo.arquivo(), "clientes.csv")

    @expose("/<int:pk>/colunas", methods=["GET"])
    @has_access
    @permission_name("importar")
    def colunas(self, pk: int) -> ResponseReturnValue:
        """Which column is what, as guessed or as last said."""
        importacao = self._exigir(pk).importacao
        return self._colunas(importacao, importacao.mapeamento)

    @expose("/<int:pk>/colunas", methods=["POST"])
    @has_access
    @permission_name("importar")
    def mapear(self, pk: int) -> ResponseReturnValue:
        """Take the mapping and start the preview."""
        importacao = self._exigir(pk).importacao
        escolhidas = [request.form.get(f"coluna{i}") or None for i in range(len(importacao.cabecalho))]
        try:
            with transacao() as sessao:
                ImportacaoService(sessao).mapear(pk, escolhidas)
        except DominioError as erro:
            return self._colunas(importacao, escolhidas, str(erro))
        return redirect(url_for("ImportarClientesView.ver", pk=pk))

    @expose("/<int:pk>")
    @has_access
    @permission_name("importar")
    def ver(self, pk: int) -> ResponseReturnValue:
        """Progress while something runs, then what would happen, then what happened."""
        situacao = self._exigir(pk)
        if situacao.importacao.status is StatusImportacao.recebida:
            return redirect(url_for("ImportarClientesView.colunas", pk=pk))
        if situacao.correndo:
            return self.render_template("integracoes/andamento.html", title=_("Importar clientes"), s=situacao)
        resultado = _resultado(request.args.get("resultado"))
        pagina = min(max(request.args.get("pagina", 0, type=int), 0), MAIOR_PAGINA)
        total = situacao.quantas(resultado) if resultado else sum(situacao.contagens.values())
        return self.render_template(
            "integracoes/resultado.html", title=_("Importar clientes"), s=situacao, resultado=resultado, resultados=list(ResultadoLinha), pagina=pagina,
            paginas=-(-total // consultas.POR_PAGINA), total=total, tem_rejeitadas=consultas.tem_rejeitadas(db.session(), pk),
            linhas=consultas.linhas(db.session(), situacao.importacao, resultado=resultado, pagina=pagina),
        )

    @expose("/<int:pk>/progresso")
    @has_access
    @permission_name("importar")
    def progresso(self, pk: int) -> ResponseReturnValue:
        """The fragment that refreshes itself; once nothing runs, the whole page is asked for again."""
        situacao = self._exigir(pk)
        resposta = make_response(self.render_template("integracoes/_progresso.html", s=situacao))
        if not situacao.correndo:
            resposta.headers["HX-Refresh"] = "true"
        return resposta

    @expose("/<int:pk>/importar", methods=["POST"])
    @has_access
    @permission_name("importar")
    def importar(self, pk: int) -> ResponseReturnValue:
        """Import what was checked."""
        return self._fazer(pk, lambda servico: servico.iniciar(pk))

    @expose("/<int:pk>/continuar", methods=["POST"])
    @has_access
    @permission_name("importar")
    def continuar(self, pk: int) -> ResponseReturnValue:
        """Go on with what has stopped."""
        importacao = self._exigir(pk).importacao
        if importacao.status is StatusImportacao.conferindo:
            return self._fazer(pk, lambda servico: servico.mapear(pk, importacao.mapeamento))
        return self._fazer(pk, lambda servico: servico.iniciar(pk))

    @expose("/<int:pk>/parar", methods=["POST"])
    @has_access
    @permission_name("importar")
    def parar(self, pk: int) -> ResponseReturnValue:
        """Stop after the lines in hand; what was imported stays."""
        tarefa_id = self._exigir(pk).importacao.tarefa_id
        return self._fazer(pk, lambda servico: TarefaService(servico.sessao).cancelar(tarefa_id), _("A importação vai parar depois das linhas atuais."))

    @expose("/<int:pk>/descartar", methods=["POST"])
    @has_access
    @permission_name("importar")
    def descartar(self, pk: int) -> ResponseReturnValue:
        """Delete what was kept of the file."""
        return self._fazer(pk, lambda servico: servico.descartar(pk), _("As linhas guardadas do arquivo foram apagadas."))

    @expose("/<int:pk>/rejeitadas.csv")
    @has_access
    @permission_name("importar")
    def rejeitadas(self, pk: int) -> ResponseReturnValue:
        """The rejected lines with their reasons, to be corrected and sent again."""
        situacao = self._exigir(pk)
        importacao, quantas = situacao.importacao, situacao.quantas(ResultadoLinha.rejeitada)
        if not sigilo.pode("documento"):
            abort(403)      # the lines as they came
        cabecalho = consultas.cabecalho_das_rejeitadas(importacao)
        with transacao() as sessao:
            depois = {"tela": "ImportarClientesView", "formato": "csv", "filtros": [["resultado", "rejeitada"]], "linhas": quantas}
            auditoria.registrar(sessao, "exportar", "importacao", pk, depois=depois)
        return _arquivo(transmitir(lambda: linhas_csv(cabecalho, consultas.rejeitadas(db.session(), pk))), f"rejeitadas-{pk}.csv")

    # ---- pieces

    def _inicio(self, erro: str = "") -> ResponseReturnValue:
        return self.render_template(
            "integracoes/inicio.html", title=_("Importar clientes"), erro=erro, recentes=consultas.recentes(db.session()), colunas=colunas.COLUNAS,
            megas=TAMANHO_MAXIMO >> 20, maximo=LINHAS_MAXIMAS,
        )

    def _colunas(self, importacao: Importacao, mapeamento: list[str | None], erro: str = "") -> ResponseReturnValue:
        return self.render_template(
            "integracoes/colunas.html", title=_("Importar clientes"), i=importacao, mapeamento=mapeamento, erro=erro, colunas=colunas.COLUNAS,
            amostra=consultas.amostra(db.session(), importacao),
        )

    def _exigir(self, pk: int) -> Situacao:
        return consultas.situacao(db.session(), pk) or abort(404)

    def _fazer(self, pk: int, verbo: Callable[[ImportacaoService], Any], dito: str = "") -> ResponseReturnValue:
        self._exigir(pk)
        try:
            with transacao() as sessao:
                verbo(ImportacaoService(sessao))
            if dito:
                flash(dito, "success")
        except DominioError as erro:
            flash(str(erro), "danger")
        return redirect(url_for("ImportarClientesView.ver", pk=pk))


def _resultado(nome: str | None) -> ResultadoLinha | None:
    return ResultadoLinha[nome] if nome in ResultadoLinha.__members__ else None


def _arquivo(corpo: Any, nome: str) -> Response:
    resposta = Response(corpo, content_type=CSV_TIPO)
    resposta.headers.set("Content-Disposition", "attachment", filename=nome)
    return resposta


dar("Gerente", "ImportarClientesView", "can_importar")
dar("Gerente", "Clientes|Importar clientes", "menu_access")


def registrar(appbuilder: AppBuilder) -> None:
    """One entry in the customers' menu."""
    appbuilder.add_view(
        ImportarClientesView, "Importar clientes", label=_l("Importar clientes"), icon="file-import", category="Clientes", category_label=_l("Clientes"),
        category_icon="users",
    )
