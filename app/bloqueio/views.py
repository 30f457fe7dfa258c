"""Blocks: the history of every contract, and blocking or releasing by a person's word."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import AppBuilder, action, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import foreign, relationship
from wtforms.validators import DataRequired, Length

from app.bloqueio.models import Bloqueio, MotivoBloqueio, TipoBloqueio
from app.bloqueio.services import A_MAO, BloqueioService
from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato
from app.contratos.views import ContratoView
from app.core import registro, relogio
from app.core.erros import DominioError
from app.core.numeros import id_pedido
from app.core.permissoes import dar
from app.core.transacao import transacao
from app.core.visoes import Botao, CampoEnum, CampoRemoto, CampoTexto, FiltroVazio, Ligacao, VisaoSomenteLeitura, interface, recusar
from app.core.visoes.campos import EntradaTexto
from app.notificacoes.models import Canal
from app.rede.views.comuns import GRUPO, BuscaPorContrato

Bloqueio.autor = relationship(User, primaryjoin=foreign(Bloqueio.autor_id) == User.id, viewonly=True)
Bloqueio.desbloqueado_por = relationship(User, primaryjoin=foreign(Bloqueio.desbloqueado_por_id) == User.id, viewonly=True)


class BloquearForm(FlaskForm):
    """Whom, how far and why."""

    contrato = CampoRemoto(_l("Contrato"), [DataRequired(_l("Escolha o contrato."))], fonte="contrato")
    motivo = CampoEnum(
        _l("Motivo"), [DataRequired(_l("Escolha o motivo."))], enum_class=MotivoBloqueio, enums=[m.name for m in A_MAO], default=MotivoBloqueio.manual
    )
    tipo = CampoEnum(
        _l("Alcance"), [DataRequired(_l("Escolha o alcance."))], enum_class=TipoBloqueio, enums=[t.name for t in TipoBloqueio], default=TipoBloqueio.total
    )
    explicacao = CampoTexto(
        _l("Explicação"), [DataRequired(_l("Explique por quê.")), Length(max=255)], widget=EntradaTexto(), description=_l("Fica no histórico do contrato.")
    )


class BloqueioView(BuscaPorContrato, VisaoSomenteLeitura):
    """``/bloqueios``."""

    datamodel = interface(Bloqueio, {"fim": FiltroVazio}, carregar=("contrato.cliente",))
    route_base = "/bloqueios"
    servico = BloqueioService
    list_title, show_title = _l("Bloqueios"), _l("Bloqueio")
    subtitulo = _l("O que está bloqueado, por quê e desde quando.")
    list_columns = ["contrato", "contrato.cliente", "tipo", "motivo", "inicio", "fim", "liberado_ate"]
    show_columns = [
        "contrato", "contrato.cliente", "tipo", "motivo", "inicio", "fim", "liberado_ate", "explicacao", "autor", "aviso_em", "aviso_canal",
        "aviso_destinatario", "aviso_hash", "desbloqueado_por", "motivo_desbloqueio",
    ]
    search_columns = ["contrato", "tipo", "motivo", "inicio", "fim", "liberado_ate"]
    order_columns = ["inicio"]
    colunas_exportadas = [*list_columns, "explicacao", "aviso_em", "aviso_canal", "aviso_destinatario", "motivo_desbloqueio"]
    base_order = ("inicio", "desc")
    remotos = {"contrato": "contrato"}
    acoes_com_motivo = {"desbloquear"}
    acoes_valem = {"desbloquear": lambda bloqueio: bloqueio.fim is None}
    botoes_da_lista = [Botao(_l("Bloquear contrato"), "BloqueioView.novo", "lock", ("can_bloquear", "BloqueioView"))]
    label_columns = {
        "contrato": _l("Contrato"), "contrato.cliente": _l("Cliente"), "tipo": _l("Alcance"), "motivo": _l("Motivo"), "inicio": _l("Início"),
        "fim": _l("Fim"), "liberado_ate": _l("Liberado até"), "explicacao": _l("Explicação"), "autor": _l("Bloqueado por"), "aviso_em": _l("Aviso enviado em"),
        "aviso_canal": _l("Canal do aviso"), "aviso_destinatario": _l("Destinatário do aviso"), "aviso_hash": _l("Resumo SHA-256 do aviso"),
        "desbloqueado_por": _l("Desbloqueado por"), "motivo_desbloqueio": _l("Motivo do desbloqueio"),
    }
    formatters_columns = {"autor": lambda autor: autor or _("Sistema"), "aviso_canal": lambda nome: Canal[nome].rotulo if nome else None}
    visoes = [
        (_l("Todos"), ""), (_l("Em vigor"), "_flt_6_fim=sim"), (_l("Por atraso"), "_flt_6_fim=sim&_flt_0_motivo=inadimplencia"),
        (_l("Encerrados"), "_flt_6_fim=nao"),
    ]

    @expose("/novo", methods=["GET", "POST"])
    @has_access
    @permission_name("bloquear")
    def novo(self) -> ResponseReturnValue:
        """Block a contract by hand."""
        form = BloquearForm()
        if form.validate_on_submit() and (bloqueio_id := self._bloquear(form)):
            flash(_("Contrato bloqueado. A rede é avisada em instantes."), "success")
            return redirect(url_for("BloqueioView.show", pk=bloqueio_id))
        if not form.is_submitted() and (pedido := request.args.get("contrato", type=id_pedido)):
            form.contrato.data = form.contrato.achar(pedido)
        return self.render_template("bloqueio/novo.html", form=form)

    @staticmethod
    def _bloquear(form: BloquearForm) -> int | None:
        contrato: Contrato = form.contrato.data
        try:
            with transacao() as sessao:
                return BloqueioService(sessao).bloquear(
                    contrato.id, form.motivo.data, tipo=form.tipo.data, em=relogio.agora(), explicacao=form.explicacao.data, origem="tela"
                ).id
        except DominioError as erro:
            recusar(form, erro, senao="contrato")
            return None

    @action("desbloquear", _l("Desbloquear"), _l("Encerrar os bloqueios marcados? O motivo fica no histórico."), "lock-open")
    def desbloquear(self, itens: Any) -> ResponseReturnValue:
        """Close blocks by a person's word."""
        try:
            motivo = self.motivo()
        except DominioError as erro:
            flash(str(erro), "danger")
            return self._voltar()
        return self.executar(BloqueioService.encerrar, itens, em=relogio.agora(), explicacao=motivo[:255])


dar("Gerente", "BloqueioView|Bloqueios")
dar("Financeiro", "BloqueioView", "can_(list|show|exportar|bloquear)|desbloquear")
dar("Atendente", "BloqueioView", "can_(list|show|exportar)")
dar("Tecnico", "BloqueioView", "can_(list|show)")
for _papel in ("Financeiro", "Atendente", "Tecnico"):
    dar(_papel, "Rede|Bloqueios", "menu_access")


def juntar() -> None:
    """The history is a tab of the contract, which also gets a link to block it."""
    registro.relacionar(ContratoView, BloqueioView)
    regras = {"permissao": ("can_bloquear", "BloqueioView"), "vale_para": lambda contrato: contrato.status is StatusContrato.ativo}
    bloquear = Ligacao(_l("Bloquear"), "BloqueioView.novo", "lock", parametro="contrato", **regras)
    if all(ligacao.endpoint != bloquear.endpoint for ligacao in ContratoView.links_da_linha):
        ContratoView.links_da_linha = [*ContratoView.links_da_linha, bloquear]


def registrar(appbuilder: AppBuilder) -> None:
    """Register the screen."""
    appbuilder.add_view(BloqueioView, "Bloqueios", label=_l("Bloqueios"), icon="lock", **GRUPO)
