"""Contracts. Plan, price and state change through services; the form edits only what has no consequence elsewhere."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from wtforms import HiddenField, SelectField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from app.clientes.models import Cliente, Endereco
from app.contratos.estados import Cobranca
from app.contratos.models import Contrato, ContratoHistorico
from app.contratos.services import ContratoService
from app.core import auditoria, relogio
from app.core.cifra import ChaveIlegivel
from app.core.erros import DominioError
from app.core.formatos import brl, dinheiro
from app.core.numeros import id_pedido
from app.core.transacao import transacao
from app.core.uma_vez import desta_abertura, nova_chave
from app.core.visoes import (
    Botao,
    CampoData,
    CampoDinheiro,
    CampoEnum,
    CampoTexto,
    ErroDeBanco,
    Interface,
    VisaoBase,
    VisaoSomenteLeitura,
    faixa_de_preco,
    recusar,
)
from app.core.visoes.campos import EntradaData, EntradaTexto, Selecao
from app.core.visoes.erros_banco import traduzir
from app.core.visoes.relacoes import CampoRemoto
from app.extensions import db
from app.planos.models import Plano

ROTULOS = {
    "numero": _l("Número"), "cliente": _l("Cliente"), "plano": _l("Plano"), "endereco_instalacao": _l("Endereço de instalação"), "preco": _l("Preço por mês"),
    "desconto": _l("Desconto por mês"), "desconto_ate": _l("Desconto até"), "data_inicio": _l("Início"), "data_fim": _l("Fim"), "status": _l("Status"),
    "data_renovacao": _l("Renovação"), "renovacao_automatica": _l("Renova sozinho"), "fidelidade_ate": _l("Fidelidade até"), "cobranca": _l("Cobrança"),
    "beneficio_fidelidade": _l("Benefício da fidelidade"), "login_pppoe": _l("Login PPPoE"), "bloqueio_automatico": _l("Bloqueio automático por atraso"),
    "nao_bloquear_ate": _l("Não bloquear até"), "motivo_cancelamento": _l("Motivo do cancelamento"), "created_at": _l("Criado em"),
}
_LOGIN = Regexp(r"[A-Za-z0-9._@-]{3,64}$", message=_l("Use de 3 a 64 letras, números, ponto, hífen ou @."))


class EscolherClienteForm(FlaskForm):
    """First step: whose contract."""

    cliente = CampoRemoto(_l("Cliente"), [DataRequired(_l("Escolha o cliente."))], fonte="cliente")


class CampoDoPlano(SelectField):
    """A plan on sale. It starts empty: the first of the list is nobody's choice."""

    def __init__(self, rotulo: Any, **kw: Any) -> None:
        super().__init__(rotulo, [InputRequired(_l("Escolha o plano."))], coerce=_numero_ou_nada, choices=_planos_a_venda, widget=Selecao(), **kw)


def _numero_ou_nada(valor: Any) -> int | None:
    return int(valor) if valor else None


def _planos_a_venda() -> list[tuple[Any, str]]:
    planos = db.session.scalars(select(Plano).where(Plano.ativo).order_by(Plano.ordem)).all()
    return [("", _("Escolha…")), *[(p.id, f"{p.nome} · {brl(p.preco)}") for p in planos]]


