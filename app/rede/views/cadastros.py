"""Sites and access servers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import Length, NumberRange, Optional

from app.core.visoes import Interface, VisaoCatalogo
from app.rede.controladores import exigir_disponivel
from app.rede.models import Pop, Servidor
from app.rede.regras import conferir_pop
from app.rede.views.comuns import CampoSegredo, endereco_ip


class PopView(VisaoCatalogo):
    """``/rede/pops``."""

    datamodel = Interface(Pop)
    route_base = "/rede/pops"
    list_title, show_title, add_title, edit_title = _l("POPs"), _l("POP"), _l("Novo POP"), _l("Editar POP")
    subtitulo = _l("Os pontos de presença da rede.")
    list_columns = ["nome", "municipio", "uf"]
    add_columns = edit_columns = ["nome", "endereco", "municipio", "uf", "latitude", "longitude"]
    show_columns = [*add_columns, "updated_at"]
    search_columns = ["nome", "municipio", "uf"]
    order_columns = ["nome", "municipio", "uf"]
    base_order = ("ordem", "asc")
    label_columns = {
        "nome": _l("Nome"), "endereco": _l("Endereço"), "municipio": _l("Município"), "uf": _l("UF"), "latitude": _l("Latitude"),
        "longitude": _l("Longitude"), "updated_at": _l("Alterado em"),
    }

    def pre_add(self, item: Pop) -> None:
        """As the API does."""
        conferir_pop(item)

    pre_update = pre_add


class ServidorView(VisaoCatalogo):
    """``/rede/servidores``. The secret is written and never shown."""

    datamodel = Interface(Servidor, carregar=("pop",))
    route_base = "/rede/servidores"
    list_title, show_title, add_title, edit_title = _l("Servidores de acesso"), _l("Servidor de acesso"), _l("Novo servidor"), _l("Editar servidor")
    subtitulo = _l("Os equipamentos que autenticam e cortam as conexões. “Simulado” registra o que seria feito, sem tocar em equipamento nenhum.")
    list_columns = ["nome", "pop", "ip", "tipo", "ativo", "ultimo_contato_em", "ultimo_erro"]
    add_columns = edit_columns = ["nome", "pop", "tipo", "ip", "porta_coa", "usuario", "segredo", "ativo"]
    show_columns = ["nome", "pop", "tipo", "ip", "porta_coa", "usuario", "ativo", "ultimo_contato_em", "ultimo_erro", "pausado_ate", "updated_at"]
    search_columns = ["nome", "ip", "tipo", "ativo", "pop"]
    order_columns = ["nome", "ip", "tipo", "ultimo_contato_em"]
    base_order = ("ordem", "asc")
    label_columns = {
        "nome": _l("Nome"), "pop": _l("POP"), "ip": _l("Endereço IP"), "tipo": _l("Tipo"), "ativo": _l("Ativo"), "usuario": _l("Usuário"),
        "porta_coa": _l("Porta CoA"), "segredo": _l("Segredo"), "ultimo_contato_em": _l("Último contato"), "ultimo_erro": _l("Último erro"),
        "pausado_ate": _l("Em pausa até"), "updated_at": _l("Alterado em"),
    }
    description_columns = {"segredo": _l("Fica cifrado e não aparece mais. Em branco, continua o que já estava."), "porta_coa": _l("Padrão: 3799.")}
    validators_columns = {"ip": [endereco_ip], "porta_coa": [Optional(), NumberRange(1, 65535, _l("De 1 a 65535."))]}
    add_form_extra_fields = edit_form_extra_fields = {
        "segredo": CampoSegredo(label_columns["segredo"], [Optional(), Length(max=255)], description=description_columns["segredo"]),
    }

    def pre_add(self, item: Servidor) -> None:
        """Only kinds that can be driven today."""
        exigir_disponivel(item.tipo)

    pre_update = pre_add
