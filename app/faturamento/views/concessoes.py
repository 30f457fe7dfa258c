"""Who gave which customer how much: what adds up against the limits of the roles."""

from __future__ import annotations

from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import foreign, relationship

from app.clientes.models import Cliente
from app.core.formatos import dinheiro
from app.core.visoes import Interface, VisaoSomenteLeitura
from app.usuarios.models import Concessao

# of lower floors, where one knows of no customers, and of rows that outlive their accounts
Concessao.cliente = relationship(Cliente, primaryjoin=foreign(Concessao.cliente_id) == Cliente.id, viewonly=True)
Concessao.pessoa = relationship(User, primaryjoin=foreign(Concessao.usuario_id) == User.id, viewonly=True)


class ConcessaoView(VisaoSomenteLeitura):
    """``/faturamento/concessoes``: discounts, credits and waivers that people gave; what the system gives back is not among them."""

    datamodel = Interface(Concessao, carregar=("cliente", "pessoa"))
    route_base = "/faturamento/concessoes"
    list_title, show_title = _l("Concessões"), _l("Concessão")
    subtitulo = _l("Descontos, créditos e dispensas dados por pessoas. Somam contra o limite do papel por 30 dias; nada aqui pode ser mudado.")
    list_columns = ["em", "pessoa", "cliente", "tipo", "valor", "acima"]
    show_columns = list_columns
    search_columns = ["pessoa", "cliente", "tipo", "valor", "acima", "em"]
    order_columns = []
    base_order = ("id", "desc")
    remotos = {"pessoa": "usuario", "cliente": "cliente"}
    visoes = ((_l("Todas"), ""), (_l("Acima do limite"), "_flt_0_acima=y"))
    label_columns = {
        "em": _l("Quando"), "pessoa": _l("Quem deu"), "cliente": _l("Cliente"), "tipo": _l("Tipo"), "valor": _l("Valor"), "acima": _l("Acima do limite"),
    }
    formatters_columns = {"valor": dinheiro}
    colunas_direita = ("valor",)
