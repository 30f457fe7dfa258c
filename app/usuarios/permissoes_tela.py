"""The rights of a role as a table: one row per noun, its screen and its API side by side, one box per action. Only an administrator saves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from flask_appbuilder.api import BaseApi
from flask_appbuilder.menu import MenuApi
from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import permissoes
from app.core.tipos import N_
from app.core.visoes.trilha import dizer

COLUNAS = (
    ("ver", _l("Ver"), {"can_list", "can_show", "can_get", "can_info", "can_chart", "can_pagina", "can_index", "can_ver"}),
    ("criar", _l("Criar"), {"can_add", "can_post", "can_novo", "can_criar"}),
    ("editar", _l("Editar"), {"can_edit", "can_put"}),
    ("excluir", _l("Excluir"), {"can_delete"}),
    ("exportar", _l("Exportar"), {"can_exportar"}),
)
ACOES = {   # of views and APIs that are no actions of a list, which bring their own words
    "can_anotar": N_("Anotar"), "can_ativar": N_("Ativar"), "can_bloquear": N_("Bloquear"), "can_cancelar": N_("Cancelar"),
    "can_compartilhar": N_("Compartilhar"), "can_configurar": N_("Configurar"), "can_confirmar": N_("Confirmar"),
    "can_desbloquear": N_("Desbloquear"), "can_emitir": N_("Emitir"), "can_encerrar": N_("Encerrar"), "can_estornar": N_("Estornar"),
    "can_executar": N_("Executar"), "can_gerar": N_("Gerar"), "can_importar": N_("Importar"), "can_lancar": N_("Lançar"),
    "can_mudar_plano": N_("Mudar plano"), "can_pagar": N_("Registrar recebimento"), "can_parar": N_("Parar"),
    "can_aplicar": N_("Aplicar"), "can_devolver": N_("Devolver"), "can_dar": N_("Dar"), "can_retirar": N_("Retirar"),
    "can_liberar": N_("Liberar"), "can_nova": N_("Criar"),
    "can_ligar": N_("Ligar"), "can_mudar_servidor": N_("Mudar servidor"), "can_reemitir": N_("Reemitir"), "usar_credito": N_("Usar crédito do cliente"),
    "can_fatura": N_("Fatura avulsa"), "can_faturar": N_("Faturar"), "can_lancamento": N_("Lançamento avulso"), "can_credito": N_("Dar crédito"),
    "can_registrar_aviso": N_("Registrar aviso"),
    "can_ver_dados": N_("Ver documentos, e-mails e telefones"), "can_ver_telefone": N_("Ver telefones"),
    "can_registrar": N_("Registrar"), "can_consentir": N_("Registrar consentimento"), "can_anonimizar": N_("Anonimizar"),
    "can_responder": N_("Responder"), "can_baixar": N_("Baixar"),
    "can_revelar": N_("Mostrar os dados de um cliente por vez"),
    "can_pausar": N_("Pausar"), "can_previa": N_("Prévia"),
    "can_reaplicar": N_("Aplicar de novo"), "can_reenviar": N_("Reenviar"), "can_retomar": N_("Retomar"), "can_rodar": N_("Rodar"),
    "can_historico": N_("Ver histórico"), "can_senha": N_("Ver senha PPPoE"), "can_acima_do_limite": N_("Passar do limite do papel"),
    "can_ver_como": N_("Ver como o cliente"), "can_suspender": N_("Suspender"), "can_tentar_de_novo": N_("Tentar de novo"),
}
DO_FRAMEWORK = {"OpenApi": N_("Descrição da API")}
GRUPOS = {"Portal": N_("Portal do cliente"), "API": N_("API"), "Outras": N_("Outras telas")}       # beside the menu's own
ONDE = {    # nouns that are not where their package's menu is
    "CicloDoContrato": "Clientes", "ContratoItem": "Clientes", "LimitePapel": "Financeiro", "PaginaApi": "API", "Open": "API",
}
_PACOTES = {"portal": "Portal", "contratos": "Clientes"}
_COLUNA_DA_PERMISSAO = {permissao: coluna for coluna, _rotulo, permissoes_ in COLUNAS for permissao in permissoes_}


@dataclass
class Caixa:
    """A box: the ids of the permissions it stands for, which are one right to whoever reads. ``pares`` are their (view, permission)."""

    rotulo: str
    api: bool
    ids: list[int] = field(default_factory=list)
    pares: list[tuple[str, str]] = field(default_factory=list)

    @property
    def valor(self) -> str:
        """What the form sends."""
        return ",".join(map(str, self.ids))


@dataclass
class Linha:
    """A noun: its screen, its API or both; for each column and each action at most one box of either."""

    nome: str
    titulo: str
    grupo: str
    de_tela: bool
    celulas: dict[str, dict[bool, Caixa]] = field(default_factory=dict)
    acoes: dict[str, dict[bool, Caixa]] = field(default_factory=dict)
    visoes: set[str] = field(default_factory=set)

    def incluir(self, visao: str, permissao: str, chave: int, rotulo: str, *, api: bool) -> None:
        """Put a permission where it belongs."""
        coluna = _COLUNA_DA_PERMISSAO.get(permissao)
        onde = self.acoes.setdefault(rotulo, {}) if coluna is None else self.celulas.setdefault(coluna, {})
        caixa = onde.setdefault(api, Caixa(rotulo, api))
        caixa.ids.append(chave)
        caixa.pares.append((visao, permissao))
        self.visoes.add(visao)

    def caixas(self, coluna: str | None = None) -> list[Caixa]:
        """The boxes of a column, or those of the actions: the screen's before the API's."""
        celulas = self.acoes.values() if coluna is None else [self.celulas.get(coluna, {})]
        return [celula[api] for celula in celulas for api in (False, True) if api in celula]

    @property
    def todas(self) -> list[Caixa]:
        """Every box of the row."""
        return [caixa for celula in (*self.celulas.values(), *self.acoes.values()) for caixa in celula.values()]

    @property
    def dois(self) -> bool:
        """Whether there is something to tell apart: a screen and an API."""
        return self.de_tela and any(caixa.api for caixa in self.todas)


def linhas_da_matriz(sessao: Session) -> list[Linha]:
    """Every registered noun that asks for a permission, by title."""
    direitos = _direitos(sessao)
    linhas: dict[str, Linha] = {}
    grupos, pacotes = _grupos_do_menu()
    visoes = [v for v in current_app.appbuilder.baseviews if not isinstance(v, MenuApi)]
    for visao in sorted(visoes, key=lambda v: isinstance(v, BaseApi)):      # a screen gives the row its title
        nome, api = visao.class_permission_name, isinstance(visao, BaseApi)
        substantivo = nome.removesuffix("Api" if api else "View")
        for permissao in sorted(visao.base_permissions or ()):
            if (nome, permissao) not in direitos:
                continue
            if substantivo not in linhas:
                grupo = ONDE.get(substantivo) or grupos.get(nome) or pacotes.get(_pacote(visao)) or "Outras"
                linhas[substantivo] = Linha(substantivo, _titulo(visao), grupo, not api)
            linhas[substantivo].incluir(nome, permissao, direitos[nome, permissao], _rotulo_da_acao(visao, permissao), api=api)
    return sorted(linhas.values(), key=lambda linha: linha.titulo.casefold())


def por_grupo(linhas: Iterable[Linha]) -> list[tuple[str, str, list[Linha]]]:
    """(group, its words, its rows), in the menu's order and then what is in no menu."""
    grupos = sorted(current_app.appbuilder.menu.get_list(), key=lambda grupo: grupo.name == "Security")      # the framework's own comes first there
    rotulos = {grupo.name: str(grupo.label) for grupo in grupos}
    rotulos |= {nome: _(texto) for nome, texto in GRUPOS.items() if nome not in rotulos}
    juntas: dict[str, list[Linha]] = {}
    for linha in linhas:
        juntas.setdefault(linha.grupo, []).append(linha)
    return [(nome, rotulo, juntas[nome]) for nome, rotulo in rotulos.items() if nome in juntas]


