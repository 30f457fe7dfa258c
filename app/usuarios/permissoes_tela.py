"""The rights of a role as a table: one row per screen, one column per kind of right, one box per action. Only an administrator saves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.api import BaseApi
from flask_appbuilder.menu import MenuApi
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.modelos import retrato
from app.core.numeros import MAIOR_INTEIRO
from app.core.tipos import N_
from app.core.transacao import transacao
from app.core.visoes.trilha import dizer
from app.extensions import db
from app.usuarios import consultas

COLUNAS = (
    ("ver", _l("Ver"), {"can_list", "can_show", "can_get", "can_info", "can_chart", "can_pagina", "can_index", "can_ver"}),
    ("criar", _l("Criar"), {"can_add", "can_post"}),
    ("editar", _l("Editar"), {"can_edit", "can_put"}),
    ("excluir", _l("Excluir"), {"can_delete"}),
    ("exportar", _l("Exportar"), {"can_exportar"}),
)
ACOES = {   # of views and APIs that are no actions of a list, which bring their own words
    "can_anotar": N_("Anotar"), "can_ativar": N_("Ativar"), "can_bloquear": N_("Bloquear"), "can_cancelar": N_("Cancelar"),
    "can_compartilhar": N_("Compartilhar"), "can_configurar": N_("Configurar"), "can_confirmar": N_("Confirmar"), "can_criar": N_("Criar"),
    "can_desbloquear": N_("Desbloquear"), "can_emitir": N_("Emitir"), "can_encerrar": N_("Encerrar"), "can_estornar": N_("Estornar"),
    "can_executar": N_("Executar"), "can_gerar": N_("Gerar"), "can_importar": N_("Importar"), "can_lancar": N_("Lançar"),
    "can_mudar_plano": N_("Mudar plano"), "can_novo": N_("Criar"), "can_pagar": N_("Registrar recebimento"), "can_parar": N_("Parar"),
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
    "can_historico": N_("Ver histórico"), "can_senha": N_("Ver senha PPPoE"), "can_suspender": N_("Suspender"), "can_tentar_de_novo": N_("Tentar de novo"),
}
DO_FRAMEWORK = {"OpenApi": N_("Descrição da API")}
SEM_MATRIZ = ("Admin", "Public")        # the first has everything, the second nothing
_COLUNA_DA_PERMISSAO = {permissao: coluna for coluna, _rotulo, permissoes in COLUNAS for permissao in permissoes}


@dataclass
class Linha:
    """A screen or API: for each column, and for each action, the ids of its permissions. Two of one name are one right to whoever reads."""

    visao: str
    titulo: str
    celulas: dict[str, list[int]] = field(default_factory=dict)
    acoes: dict[str, list[int]] = field(default_factory=dict)

    def incluir(self, permissao: str, chave: int, rotulo: str) -> None:
        """Put a permission where it belongs."""
        coluna = _COLUNA_DA_PERMISSAO.get(permissao)
        if coluna is None:
            self.acoes.setdefault(rotulo, []).append(chave)
        else:
            self.celulas.setdefault(coluna, []).append(chave)


class PermissoesView(BaseView):
    """``/permissoes/<papel>``."""

    route_base = "/permissoes"
    default_view = "papel"
    class_permission_name = "PapelView"
    titulo_da_permissao = _l("Papéis")

    @expose(f"/<int(max={MAIOR_INTEIRO}):pk>", methods=["GET", "POST"])      # the framework's tables have smaller ids
    @has_access
    @permission_name("show")
    def papel(self, pk: int) -> ResponseReturnValue:
        """Show and, for an administrator, save the rights of a role."""
        papel = db.session.get(Role, pk) or abort(404)
        linhas = linhas_da_matriz(db.session())
        if request.method == "POST":
            return self._gravar(papel, linhas)
        return self._pagina(papel, linhas, {p.id for p in papel.permissions})

    def _pagina(self, papel: Role, linhas: list[Linha], marcadas: set[int], erro: str = "") -> ResponseReturnValue:
        fixo = papel.name in SEM_MATRIZ or not consultas.e_admin(g.user)
        titulo = _("Permissões: %(papel)s", papel=papel)
        return self.render_template("usuarios/permissoes.html", title=titulo, papel=papel, linhas=linhas, colunas=COLUNAS, tem=marcadas, fixo=fixo, erro=erro,
                                    versao=_versao(papel))

    def _gravar(self, papel: Role, linhas: list[Linha]) -> ResponseReturnValue:
        if papel.name in SEM_MATRIZ or not consultas.e_admin(g.user):
            abort(403)
        marcadas = {int(v) for caixa in request.form.getlist("p") for v in caixa.split(",") if v.isdigit()}
        with transacao() as sessao:
            sessao.refresh(papel, ["id"], with_for_update={"key_share": True})
            sessao.expire(papel, ["permissions"])
            visiveis = ids_da_matriz(linhas)
            mudaria = marcadas & visiveis != {p.id for p in papel.permissions} & visiveis
            if mudaria and request.form.get("versao", _versao(papel)) != _versao(papel):
                erro = _("Outra pessoa mudou as permissões deste papel. Nada foi salvo: o que você marcou continua aqui; confira e salve de novo.")
                return self._pagina(papel, linhas, marcadas, erro)
            mudar_direitos(sessao, papel, marcadas & visiveis, linhas)
        flash(_("Permissões salvas. Valem a partir do próximo clique de cada pessoa."), "success")
        return redirect(url_for("PermissoesView.papel", pk=papel.id))


def _versao(papel: Role) -> str:
    """The rights of a role now, in few characters."""
    return retrato(sorted(p.id for p in papel.permissions))


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


def linhas_da_matriz(sessao: Session) -> list[Linha]:
    """Every registered screen and API that asks for a permission, by title."""
    direitos = _direitos(sessao)
    linhas: dict[str, Linha] = {}
    for visao in (v for v in current_app.appbuilder.baseviews if not isinstance(v, MenuApi)):
        nome = visao.class_permission_name
        for permissao in sorted(visao.base_permissions or ()):
            if (nome, permissao) in direitos:
                linha = linhas.setdefault(nome, Linha(nome, _titulo(visao)))
                linha.incluir(permissao, direitos[nome, permissao], _rotulo_da_acao(visao, permissao))
    return sorted(linhas.values(), key=lambda linha: linha.titulo.casefold())


def ids_da_matriz(linhas: list[Linha]) -> set[int]:
    """Every permission the table shows."""
    return {chave for linha in linhas for celula in (*linha.celulas.values(), *linha.acoes.values()) for chave in celula}


def mudar_direitos(sessao: Session, papel: Role, marcadas: set[int], linhas: list[Linha]) -> None:
    """The role's rights become the marked ones and the menu entries of what it may list. Audited by the session's events."""
    visiveis = {linha.visao for linha in linhas if set(linha.celulas.get("ver", ())) & marcadas}
    menus = {chave for (nome, permissao), chave in _direitos(sessao).items() if permissao == "menu_access" and nome in set(_menus_de(visiveis))}
    papel.permissions = list(sessao.scalars(select(PermissionView).where(PermissionView.id.in_(marcadas | menus))))
    sessao.flush()


def _menus_de(visoes: set[str]) -> Iterator[str]:
    """Menu entries, and their groups, that lead to those screens."""
    for grupo in current_app.appbuilder.menu.get_list():
        filhos = [i.name for i in (grupo.childs or [grupo]) if i.baseview is not None and i.baseview.class_permission_name in visoes]
        if filhos:
            yield from (grupo.name, *filhos)
