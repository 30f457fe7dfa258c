"""The right to see personal data as one row of the role editor, one customer's data shown on request, and the log of who saw what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import foreign, relationship

from app.brasil.documentos import formatar_documento, formatar_telefone
from app.clientes import acessos
from app.clientes.models import AcessoDadoPessoal, Cliente, OQueViu
from app.core import auditoria, sigilo
from app.core.formatos import data_br
from app.core.transacao import transacao
from app.core.visoes import Interface, VisaoSomenteLeitura

AcessoDadoPessoal.cliente = relationship(Cliente, primaryjoin=foreign(AcessoDadoPessoal.cliente_id) == Cliente.id, viewonly=True)
AcessoDadoPessoal.pessoa = relationship(User, primaryjoin=foreign(AcessoDadoPessoal.usuario_id) == User.id, viewonly=True)


@dataclass(frozen=True)
class Visiveis:
    """A customer's data as the present person may see them; addresses of links are empty where the data are masked."""

    documento: str
    telefone: str
    email: str
    nascimento: str
    ligar: str
    whatsapp: str
    completos: bool


def visiveis(cliente: Cliente, *, revelado: bool = False) -> Visiveis:
    """What the page shows; everything when the person asked for it (``revelado``)."""
    ve, liga = revelado or sigilo.pode("documento"), revelado or sigilo.pode("telefone")
    return Visiveis(
        documento=formatar_documento(cliente.cpf_cnpj) if ve else sigilo.mascarar_documento(cliente.cpf_cnpj),
        telefone=formatar_telefone(cliente.telefone) if liga else sigilo.mascarar_telefone(cliente.telefone),
        email=(cliente.email or "") if ve else sigilo.mascarar_email(cliente.email),
        nascimento=data_br(cliente.data_nascimento) if ve else "",
        ligar=f"tel:+55{cliente.telefone}" if liga and cliente.telefone else "",
        whatsapp=f"https://wa.me/55{cliente.whatsapp}" if liga and cliente.whatsapp else "",
        completos=ve,
    )


class DadosPessoaisView(BaseView):
    """``/dados-pessoais``. Two of its permissions have no page: they say what all the other pages show."""

    route_base = "/dados-pessoais"
    titulo_da_permissao = _l("Dados pessoais dos clientes")
    default_view = "mostrar"
    base_permissions: list[str] = [sigilo.VER, sigilo.VER_TELEFONE, sigilo.REVELAR]

    @expose("/<int:pk>/mostrar", methods=["POST"])
    @has_access
    @permission_name("revelar")
    def mostrar(self, pk: int) -> ResponseReturnValue:
        """The customer's page with everything on it, once; who asked is in the audit trail and in the log of personal data."""
        tela = next(v for v in self.appbuilder.baseviews if v.endpoint == "ClienteView")
        if not self.appbuilder.sm.has_access("can_show", tela.class_permission_name):
            abort(403)
        tela.exigir(pk)
        with transacao() as sessao:
            auditoria.registrar(sessao, "ver_documento", "cliente", pk)
            acessos.registrar(sessao, pk, OQueViu.documento)
        return tela.pagina(pk, revelado=True)


class AcessoDadoPessoalView(VisaoSomenteLeitura):
    """``/dados-pessoais/acessos``: the administrator's."""

    datamodel = Interface(AcessoDadoPessoal, carregar=("cliente", "pessoa"))
    route_base = "/dados-pessoais/acessos"
    list_title, show_title = _l("Acessos a dados pessoais"), _l("Acesso a dados pessoais")
    subtitulo = _l("Quem viu os dados de qual cliente, uma linha por pessoa, cliente e hora. Guardado por 5 anos; nada aqui pode ser mudado.")
    list_columns = ["em", "pessoa", "cliente", "o_que", "rota"]
    show_columns = list_columns
    search_columns = ["cliente", "pessoa", "o_que", "em"]
    order_columns = []
    base_order = ("id", "desc")
    remotos = {"cliente": "cliente", "pessoa": "usuario"}
    label_columns = {"em": _l("Quando"), "pessoa": _l("Quem"), "cliente": _l("Cliente"), "o_que": _l("O que viu"), "rota": _l("Endereço da página")}

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.formatters_columns = {"cliente": lambda c: c or _l("Todos os da lista")}