class NovoContratoForm(FlaskForm):
    """Second step: what and where. ``chave`` makes pressing twice harmless."""

    chave = HiddenField(default=nova_chave)
    plano_id = CampoDoPlano(_l("Plano"))
    endereco_id = SelectField(_l("Endereço de instalação"), coerce=int, widget=Selecao())
    data_inicio = CampoData(_l("Início previsto"), [DataRequired(_l("Informe a data."))], widget=EntradaData())
    preco = CampoDinheiro(_l("Preço por mês"), [Optional(), faixa_de_preco()], description=_l("Em branco, o preço do plano."))
    desconto = CampoDinheiro(_l("Desconto por mês"), [Optional(), faixa_de_preco()])
    desconto_ate = CampoData(_l("Desconto até"), [Optional()], widget=EntradaData(), description=_l("Em branco, sem fim."))
    cobranca = CampoEnum(_l("Cobrança"), [DataRequired()], enum_class=Cobranca, enums=[c.name for c in Cobranca], default=Cobranca.antecipada)
    login_pppoe = CampoTexto(_l("Login PPPoE"), [Optional(), Length(max=64), _LOGIN], widget=EntradaTexto(), description=_l("Em branco, o sistema cria."))

    def preencher(self, cliente_id: int) -> None:
        """The customer's addresses."""
        enderecos = db.session.scalars(select(Endereco).where(Endereco.cliente_id == cliente_id).order_by(Endereco.id)).all()
        self.endereco_id.choices = [(0, _("Informar depois")), *[(e.id, str(e)) for e in enderecos]]
        if not self.is_submitted() and enderecos:
            self.endereco_id.data = enderecos[0].id


