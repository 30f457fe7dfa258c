"""Base views: what every generated screen and API of the house inherits, with the framework's holes closed once.

::

    class PlanoView(VisaoCatalogo):
        datamodel = Interface(Plano)
        list_columns = ["nome", "preco", "ativo"]
        busca_rapida = "busca"
        fonte = "plano"

``init_app`` goes after ``appbuilder.init_app`` and before the modules register their views.
"""
from __future__ import annotations

from flask import Flask
from flask_appbuilder import AppBuilder, action, expose, has_access
from flask_appbuilder.api.manager import OpenApi

from app.core import paginas_erro, sigilo
from app.core.visoes import historico, links, volta
from app.core.visoes.api import ApiBase, ApiSomenteLeitura, ConversorDeEsquema
from app.core.visoes.base import VisaoBase, VisaoCatalogo, VisaoSomenteLeitura
from app.core.visoes.campos import (
    CampoData,
    CampoDecimal,
    CampoDinheiro,
    CampoEnum,
    CampoInstante,
    CampoInteiro,
    CampoTexto,
    CampoTextoLongo,
    faixa_de_preco,
)
from app.core.visoes.condicoes import FiltroVazio, interface
from app.core.visoes.corpos import Chave, Data, DataHora, Dia, Preco, Reais
from app.core.visoes.erros_banco import ErroDeBanco
from app.core.visoes.escopo import aplicar_escopo
from app.core.visoes.filtros import ConversorDeFiltros, FiltroInvalido, FiltrosPorRequisicao
from app.core.visoes.formularios import recusar
from app.core.visoes.graficos import VisaoGrafico
from app.core.visoes.interface import Contagem, Interface
from app.core.visoes.listas import Botao, Ligacao, conferir_argumentos
from app.core.visoes.pagina_api import PaginaApiView
from app.core.visoes.relacoes import CampoRemoto, CampoSelecao, Fonte, OpcoesView, registrar_fonte
from app.core.visoes.salvas import FiltrosSalvosView
from app.core.visoes.verbos import verbo

__all__ = [
    "ApiBase", "ApiSomenteLeitura", "Botao", "CampoData", "CampoDecimal", "CampoDinheiro", "CampoEnum", "CampoInstante", "CampoInteiro", "CampoRemoto",
    "CampoSelecao", "CampoTexto", "CampoTextoLongo", "Chave", "Contagem", "ConversorDeEsquema", "ConversorDeFiltros", "Data", "DataHora", "Dia", "ErroDeBanco",
    "FiltroInvalido", "FiltroVazio", "FiltrosPorRequisicao", "Fonte", "Interface", "Ligacao", "OpcoesView", "Preco", "Reais", "VisaoBase",
    "VisaoCatalogo", "VisaoGrafico", "VisaoSomenteLeitura", "action", "aplicar_escopo", "expose", "faixa_de_preco", "has_access", "init_app", "interface",
    "recusar", "registrar_fonte", "verbo",
]


def init_app(app: Flask, appbuilder: AppBuilder) -> None:
    """Template filters, error pages, and the endpoints of remote selects and saved views."""
    links.init_app(app)
    historico.init_app(app)
    volta.init_app(app)
    app.jinja_env.filters.update(sem_dados=sigilo.no_texto, telefone_visivel=sigilo.telefone, email_visivel=sigilo.email)
    paginas_erro.init_app(app)
    sigilo.init_app(app)
    app.before_request(conferir_argumentos)
    appbuilder.add_view_no_menu(OpcoesView)
    appbuilder.add_view_no_menu(FiltrosSalvosView)
    appbuilder.add_view_no_menu(PaginaApiView)
    appbuilder.add_api(OpenApi)
