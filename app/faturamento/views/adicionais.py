"""Additional services of contracts, on the contract's page: added and ended with what that means for its invoices."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired, NumberRange, Optional

from app.contratos.models import ContratoItem
from app.core import relogio
from app.core.formatos import dinheiro
from app.core.visoes import CampoData, CampoDinheiro, CampoInteiro, Interface, VisaoBase, faixa_de_preco
from app.core.visoes.campos import EntradaInteiro
from app.extensions import db
from app.faturamento.services import FaturamentoService


class ContratoItemView(VisaoBase):
    """Additional services of contracts; ended by a date, never deleted."""

    datamodel = Interface(ContratoItem, carregar=("contrato", "adicional"))
    route_base = "/contratos/adicionais"
    rotas_fechadas = frozenset({"download", "delete"})
    list_title, show_title = _l("Adicionais do contrato"), _l("Adicional do contrato")
    add_title, edit_title = _l("Novo adicional do contrato"), _l("Encerrar adicional do contrato")
    list_columns = ["adicional", "quantidade", "preco", "de", "ate"]
    show_columns = ["contrato", *list_columns]
    add_columns = ["contrato", "adicional", "quantidade", "preco", "de", "ate"]
    edit_columns = ["ate"]
    search_columns = ["contrato", "adicional", "de", "ate"]
    order_columns = []
    remotos = {"contrato": "contrato"}
    label_columns = {
        "contrato": _l("Contrato"), "adicional": _l("Serviço"), "quantidade": _l("Quantidade"), "preco": _l("Preço por mês"), "de": _l("Desde"),
        "ate": _l("Até"),
    }
    description_columns = {"ate": _l("Último dia de serviço. O que já foi faturado depois dele volta como crédito.")}
    add_form_extra_fields = {
        "quantidade": CampoInteiro(_l("Quantidade"), [Optional(), NumberRange(1, 999, _l("De 1 a 999."))], widget=EntradaInteiro(), default=1),
        "preco": CampoDinheiro(_l("Preço por mês"), [Optional(), faixa_de_preco()], description=_l("Em branco, o preço do serviço.")),
        "de": CampoData(_l("Desde"), [DataRequired(_l("Informe a data."))], default=relogio.hoje),
    }
    formatters_columns = {"preco": dinheiro}
    colunas_direita = ("quantidade", "preco")

    def assunto(self, item: ContratoItem) -> str:
        """The service and its contract."""
        return f"{item} · {item.contrato} · {item.contrato.cliente}"

    def pre_add(self, item: ContratoItem) -> None:
        """Checked, and what the invoices will not bring is charged."""
        FaturamentoService(db.session()).contratar_adicional(item)

    def pre_update(self, item: ContratoItem) -> None:
        """The end is settled."""
        FaturamentoService(db.session()).encerrar_adicional(item)