class ContratoView(VisaoBase):
    """``/contratos``."""

    datamodel = Interface(Contrato, carregar=("cliente", "plano"))
    route_base = "/contratos"
    rotas_fechadas = frozenset({"download", "add", "delete"})
    fonte = "contrato"
    list_title, show_title, edit_title = _l("Contratos"), _l("Contrato"), _l("Editar contrato")
    list_columns = ["numero", "cliente", "plano", "preco", "data_inicio", "status"]
    show_columns = [
        "numero", "cliente", "plano", "endereco_instalacao", "status", "preco", "desconto", "desconto_ate", "cobranca", "data_inicio", "data_fim",
        "data_renovacao", "renovacao_automatica", "fidelidade_ate", "beneficio_fidelidade", "login_pppoe", "bloqueio_automatico", "nao_bloquear_ate",
        "motivo_cancelamento", "created_at",
    ]
    edit_columns = ["renovacao_automatica", "data_renovacao", "bloqueio_automatico", "nao_bloquear_ate", "beneficio_fidelidade"]
    add_columns = edit_columns
    search_columns = ["numero", "cliente", "plano", "status", "data_inicio", "data_renovacao", "login_pppoe"]
    order_columns = ["data_inicio", "status"]
    base_order = ("id", "desc")
    busca_rapida = "busca"
    remotos = {"cliente": "cliente"}
    label_columns = ROTULOS
    formatters_columns = {"preco": dinheiro, "desconto": dinheiro, "beneficio_fidelidade": dinheiro}
    colunas_direita = ("preco",)
    show_template = "contratos/contrato.html"
    botoes_da_lista = [Botao(_l("Novo contrato"), "ContratoView.novo", "plus", ("can_novo", "ContratoView"))]
    visoes = [
        (_l("Todos"), ""), (_l("Ativos"), "_flt_0_status=ativo"), (_l("Rascunhos"), "_flt_0_status=rascunho"), (_l("Suspensos"), "_flt_0_status=suspenso"),
        (_l("Cancelados"), "_flt_0_status=cancelado"),
    ]

    def _get_show_widget(self, pk: int, item: Contrato, *argumentos: Any, **opcoes: Any) -> dict[str, Any]:
        """The page names the contract and its customer, and may show the password."""
        widgets = super()._get_show_widget(pk, item, *argumentos, **opcoes)
        widgets["contrato"] = item
        tem = select(Contrato.senha_pppoe.is_not(None)).where(Contrato.id == item.id)
        widgets["pode_ver_senha"] = self.appbuilder.sm.has_access("can_senha", self.class_permission_name) and db.session.scalar(tem)
        return widgets

    def pre_update(self, item: Contrato) -> None:
        """Days and amounts that can be meant."""
        ContratoService(db.session()).conferir_edicao(item)

    @expose("/novo", methods=["GET", "POST"])
    @has_access
    def novo(self) -> ResponseReturnValue:
        """A draft contract for a customer."""
        cliente = db.session.get(Cliente, request.args.get("cliente", 0, type=id_pedido))
        if cliente is None:
            return self._escolher_cliente()
        form = NovoContratoForm()
        form.preencher(cliente.id)
        if form.validate_on_submit() and (feito := self._criar(form, cliente.id)):
            contrato_id, repetido = feito
            texto = _("Este contrato já estava criado.") if repetido else _("Contrato criado como rascunho. Ative quando o serviço começar.")
            flash(texto, "warning" if repetido else "success")
            return redirect(url_for("ContratoView.show", pk=contrato_id))
        if not form.is_submitted():
            form.data_inicio.data = relogio.hoje()
        return self.render_template("contratos/novo.html", form=form, cliente=cliente)

    def _escolher_cliente(self) -> ResponseReturnValue:
        form = EscolherClienteForm()
        if form.validate_on_submit():
            return redirect(url_for("ContratoView.novo", cliente=form.cliente.data.id))
        return self.render_template("contratos/novo.html", form=form, cliente=None)

    @staticmethod
    def _criar(form: NovoContratoForm, cliente_id: int) -> tuple[int, bool] | None:
        """The contract's id, and whether this form had been sent before."""
        try:
            with transacao() as sessao:
                return desta_abertura(sessao, f"contrato:{cliente_id}", form, lambda: ContratoService(sessao).criar_contrato(
                    cliente_id, form.plano_id.data, data_inicio=form.data_inicio.data, endereco_instalacao_id=form.endereco_id.data or None,
                    preco=form.preco.data, desconto=form.desconto.data or 0, desconto_ate=form.desconto_ate.data, cobranca=form.cobranca.data,
                    login_pppoe=form.login_pppoe.data,
                ).id)
        except DominioError as erro:
            return _recusar(form, erro)
        except SQLAlchemyError as erro:
            return _recusar(form, traduzir(erro, db.metadata))

    @expose("/<int:pk>/senha", methods=["POST"])
    @has_access
    def senha(self, pk: int) -> ResponseReturnValue:
        """The PPPoE password, once, with an audit record of who saw it."""
        contrato = self.datamodel.get(pk, self._base_filters) or abort(404)
        with transacao() as sessao:
            auditoria.registrar(sessao, "ver_senha", "contrato", contrato.id)
        try:
            senha = contrato.senha_pppoe or ""
        except ChaveIlegivel as erro:
            if request.headers.get("HX-Request"):
                return str(Markup('<span class="suave">{}</span>').format(erro))
            raise
        if request.headers.get("HX-Request"):
            return str(Markup('<code class="mono">{}</code>').format(senha))
        return jsonify(senha=senha)


def _recusar(form: FlaskForm, erro: DominioError | ErroDeBanco) -> None:
    recusar(form, erro, nome=lambda campo: {"endereco_instalacao_id": "endereco_id", "plano": "plano_id"}.get(campo, campo), senao="plano_id")


class ContratoHistoricoView(VisaoSomenteLeitura):
    """Versions of contracts."""

    datamodel = Interface(ContratoHistorico, carregar=("plano",))
    route_base = "/contratos/historico"
    list_title, show_title = _l("Histórico do contrato"), _l("Versão do contrato")
    list_columns = ["versao", "motivo", "plano", "preco", "data_criacao"]
    show_columns = [*list_columns, "termo"]
    search_columns = ["data_criacao"]
    order_columns = []
    label_columns = {
        "versao": _l("Versão"), "motivo": _l("Motivo"), "plano": _l("Plano"), "preco": _l("Preço por mês"), "data_criacao": _l("Quando"), "termo": _l("Texto"),
    }
    formatters_columns = {"preco": dinheiro}
    colunas_direita = ("preco",)


ContratoView.related_views = [ContratoHistoricoView]
