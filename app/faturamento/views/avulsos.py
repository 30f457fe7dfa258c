"""What is billed outside the cycles: an invoice by hand, a one-off charge or discount, and credit given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import HiddenField, SelectField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.clientes.models import Cliente
from app.contratos.models import Contrato
from app.contratos.views.contratos import EscolherClienteForm
from app.core import configuracao, relogio
from app.core.dinheiro import CENTAVO
from app.core.erros import DominioError
from app.core.formatos import brl
from app.core.numeros import id_pedido
from app.core.transacao import transacao
from app.core.uma_vez import desta_abertura, nova_chave
from app.core.visoes import CampoData, CampoDinheiro, CampoEnum, CampoInteiro, CampoTexto, faixa_de_preco, recusar
from app.core.visoes.campos import AreaTexto, CampoTextoLongo, EntradaInteiro, EntradaTexto, Selecao
from app.extensions import db
from app.faturamento.estados import TipoItem, TipoLancamento
from app.faturamento.models import Credito
from app.faturamento.services import FaturamentoService, ItemManual

LINHAS, MAIS_LINHAS, MAXIMO_DE_LINHAS = 3, 3, 30
MAXIMO_DE_PARCELAS = 48
_TIPOS_DE_LINHA = ("servico", "produto", "ajuste", "desconto")
_FAIXA = faixa_de_preco(CENTAVO)
_DESCRICAO = [DataRequired(_l("Informe a descrição.")), Length(max=255)]
_VALOR = [InputRequired(_l("Informe o valor.")), _FAIXA]


class AvulsoForm(FlaskForm):
    """``chave`` makes pressing twice harmless."""

    chave = HiddenField(default=nova_chave)


class FaturaForm(AvulsoForm):
    """An invoice by hand; its lines are added by ``formulario_de_fatura``."""

    vencimento = CampoData(_l("Vencimento"), [DataRequired(_l("Informe o vencimento."))])
    observacoes = CampoTextoLongo(_l("Observações"), [Optional(), Length(max=500)], widget=AreaTexto(), description=_l("Saem impressas na fatura."))

    def itens(self) -> list[ItemManual]:
        """The lines that were filled in; a half-filled one gets its error at the empty field."""
        feitos = []
        for n in range(1, self.linhas + 1):
            descricao, valor = self[f"descricao_{n}"], self[f"valor_{n}"]
            if descricao.data and valor.data is not None:
                feitos.append(ItemManual(descricao.data, valor.data, self[f"quantidade_{n}"].data or 1, self[f"tipo_{n}"].data))
            elif descricao.data or valor.data is not None:
                falta, frase = (valor, _("Informe o valor.")) if descricao.data else (descricao, _("Informe a descrição."))
                falta.errors = [frase]
        if not feitos and not self.errors:
            self["descricao_1"].errors = [_("Informe pelo menos um item.")]
        return feitos


@cache
def formulario_de_fatura(linhas: int) -> type[FaturaForm]:
    """The form with that many lines."""
    campos: dict[str, Any] = {"linhas": linhas}
    for n in range(1, linhas + 1):
        campos |= {
            f"descricao_{n}": CampoTexto(_l("Descrição do item %(n)d", n=n), [Optional(), Length(max=255)], widget=EntradaTexto()),
            f"tipo_{n}": CampoEnum(_l("Tipo do item %(n)d", n=n), enum_class=TipoItem, enums=_TIPOS_DE_LINHA, default=TipoItem.servico),
            f"quantidade_{n}": CampoInteiro(
                _l("Quantidade do item %(n)d", n=n), [Optional(), NumberRange(1, 9999, _l("De 1 a 9999."))], default=1, widget=EntradaInteiro()),
            f"valor_{n}": CampoDinheiro(_l("Valor unitário do item %(n)d", n=n), [Optional(), _FAIXA]),
        }
    return type("FaturaForm", (FaturaForm,), campos)


class LancamentoForm(AvulsoForm):
    """A one-off charge or discount, at once or in instalments."""

    tipo = CampoEnum(
        _l("Tipo"), [DataRequired(_l("Escolha o tipo."))], enum_class=TipoLancamento, enums=[t.name for t in TipoLancamento], default=TipoLancamento.acrescimo)
    descricao = CampoTexto(_l("Descrição"), _DESCRICAO, widget=EntradaTexto(), description=_l("Como aparece na fatura."))
    valor = CampoDinheiro(_l("Valor total"), _VALOR)
    parcelas = CampoInteiro(
        _l("Parcelas"), [InputRequired(_l("Informe as parcelas.")), NumberRange(1, MAXIMO_DE_PARCELAS, _l("De 1 a 48."))], default=1, widget=EntradaInteiro(),
        description=_l("Uma por mês, na fatura de cada mês."))
    a_partir_de = CampoData(_l("A partir de"), [DataRequired(_l("Informe a data."))], description=_l("Entra na primeira fatura que vence neste dia ou depois."))
    contrato_id = SelectField(_l("Contrato"), coerce=int, widget=Selecao())
    motivo = CampoTexto(_l("Motivo"), [Optional(), Length(max=200)], widget=EntradaTexto(), description=_l("Interno: o cliente não vê."))


class CreditoForm(AvulsoForm):
    """Credit that the next invoices use up."""

    valor = CampoDinheiro(_l("Valor"), _VALOR)
    motivo = CampoTexto(_l("Motivo"), [DataRequired(_l("Informe o motivo.")), Length(max=200)], widget=EntradaTexto())


class DevolucaoForm(AvulsoForm):
    """What is left of a credit was paid back to the customer."""

    referencia = CampoTexto(
        _l("Referência"), [DataRequired(_l("Informe a referência da devolução.")), Length(max=100)], widget=EntradaTexto(),
        description=_l("O Pix, a transferência ou o recibo da devolução."))
    motivo = CampoTexto(_l("Motivo"), [DataRequired(_l("Informe o motivo.")), Length(max=200)], widget=EntradaTexto())


class AvulsosView(BaseView):
    """``/faturamento/avulsos/…?cliente=ID``; without a customer each page first asks whose."""

    route_base = "/faturamento/avulsos"
    titulo_da_permissao = _l("Cobranças avulsas e créditos")
    default_view = "fatura"

    @expose("/fatura", methods=["GET", "POST"])
    @has_access
    def fatura(self) -> ResponseReturnValue:
        """An invoice by hand: customer, due date, lines."""
        if (cliente := self._cliente()) is None:
            return self._escolher(_("Nova fatura avulsa"))
        linhas = min(max((request.form if request.method == "POST" else request.args).get("linhas", LINHAS, type=int), 1), MAXIMO_DE_LINHAS)
        if "mais" in request.form:
            form = formulario_de_fatura(min(linhas + MAIS_LINHAS, MAXIMO_DE_LINHAS))()
        else:
            form = formulario_de_fatura(linhas)()
            if form.validate_on_submit() and (feita := self._emitir(form, cliente.id)):
                return feita
        if not form.is_submitted():
            form.vencimento.data = relogio.hoje() + dt.timedelta(days=configuracao.ler("faturamento.prazo_minimo_dias"))
        return self._pagina(cliente, form, _("Nova fatura avulsa"), "faturamento/fatura_avulsa.html", botao=_("Emitir fatura"), maximo=MAXIMO_DE_LINHAS)

    @expose("/lancamento", methods=["GET", "POST"])
    @has_access
    def lancamento(self) -> ResponseReturnValue:
        """A charge or discount for the next invoices."""
        if (cliente := self._cliente()) is None:
            return self._escolher(_("Novo lançamento avulso"))
        form = LancamentoForm()
        contratos = db.session.scalars(select(Contrato).where(Contrato.cliente_id == cliente.id).order_by(Contrato.id)).all()
        form.contrato_id.choices = [(0, _("Nenhum em especial")), *[(c.id, f"{c.numero} · {c.plano.nome}") for c in contratos]]
        if not form.is_submitted():
            form.a_partir_de.data = relogio.hoje()
        if form.validate_on_submit() and (feito := self._fazer(form, cliente.id, lambda servico: servico.lancar(
            cliente.id, tipo=form.tipo.data, descricao=form.descricao.data, valor=form.valor.data, a_partir_de=form.a_partir_de.data,
            parcelas=form.parcelas.data, contrato_id=form.contrato_id.data or None, motivo=form.motivo.data,
        )[0].id)):
            _avisar(feito[1], _("Lançamento registrado."), _("Este lançamento já estava registrado."))
            return redirect(url_for("ClienteView.show", pk=cliente.id))
        return self._pagina(cliente, form, _("Novo lançamento avulso"), botao=_("Lançar"))

    @expose("/credito", methods=["GET", "POST"])
    @has_access
    def credito(self) -> ResponseReturnValue:
        """Credit given, with its reason."""
        if (cliente := self._cliente()) is None:
            return self._escolher(_("Dar crédito"))
        form = CreditoForm()
        if form.validate_on_submit() and (feito := self._fazer(
            form, cliente.id, lambda servico: servico.creditar(cliente.id, valor=form.valor.data, motivo=form.motivo.data).id
        )):
            texto = _("Crédito de %(valor)s registrado: a próxima fatura o usa.", valor=brl(form.valor.data))
            _avisar(feito[1], texto, _("Este crédito já estava registrado."))
            return redirect(url_for("ClienteView.show", pk=cliente.id))
        return self._pagina(cliente, form, _("Dar crédito"))

    @expose("/credito/<int:pk>/devolver", methods=["GET", "POST"])
    @has_access
    def devolver(self, pk: int) -> ResponseReturnValue:
        """Record that a credit was paid back: all that is left of it."""
        credito = db.session.get(Credito, pk) or abort(404)
        form = DevolucaoForm()
        if not form.is_submitted() and not credito.saldo:
            flash(_("Este crédito já foi usado ou devolvido."), "warning")
            return redirect(url_for("CreditoView.show", pk=pk))
        if form.validate_on_submit() and (feito := self._fazer(form, credito.cliente_id, lambda servico: servico.devolver_credito(
            pk, motivo=form.motivo.data, referencia=form.referencia.data, em=relogio.hoje()).id
        )):
            _avisar(feito[1], _("Devolução registrada."), _("Esta devolução já estava registrada."))
            return redirect(url_for("CreditoView.show", pk=pk))
        return self._pagina(
            credito.cliente, form, _("Devolver crédito de %(valor)s", valor=brl(credito.saldo)), botao=_("Registrar devolução"),
            trilha=[(_("Créditos de clientes"), url_for("CreditoView.list")), (credito.motivo, url_for("CreditoView.show", pk=pk))],
            voltar=url_for("CreditoView.show", pk=pk))

    def _emitir(self, form: FaturaForm, cliente_id: int) -> ResponseReturnValue | None:
        itens = form.itens()
        if form.errors:
            return None
        feito = self._fazer(form, cliente_id, lambda servico: servico.gerar_invoice(
            cliente_id, itens, vencimento=form.vencimento.data, em=relogio.hoje(), observacoes=form.observacoes.data).id)
        if feito is None:
            return None
        _avisar(feito[1], _("Fatura emitida."), _("Esta fatura já estava emitida."))
        return redirect(url_for("InvoiceView.show", pk=feito[0]))

    @staticmethod
    def _cliente() -> Cliente | None:
        chave = request.args.get("cliente", type=id_pedido)
        if chave is None:
            return None
        return db.session.get(Cliente, chave) or abort(404)

    def _escolher(self, titulo: str) -> ResponseReturnValue:
        form = EscolherClienteForm()
        if form.validate_on_submit():
            return redirect(url_for(request.endpoint, cliente=form.cliente.data.id))
        return self.render_template(
            "crm/formulario.html", form=form, titulo=titulo, trilha=[(_("Faturas"), url_for("InvoiceView.list"))], voltar=url_for("InvoiceView.list"),
            botao=_("Continuar"))

    def _pagina(self, cliente: Cliente, form: FlaskForm, titulo: str, template: str = "crm/formulario.html", **mais: Any) -> ResponseReturnValue:
        volta = url_for("ClienteView.show", pk=cliente.id)
        trilha = [(_("Clientes"), url_for("ClienteView.list")), (cliente.nome, volta)]
        return self.render_template(
            template, form=form, titulo=titulo, subtitulo=f"{cliente.nome} · {cliente.documento}", **{"voltar": volta, "trilha": trilha, **mais})

    @staticmethod
    def _fazer(form: AvulsoForm, cliente_id: int, fazer: Callable[[FaturamentoService], int]) -> tuple[int, bool] | None:
        """The id the verb returns, and whether this form had been sent before; a refusal goes to the field it names, or above the form."""
        try:
            with transacao() as sessao:
                return desta_abertura(sessao, f"{request.endpoint}:{cliente_id}", form, lambda: fazer(FaturamentoService(sessao)))
        except DominioError as erro:
            return recusar(form, erro)


def _avisar(repetido: bool, feito: str, ja_estava: str) -> None:
    flash(ja_estava if repetido else feito, "warning" if repetido else "success")