def ids_da_matriz(linhas: list[Linha]) -> set[int]:
    """Every permission the table shows."""
    return {chave for linha in linhas for caixa in linha.todas for chave in caixa.ids}


def padrao_da_casa(papel: str, linhas: list[Linha]) -> set[int] | None:
    """Permissions of the table that the house gives the role; None for a role that somebody made."""
    if not permissoes.PAPEIS.get(papel):
        return None
    return {chave for linha in linhas for caixa in linha.todas for chave, par in zip(caixa.ids, caixa.pares, strict=True) if permissoes.merece(papel, *par)}


def _grupos_do_menu() -> tuple[dict[str, str], dict[str, str]]:
    """In which group of the menu each view is, and where the views of each package are that are in no menu."""
    grupos, pacotes = {}, dict(_PACOTES)
    for grupo in current_app.appbuilder.menu.get_list():
        for item in grupo.childs or [grupo]:
            if item.baseview is not None:
                grupos[item.baseview.class_permission_name] = grupo.name
                pacotes.setdefault(_pacote(item.baseview), grupo.name)
    return grupos, pacotes


def _pacote(visao: Any) -> str:
    return type(visao).__module__.split(".")[1]


def _titulo(visao: Any) -> str:
    if visao.class_permission_name in DO_FRAMEWORK:
        return _(DO_FRAMEWORK[visao.class_permission_name])
    if isinstance(visao, BaseApi):
        return _("%(tela)s (API)", tela=getattr(visao, "titulo_da_permissao", "") or visao.list_title)
    titulo = getattr(visao, "list_title", None) or getattr(visao, "title", None) or getattr(visao, "titulo_da_permissao", None)
    return str(titulo) if titulo else visao.class_permission_name


