"""What happens to a contract together with its money and access: activating, changing plan, suspending, ending."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import HiddenField, SelectField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.contratos.models import Contrato
from app.contratos.views.contratos import CampoDoPlano
from app.core import configuracao, relogio
from app.core.erros import Conflito, DominioError
from app.core.formatos import data_br
from app.core.modelos import versao_de
from app.core.transacao import transacao
from app.core.uma_vez import desta_abertura, nova_chave
from app.core.visoes import CampoData, CampoDinheiro, CampoInteiro, CampoTexto, faixa_de_preco, recusar
from app.core.visoes.campos import EntradaInteiro, EntradaTexto, Selecao
from app.extensions import db
from app.faturamento.models import Ciclo, CicloFaturamento
from app.faturamento.services import FaturamentoService

_QUANDO = [DataRequired(_l("Informe a data."))]


class _Feito(NamedTuple):
    """What a form did: to which contract, and whether an earlier sending of it had done so already."""

    contrato_id: int
    repetido: bool


class DoContratoForm(FlaskForm):
    """``versao``: when the contract had changed last as the form was opened; a change made meanwhile is not written over.

    ``chave`` makes pressing twice harmless.
    """

    versao, chave = HiddenField(), HiddenField(default=nova_chave)


class AtivarForm(DoContratoForm):
    """When service begins and how it is billed."""

    em = CampoData(_l("Primeiro dia de serviço"), _QUANDO)
    faturar_desde = CampoData(
        _l("Faturar a partir de"), [Optional()],
        description=_l("Em branco, o primeiro dia de serviço. Para um serviço antigo, o dia em que a cobrança começa aqui."),
    )
    ciclo_faturamento_id = SelectField(
        _l("Juntar ao vencimento"), coerce=int, default=0, widget=Selecao(),
        description=_l("Junto de outro, sai uma fatura só, no dia e no ciclo dele: o que se escolhe abaixo não conta."),
    )
    dia_vencimento = CampoInteiro(
        _l("Dia do vencimento"), [InputRequired(_l("Informe o dia.")), NumberRange(1, 31, _l("De 1 a 31."))], widget=EntradaInteiro(),
        description=_l("29, 30 e 31 viram o último dia nos meses mais curtos."),
    )
    ciclo_id = SelectField(_l("Ciclo"), [InputRequired()], coerce=int, widget=Selecao())


class DiaForm(DoContratoForm):
    """From when."""

    em = CampoData(_l("A partir de"), _QUANDO)


class EncerrarForm(DoContratoForm):
    """When and why it ends."""

    em = CampoData(_l("Último dia de serviço"), _QUANDO)
    motivo = CampoTexto(_l("Motivo"), [DataRequired(_l("Informe o motivo.")), Length(max=200)], widget=EntradaTexto())


class MudarPlanoForm(DoContratoForm):
    """Which plan, from when, for how much."""

    plano_id = CampoDoPlano(_l("Novo plano"))
    em = CampoData(_l("A partir de"), _QUANDO)
    preco = CampoDinheiro(_l("Preço por mês"), [Optional(), faixa_de_preco()], description=_l("Em branco, o preço do plano."))


class CicloDoContratoView(BaseView):
    """``/contratos/<id>/…``."""

    route_base = "/contratos"
    titulo_da_permissao = _l("Vida do contrato")
    default_view = "ativar"

    @expose("/<int:pk>/ativar", methods=["GET", "POST"])
    @has_access
    @permission_name("ativar")
    def ativar(self, pk: int) -> ResponseReturnValue:
        """Draft → active: the access is released and billing begins."""
        form = AtivarForm()
        ciclos = db.session.scalars(select(Ciclo).where(Ciclo.ativo).order_by(Ciclo.id)).all()
        form.ciclo_id.choices = [(c.id, c.nome) for c in ciclos]
        form.ciclo_faturamento_id.choices = [(0, _("Vencimento próprio")), *self._vencimentos(pk)]
        explica = _("O acesso é liberado agora, e os dias passam a ser cobrados.")
        return self._pagina(pk, form, (_("Ativar contrato"), explica), {"em": relogio.hoje(), "dia_vencimento": 10}, lambda servico: servico.ativar_contrato(
            pk, em=form.em.data, dia_vencimento=form.dia_vencimento.data, ciclo_id=form.ciclo_id.data,
            ciclo_faturamento_id=form.ciclo_faturamento_id.data or None,
            faturar_desde=form.faturar_desde.data))

    @expose("/<int:pk>/mudar-plano", methods=["GET", "POST"])
    @has_access
    @permission_name("mudar_plano")
    def mudar_plano(self, pk: int) -> ResponseReturnValue:
        """Another plan for an active contract."""
        form = MudarPlanoForm()
        explica = _("O acesso muda agora. A diferença de preço dos dias já faturados, por dia, vem na próxima fatura, a mais ou a menos.")
        return self._pagina(pk, form, (_("Mudar plano"), explica), {"em": relogio.hoje()}, lambda servico: servico.mudar_plano(
            pk, form.plano_id.data, em=form.em.data, preco=form.preco.data))

    @expose("/<int:pk>/suspender", methods=["GET", "POST"])
    @has_access
    @permission_name("suspender")
    def suspender(self, pk: int) -> ResponseReturnValue:
        """Pause at the customer's request: no access, no billing."""
        form = DiaForm()
        explica = _("Pausa a pedido do cliente: desta data até a retomada ele fica sem acesso e não é cobrado. Os dias já faturados que não vai usar "
                    "abatem as faturas em aberto, e o que sobra vira crédito dele.")
        return self._pagina(
            pk, form, (_("Suspender contrato"), explica), {"em": relogio.hoje()}, lambda servico: servico.suspender_a_pedido(pk, em=form.em.data))

    @expose("/<int:pk>/retomar", methods=["GET", "POST"])
    @has_access
    @permission_name("retomar")
    def retomar(self, pk: int) -> ResponseReturnValue:
        """Back from the pause."""
        form = DiaForm()
        explica = _("O acesso volta e a cobrança recomeça nesta data, por dia.")
        return self._pagina(pk, form, (_("Retomar contrato"), explica), {"em": relogio.hoje()}, lambda servico: servico.retomar(pk, em=form.em.data))

    @expose("/<int:pk>/encerrar", methods=["GET", "POST"])
    @has_access
    @permission_name("encerrar")
    def encerrar(self, pk: int) -> ResponseReturnValue:
        """End a contract: last proportional invoice, access closed."""
        form = EncerrarForm()
        explica = _("O acesso é cortado. Os dias usados e ainda não faturados são cobrados; os já faturados que o cliente não vai usar abatem as "
                    "faturas em aberto, e o que sobra vira crédito dele.")
        if configuracao.ler("faturamento.multa_fidelidade"):
            explica += " " + _("Dentro da fidelidade, a multa proporcional é cobrada.")
        return self._pagina(pk, form, (_("Encerrar contrato"), explica), {"em": relogio.hoje()}, lambda servico: servico.encerrar_contrato(
            pk, em=form.em.data, motivo=form.motivo.data))

    @staticmethod
    def _vencimentos(pk: int) -> list[tuple[int, str]]:
        """The active cycles of the contract's customer, as choices."""
        do_cliente = select(Contrato.cliente_id).where(Contrato.id == pk).scalar_subquery()
        consulta = select(CicloFaturamento).options(joinedload(CicloFaturamento.ciclo)).where(
            CicloFaturamento.cliente_id == do_cliente, CicloFaturamento.ativo)
        return [
            (c.id, _("%(ciclo)s, próximo em %(data)s", ciclo=c, data=data_br(c.proximo_vencimento)))
            for c in db.session.scalars(consulta.order_by(CicloFaturamento.id))
        ]

    def _pagina(self, pk: int, form: FlaskForm, assunto: tuple[str, str], padroes: dict[str, Any], fazer: Any) -> ResponseReturnValue:
        titulo, explica = assunto
        contrato = db.session.get(Contrato, pk) or abort(404)
        if form.validate_on_submit() and (feito := self._fazer(pk, form, fazer)):
            flash(*((_("%(ato)s: isto já estava feito.", ato=titulo), "warning") if feito.repetido else (_("%(ato)s: feito.", ato=titulo), "success")))
            return redirect(url_for("ContratoView.show", pk=pk))
        if not form.is_submitted():
            form.process(data={"versao": versao_de(contrato), "chave": nova_chave(), **padroes})
        return self.render_template("faturamento/contrato.html", form=form, titulo=titulo, explica=explica, contrato=contrato)

    @staticmethod
    def _fazer(pk: int, form: DoContratoForm, fazer: Any) -> _Feito | None:
        def uma() -> int:
            servico = FaturamentoService(sessao)
            servico.contratos.travar(pk, versao=form.versao.data or "")
            fazer(servico)
            return pk

        try:
            with transacao() as sessao:
                return _Feito(*desta_abertura(sessao, f"{request.endpoint}:{pk}", form, uma))
        except Conflito as erro:
            form.form_errors = [str(erro)]
            form.versao.process(None, versao_de(db.session.get_one(Contrato, pk, populate_existing=True)))      # the form shows it as it is now
            return None
        except DominioError as erro:
            return recusar(form, erro, senao="em")
