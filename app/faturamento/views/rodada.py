"""The billing run on screen: what would be issued, issuing it, its progress, and the report of every run."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, action, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import relogio
from app.core.erros import DominioError, NaoEncontrado
from app.core.formatos import data_br, dinheiro
from app.core.telas.empresa import empresa_padrao
from app.core.transacao import transacao
from app.core.visoes import Interface, VisaoSomenteLeitura
from app.extensions import db
from app.faturamento import consultas
from app.faturamento.models import ClienteEstacionado, ExecucaoFaturamento
from app.faturamento.services import FaturamentoService


class RodadaView(BaseView):
    """``/faturamento/rodada/``: choose the day, check, issue, follow. Leaving the page is safe: the run is a task."""

    route_base = "/faturamento/rodada"
    titulo_da_permissao = _l("Rodada de faturamento")
    default_view = "escolher"

    @expose("/")
    @has_access
    @permission_name("ver")
    def escolher(self) -> ResponseReturnValue:
        """The preview of what is due up to the chosen day, through the same path that issues."""
        referencia = self._data(request.args.get("referencia"))
        previa = FaturamentoService(db.session()).simular(hoje=referencia)
        db.session.rollback()
        sessao = db.session()
        return self.render_template(
            "faturamento/rodada.html", previa=previa, referencia=referencia, correndo=consultas.execucao_em_andamento(sessao),
            so_previa=referencia > relogio.hoje(), empresa=empresa_padrao(sessao),
        )

    @expose("/emitir", methods=["POST"])
    @has_access
    @permission_name("emitir")
    def emitir(self) -> ResponseReturnValue:
        """Start the run of the chosen day, or show the one that is going on."""
        try:
            with transacao() as sessao:
                execucao = FaturamentoService(sessao).iniciar_execucao(hoje=self._data(request.form.get("referencia")), origem="tela")
                execucao_id = execucao.id
        except DominioError as erro:
            flash(str(erro), "danger")
            return redirect(url_for("RodadaView.escolher"))
        return redirect(url_for("RodadaView.acompanhar", pk=execucao_id))

    @expose("/<int:pk>")
    @has_access
    @permission_name("ver")
    def acompanhar(self, pk: int) -> ResponseReturnValue:
        """Progress while it goes on, the report afterwards."""
        return self.render_template("faturamento/acompanhar.html", r=self._relatorio(pk), origens=ORIGENS)

    @expose("/<int:pk>/progresso")
    @has_access
    @permission_name("ver")
    def progresso(self, pk: int) -> ResponseReturnValue:
        """The fragment that refreshes itself."""
        return self.render_template("faturamento/_progresso.html", r=self._relatorio(pk), origens=ORIGENS)

    @expose("/<int:pk>/parar", methods=["POST"])
    @has_access
    @permission_name("emitir")
    def parar(self, pk: int) -> ResponseReturnValue:
        """Stop after the present lot; what was issued stays."""
        try:
            with transacao() as sessao:
                FaturamentoService(sessao).pedir_parada(pk)
        except NaoEncontrado:
            abort(404)
        flash(_("A rodada vai parar depois do lote atual."), "info")
        return redirect(url_for("RodadaView.acompanhar", pk=pk))

    def _relatorio(self, pk: int) -> Any:
        return consultas.relatorio_da_execucao(db.session(), pk) or abort(404)

    @staticmethod
    def _data(texto: str | None) -> dt.date:
        try:
            dia = dt.date.fromisoformat(texto or "")
        except ValueError:
            return relogio.hoje()
        longe = abs((dia - relogio.hoje()).days) > 62
        if longe:
            flash(_("Escolha um dia a no máximo dois meses de hoje; mostrando %(hoje)s.", hoje=data_br(relogio.hoje())), "warning")
        return relogio.hoje() if longe else dia


ORIGENS = {"agenda": _l("Agenda"), "tela": _l("Uma pessoa"), "api": _l("API")}
COM_FATURAS = "_flt_1_esperado=0"


class ExecucaoFaturamentoView(VisaoSomenteLeitura):
    """Every run, newest first. The menu leads to those that had something to bill: most nights have nothing."""

    datamodel = Interface(ExecucaoFaturamento)
    route_base = "/faturamento/rodadas"
    list_title = _l("Rodadas anteriores")
    show_title = _l("Rodada de faturamento")
    list_columns = ["referencia", "status", "origem", "esperado", "valor_esperado", "iniciada_em", "terminada_em"]
    show_columns = list_columns
    search_columns = ["referencia", "status", "origem", "esperado"]
    order_columns = []
    base_order = ("id", "desc")
    label_columns = {
        "referencia": _l("Dia"), "status": _l("Status"), "origem": _l("Origem"), "esperado": _l("Esperadas"), "valor_esperado": _l("Valor esperado"),
        "iniciada_em": _l("Início"), "terminada_em": _l("Fim"),
    }
    formatters_columns = {"origem": lambda origem: ORIGENS.get(origem, origem), "valor_esperado": dinheiro}
    colunas_direita = ("esperado", "valor_esperado")
    visoes = [(_l("Com faturas"), COM_FATURAS), (_l("Todas"), "")]

    @expose("/show/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> ResponseReturnValue:
        """The run's report."""
        return redirect(url_for("RodadaView.acompanhar", pk=pk))


class ClienteEstacionadoView(VisaoSomenteLeitura):
    """Customers a run left aside, with the reason; trying again is one click."""

    datamodel = Interface(ClienteEstacionado, carregar=("cliente",))
    route_base = "/faturamento/estacionados"
    servico = FaturamentoService
    list_title = _l("Clientes estacionados")
    show_title = _l("Cliente estacionado")
    list_columns = ["cliente", "vencimento", "motivo", "created_at", "resolvido_em"]
    show_columns = list_columns
    search_columns = ["vencimento", "motivo", "resolvido_em"]
    order_columns = []
    base_order = ("id", "desc")
    label_columns = {
        "cliente": _l("Cliente"), "vencimento": _l("Vencimento"), "motivo": _l("Motivo"), "created_at": _l("Desde"), "resolvido_em": _l("Resolvido em"),
    }
    acoes_valem = {"tentar_de_novo": lambda estacionado: estacionado.resolvido_em is None}

    @action("tentar_de_novo", _l("Tentar de novo"), _l("Faturar de novo os clientes marcados?"), "refresh")
    def tentar_de_novo(self, itens: Any) -> Response:
        """Release the cycle and bill it now."""
        return self.executar(FaturamentoService.tentar_estacionado, itens, hoje=relogio.hoje())
