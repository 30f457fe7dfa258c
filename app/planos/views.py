"""Screens of what is sold: plans and additional services."""

from __future__ import annotations

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired, InputRequired, NumberRange

from app.core.formatos import dinheiro
from app.core.permissoes import dar
from app.core.visoes import Interface, VisaoCatalogo, faixa_de_preco
from app.planos.models import Adicional, Plano

_FISCAL = ["fiscal_scm", "fiscal_sva", "fiscal_locacao"]
_ROTULOS_FISCAIS = {"fiscal_scm": _l("Comunicação (SCM) %"), "fiscal_sva": _l("Valor adicionado (SVA) %"), "fiscal_locacao": _l("Locação %")}
_AJUDA_FISCAL = {"fiscal_locacao": _l("As três partes somam 100%.")}
_PRECO = [InputRequired(_l("Informe o preço.")), faixa_de_preco()]
_POSITIVO = [InputRequired(_l("Informe a velocidade.")), NumberRange(min=1, message=_l("Informe um número maior que zero."))]

dar("Gerente", "PlanoView|AdicionalView|PlanoApi|AdicionalApi", r"can_.*")
for _papel in ("Atendente", "Financeiro", "Tecnico"):
    dar(_papel, "PlanoView|AdicionalView", r"can_(list|show)")
    dar(_papel, "PlanoApi|AdicionalApi", r"can_(get|info)")
for _papel in ("Gerente", "Atendente", "Financeiro"):
    dar(_papel, "Comercial|Planos|Adicionais", "menu_access")


class PlanoView(VisaoCatalogo):
    """``/planos``."""

    datamodel = Interface(Plano)
    route_base = "/planos"
    fonte = "plano"
    busca_rapida = ""
    list_title, show_title, add_title, edit_title = _l("Planos"), _l("Plano"), _l("Novo plano"), _l("Editar plano")
    list_columns = ["nome", "tecnologia", "download_mbps", "upload_mbps", "preco", "fidelidade_meses", "ativo"]
    show_columns = [
        "nome", "codigo_oferta", "tecnologia", "download_mbps", "upload_mbps", "preco", "fidelidade_meses", "franquia_gb", "grupo_rede", *_FISCAL, "ativo",
    ]
    add_columns = edit_columns = show_columns
    search_columns = ["nome", "tecnologia", "preco", "ativo"]
    order_columns = []
    base_order = ("ordem", "asc")
    label_columns = {
        "nome": _l("Nome"), "codigo_oferta": _l("Código da oferta"), "tecnologia": _l("Tecnologia"), "download_mbps": _l("Download (Mbps)"),
        "upload_mbps": _l("Upload (Mbps)"), "preco": _l("Preço por mês"), "fidelidade_meses": _l("Fidelidade (meses)"), "franquia_gb": _l("Franquia (GB)"),
        "grupo_rede": _l("Grupo na rede"), "ativo": _l("À venda"), **_ROTULOS_FISCAIS,
    }
    description_columns = {
        "grupo_rede": _l("Em branco, o sistema usa plano-número."), "fidelidade_meses": _l("No máximo 12 para consumidores (RGC da Anatel)."), **_AJUDA_FISCAL,
    }
    validators_columns = {
        "nome": [DataRequired(_l("Informe o nome."))], "preco": _PRECO, "download_mbps": _POSITIVO, "upload_mbps": _POSITIVO,
        "fidelidade_meses": [NumberRange(0, 12, _l("De 0 a 12."))],
    }
    formatters_columns = {"preco": dinheiro}
    colunas_direita = ("download_mbps", "upload_mbps", "preco", "fidelidade_meses")
    visoes = [(_l("Todos"), ""), (_l("À venda"), "_flt_0_ativo=y")]
    texto_vazio = _l("Cadastre os planos que você vende; os contratos são feitos a partir deles.")


class AdicionalView(VisaoCatalogo):
    """``/planos/adicionais``."""

    datamodel = Interface(Adicional)
    route_base = "/planos/adicionais"
    list_title, show_title = _l("Serviços adicionais"), _l("Serviço adicional")
    add_title, edit_title = _l("Novo serviço adicional"), _l("Editar serviço adicional")
    list_columns = ["nome", "preco", "ativo"]
    show_columns = add_columns = edit_columns = ["nome", "preco", *_FISCAL, "ativo"]
    search_columns = ["nome", "preco", "ativo"]
    order_columns = []
    base_order = ("ordem", "asc")
    label_columns = {"nome": _l("Nome"), "preco": _l("Preço por mês"), "ativo": _l("À venda"), **_ROTULOS_FISCAIS}
    description_columns = _AJUDA_FISCAL
    validators_columns = {"nome": [DataRequired(_l("Informe o nome."))], "preco": _PRECO}
    formatters_columns = {"preco": dinheiro}
    colunas_direita = ("preco",)


def registrar(appbuilder: AppBuilder) -> None:
    """Register the screens."""
    appbuilder.add_view(PlanoView, "Planos", label=_l("Planos"), icon="package", category="Comercial", category_label=_l("Comercial"), category_icon="package")
    appbuilder.add_view(AdicionalView, "Adicionais", label=_l("Serviços adicionais"), icon="plus", category="Comercial")