def _rotulo_da_acao(visao: Any, permissao: str) -> str:
    acao = getattr(visao, "actions", {}).get(permissao)
    if acao:
        return str(acao.text)
    return _(ACOES[permissao]) if permissao in ACOES else permissao.removeprefix("can_").replace("_", " ").capitalize()


def direito_em_palavras(nome: str) -> str:
    """``PlanoView · can_edit``, as the audit trail keeps a right, in the table's words: ``Planos · Editar``."""
    tela, _ponto, permissao = nome.partition(" · ")
    if permissao == "menu_access":
        return _("Menu: %(item)s", item=next((str(i.label) for i in _itens_do_menu() if i.name == tela), tela))
    visao = next((v for v in current_app.appbuilder.baseviews if v.class_permission_name == tela and not isinstance(v, MenuApi)), None)
    if visao is None:
        return nome
    coluna = next((str(rotulo) for chave, rotulo, _permissoes in COLUNAS if chave == _COLUNA_DA_PERMISSAO.get(permissao)), None)
    return f"{_titulo(visao)} · {coluna or _rotulo_da_acao(visao, permissao)}"


def _itens_do_menu() -> Iterator[Any]:
    for grupo in current_app.appbuilder.menu.get_list():
        yield from (grupo, *grupo.childs)


dizer("ab_permission_view", direito_em_palavras)


def _direitos(sessao: Session) -> dict[tuple[str, str], int]:
    consulta = select(ViewMenu.name, Permission.name, PermissionView.id).join(PermissionView.view_menu).join(PermissionView.permission)
    return {(visao, permissao): chave for visao, permissao, chave in sessao.execute(consulta)}


def mudar_direitos(sessao: Session, papel: Role, marcadas: set[int], linhas: list[Linha]) -> None:
    """The role's rights become the marked ones. Menu entries come with a screen that may be seen from now on and go with one that may not any more.

    Audited by the session's events.
    """
    antes, depois = _visiveis(linhas, {p.id for p in papel.permissions}), _visiveis(linhas, marcadas)
    ficam = {p.view_menu.name for p in papel.permissions if p.permission.name == "menu_access"} & set(_menus_de(depois))
    nomes = ficam | set(_menus_de(depois - antes))
    menus = {chave for (nome, permissao), chave in _direitos(sessao).items() if permissao == "menu_access" and nome in nomes}
    _trocar(sessao, papel, marcadas | menus)


def voltar_ao_padrao(sessao: Session, papel: Role) -> None:
    """The role's rights become those it came with, menu entries included, and no other."""
    _trocar(sessao, papel, {chave for par, chave in _direitos(sessao).items() if permissoes.merece(papel.name, *par)})


def _trocar(sessao: Session, papel: Role, ids: set[int]) -> None:
    papel.permissions = list(sessao.scalars(select(PermissionView).where(PermissionView.id.in_(ids))))
    sessao.flush()


def _visiveis(linhas: list[Linha], marcadas: set[int]) -> set[str]:
    """Screens that may be seen; one without a right to see it, when anything may be done there."""
    return {visao for linha in linhas for caixa in linha.caixas("ver") or linha.todas for visao in _visoes(caixa, marcadas)}


def _visoes(caixa: Caixa, marcadas: set[int]) -> set[str]:
    return {visao for chave, (visao, _permissao) in zip(caixa.ids, caixa.pares, strict=True) if chave in marcadas}


def _menus_de(visoes: set[str]) -> Iterator[str]:
    """Menu entries, and their groups, that lead to those screens."""
    for grupo in current_app.appbuilder.menu.get_list():
        filhos = [i.name for i in (grupo.childs or [grupo]) if i.baseview is not None and i.baseview.class_permission_name in visoes]
        if filhos:
            yield from (grupo.name, *filhos)
