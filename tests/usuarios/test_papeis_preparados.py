"""``crm preparar`` gives each role its rights once: from then on they belong to the administrator."""

from __future__ import annotations

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu, assoc_permissionview_role
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from app.cli import preparar_tudo
from app.core import permissoes
from app.usuarios.models import PapelSemente
from tests.comandos import comandos, foto

Direito = tuple[str, str]


def direitos(sessao: Session, papel: str) -> set[Direito]:
    """(view, permission) that the role has now."""
    consulta = select(ViewMenu.name, Permission.name).select_from(Role).join(Role.permissions).join(PermissionView.view_menu).join(PermissionView.permission)
    return set(sessao.execute(consulta.where(Role.name == papel)).all())


def trocar(sessao: Session, papel: str, *, tirar: Direito, dar: Direito) -> None:
    """What an administrator does on the screen of roles."""
    par = {(p.view_menu.name, p.permission.name): p for p in sessao.scalars(select(PermissionView))}
    alvo = sessao.scalars(select(Role).where(Role.name == papel)).one()
    alvo.permissions.remove(par[tirar])
    alvo.permissions.append(par[dar])
    sessao.flush()


def todas_as_linhas(sessao: Session) -> dict[str, str | None]:
    """Every table's."""
    return foto(sessao, sessao.scalars(text("SELECT format('%I', relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")).all())


def test_what_an_administrator_took_and_gave_stays_after_preparing_again(sessao) -> None:
    antes = direitos(sessao, "Financeiro")
    tirar, dar = min(antes), min(direitos(sessao, "Admin") - antes)
    trocar(sessao, "Financeiro", tirar=tirar, dar=dar)
    feito = preparar_tudo()
    assert direitos(sessao, "Financeiro") == antes - {tirar} | {dar}
    assert (feito["criadas"], feito["dadas a papéis"]) == (0, 0)


def test_what_a_rule_gives_since_is_added_once_and_brings_nothing_else_back(sessao, monkeypatch) -> None:
    antes, todos = direitos(sessao, "Tecnico"), direitos(sessao, "Admin")
    tirar, dar, nova = (min(antes), *sorted(todos - antes)[:2])
    trocar(sessao, "Tecnico", tirar=tirar, dar=dar)
    monkeypatch.setitem(permissoes.PAPEIS, "Tecnico", [*permissoes.PAPEIS["Tecnico"], nova])
    assert preparar_tudo()["dadas a papéis"] == 1
    assert direitos(sessao, "Tecnico") == antes - {tirar} | {dar, nova}
    trocar(sessao, "Tecnico", tirar=nova, dar=tirar)
    assert preparar_tudo()["dadas a papéis"] == 0
    assert direitos(sessao, "Tecnico") == antes | {dar}


def test_a_permission_that_a_new_version_brings_goes_to_whom_the_rules_say(sessao) -> None:
    antes = {papel: direitos(sessao, papel) for papel in ("Admin", *permissoes.PAPEIS)}
    nova = min(antes["Gerente"] - antes["Tecnico"])
    visao, permissao = nova
    ids = select(PermissionView.id).join(PermissionView.view_menu).join(PermissionView.permission).where(ViewMenu.name == visao, Permission.name == permissao)
    numero = sessao.scalar(ids)
    sessao.execute(delete(assoc_permissionview_role).where(assoc_permissionview_role.c.permission_view_id == numero))
    sessao.execute(delete(PermissionView).where(PermissionView.id == numero))
    sessao.execute(delete(PapelSemente).where(PapelSemente.visao == visao, PapelSemente.permissao == permissao))
    assert preparar_tudo()["criadas"] == 1
    assert {papel: direitos(sessao, papel) for papel in antes} == antes


def test_preparing_twice_in_a_row_writes_no_row(sessao) -> None:
    preparar_tudo()
    antes = todas_as_linhas(sessao)
    preparar_tudo()
    depois = todas_as_linhas(sessao)
    assert [tabela for tabela in antes if antes[tabela] != depois[tabela]] == []
    assert antes["ab_permission_view_role"] and sessao.scalar(select(func.count()).select_from(assoc_permissionview_role)) > 1000


def test_many_permissions_cost_no_more_statements_than_few(sessao) -> None:
    def faltando(uma_em_cada: int) -> tuple[int, int]:
        sessao.execute(delete(PapelSemente))
        sessao.execute(delete(assoc_permissionview_role).where(assoc_permissionview_role.c.permission_view_id % uma_em_cada == 0))
        sessao.execute(delete(PermissionView).where(PermissionView.id % uma_em_cada == 0))
        with comandos(sessao.get_bind()) as feitos:
            criadas = preparar_tudo()["criadas"]
        return criadas, len(feitos)

    (poucas, com_poucas), (muitas, com_muitas) = faltando(4), faltando(1)
    assert muitas > 3 * poucas > 150 and muitas == sessao.scalar(select(func.count()).select_from(PermissionView))
    assert com_muitas == com_poucas
