"""What the screens of network and blocking share: search by contract, conditions that columns alone do not say, the secret's field."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.models.filters import BaseFilter
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import or_, select
from wtforms import Form, PasswordField
from wtforms.validators import ValidationError
from wtforms.widgets import PasswordInput

from app.clientes.models import Cliente
from app.contratos.models import Contrato
from app.core.busca import condicao_busca
from app.core.erros import ValorInvalido
from app.rede.regras import exigir_ip

GRUPO = {"category": "Rede", "category_icon": "router", "category_label": _l("Rede")}


class FiltroDoContrato(BaseFilter):
    """The quick search of rows of a contract: number and login of the contract, or what its customer is found by."""

    name = "busca"
    arg_name = None

    def apply(self, query: Any, value: str) -> Any:
        """Rows whose contract or customer has every typed word."""
        clientes = select(Cliente.id).where(condicao_busca(Cliente.busca, value))
        contratos = select(Contrato.id).where(or_(condicao_busca(Contrato.busca, value), Contrato.cliente_id.in_(clientes)))
        return query.filter(self.model.contrato_id.in_(contratos))


class BuscaPorContrato:
    """Mixin before the base view: the quick search looks at the row's contract and customer."""

    busca_rapida = "contrato_id"

    def _com_busca(self, filtros: Any) -> Any:
        texto = self._texto_buscado()
        return filtros.copy().add_filter("contrato_id", FiltroDoContrato, texto) if texto else filtros


class FiltroPendente(BaseFilter):
    """Whether the network still has to be made to agree: ``sim`` or ``nao``."""

    name = _l("Pendente")
    arg_name = "pendente"

    def apply(self, query: Any, value: str) -> Any:
        """Anything but ``nao`` means yes."""
        m = self.model
        return query.filter(m.versao == m.versao_aplicada if str(value) == "nao" else m.versao != m.versao_aplicada)


class _EntradaSegredo(PasswordInput):
    def __call__(self, field: Any, **kw: Any) -> Markup:
        kw["class"] = "form-control"
        kw.setdefault("autocomplete", "new-password")
        return super().__call__(field, **kw)


class CampoSegredo(PasswordField):
    """A secret that can be written and never read back; left blank it stays as it was."""

    widget = _EntradaSegredo()

    def populate_obj(self, obj: Any, name: str) -> None:
        """Only a typed secret replaces the stored one."""
        if self.data:
            setattr(obj, name, self.data)


def endereco_ip(_form: Form, campo: Any) -> None:
    """``exigir_ip`` as a validator of a field."""
    try:
        exigir_ip(campo.data)
    except ValorInvalido as erro:
        raise ValidationError(str(erro)) from erro
