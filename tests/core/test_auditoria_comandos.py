"""What one statement does to many rows, what goes with a deleted one, pairs of many-to-many, and SQL that passes by the session."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Group, PermissionView, Role, User, assoc_permissionview_role, assoc_user_role
from sqlalchemy import delete, insert, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.clientes.models import Contato
from app.core import arquivos, auditoria, relogio
from app.core.auditoria import politica, relacoes
from app.core.models import Empresa, Feriado, UserAuditLog
from app.extensions import db
from app.faturamento.models import Credito
from app.planos.models import Plano
from app.usuarios.models import LimitePapel
from tests import fabricas as f
from tests.core import vida


@pytest.fixture
def ultima(sessao: Session) -> int:
    """The newest row of the trail before the test."""
    return sessao.scalar(sa.select(sa.func.max(UserAuditLog.id))) or 0


def ditas(sessao: Session, depois_de: int, recurso: str | None = None) -> list[tuple]:
    """(action, table, key, before, after) since then."""
    colunas = (UserAuditLog.action, UserAuditLog.resource, UserAuditLog.resource_id, UserAuditLog.antes, UserAuditLog.depois)
    consulta = sa.select(*colunas).where(UserAuditLog.id > depois_de).order_by(UserAuditLog.id)
    return [tuple(r) for r in sessao.execute(consulta) if recurso in (None, r.resource)]


def test_an_update_of_many_is_told_row_by_row_and_does_what_it_did(sessao, ultima) -> None:
    planos = [f.um_plano(sessao, franquia_gb=100) for _ in range(3)]
    ultima = sessao.scalar(sa.select(sa.func.max(UserAuditLog.id)))
    feito = sessao.execute(update(Plano).where(Plano.id.in_([p.id for p in planos[:2]])).values(franquia_gb=300))
    assert feito.rowcount == 2 and planos[0].franquia_gb == 300 and planos[2].franquia_gb == 100
    linhas = ditas(sessao, ultima)
    assert [(a, r, k) for a, r, k, _antes, _depois in linhas] == [("alterar", "plano", str(p.id)) for p in planos[:2]]
    assert linhas[0][3] == {"franquia_gb": 100} and linhas[0][4]["franquia_gb"] == 300 and vida.diferencas(sessao, ultima - 3) == []


def test_statements_that_insert_are_told_and_answer_as_asked(sessao, ultima) -> None:
    dias = [{"data": f"2031-05-0{n}", "nome": f"Dia {n}"} for n in (1, 2)]
    ids = sessao.scalars(insert(Feriado).returning(Feriado.id), dias).all()
    sessao.execute(pg_insert(Feriado).values(dias[0]).on_conflict_do_nothing())
    assert [k for _a, _r, k, _antes, _depois in ditas(sessao, ultima)] == [str(i) for i in ids] and vida.diferencas(sessao, ultima) == []
    assert sessao.execute(delete(Feriado).where(Feriado.id.in_(ids))).rowcount == 2
    assert [a for a, *_resto in ditas(sessao, ultima)] == ["criar", "criar", "excluir", "excluir"] and vida.diferencas(sessao, ultima) == []


def test_what_sets_only_columns_without_history_tells_nothing(sessao, ultima) -> None:
    usuario = f.um_usuario(sessao)
    ultima = sessao.scalar(sa.select(sa.func.max(UserAuditLog.id)))
    sessao.execute(update(User).where(User.id == usuario.id).values(fail_login_count=3))
    usuario.login_count = 7
    sessao.flush()
    assert ditas(sessao, ultima) == []


def test_a_key_that_comes_by_a_relation_is_told(sessao, ultima) -> None:
    um, outro = f.um_cliente(sessao), f.um_cliente(sessao)
    contato = f.gravar(sessao, Contato(cliente_id=um.id, nome="Ana"))
    contato.cliente = outro
    sessao.flush()
    assert ditas(sessao, ultima, "contato")[-1][3:] == ({"cliente_id": um.id}, {"cliente_id": outro.id}) and vida.diferencas(sessao, ultima) == []


def test_what_the_database_takes_away_with_a_row_is_told(sessao, ultima) -> None:
    papel = f.gravar(sessao, Role(name="Vendas"))
    f.gravar(sessao, LimitePapel(papel_id=papel.id, desconto=10))
    empresa = f.uma_empresa(sessao)
    logo = arquivos.guardar(sessao, "logo.png", "image/png", b"x", dono=("empresa", empresa.id))
    empresa.logo_id = logo.id
    sessao.flush()
    sessao.delete(papel)
    sessao.flush()
    sessao.execute(delete(type(logo)).where(type(logo).id == logo.id))
    sessao.expire_all()
    assert {(a, r) for a, r, *_ in ditas(sessao, ultima)} >= {("excluir", "limite_papel"), ("excluir", "ab_role"), ("excluir", "arquivo")}
    assert ditas(sessao, ultima, "empresa")[-1][3] == {"logo_id": logo.id} and sessao.get(Empresa, empresa.id).logo_id is None
    assert vida.diferencas(sessao, ultima) == []


def _pares(sessao: Session, tabela: sa.Table, meu: str, dele: str, donos: list[int]) -> set[tuple[int, int]]:
    return {tuple(p) for p in sessao.execute(sa.select(tabela.c[meu], tabela.c[dele]).where(tabela.c[meu].in_(donos)))}


def test_pairs_are_replayed_from_names_and_ids(sessao, ultima) -> None:
    """By the collection of either side, and by statements."""
    papel, usuario = f.gravar(sessao, Role(name="Vendas")), f.um_usuario(sessao, "Atendente")
    direitos = sessao.scalars(sa.select(PermissionView).order_by(PermissionView.id).limit(5)).all()
    papel.permissions = direitos[:3]
    sessao.flush()
    papel.permissions = direitos[1:4]
    usuario.roles.append(papel)
    grupo = f.gravar(sessao, Group(name="loja", label="Loja", description=""))
    sessao.expire_all()
    grupo.users.append(usuario)
    sessao.flush()
    sessao.execute(insert(assoc_permissionview_role), [{"role_id": papel.id, "permission_view_id": direitos[4].id}])
    sessao.execute(delete(assoc_permissionview_role).where(assoc_permissionview_role.c.permission_view_id == direitos[1].id))
    _vidas, pares = vida.reconstruir(sessao, ultima)
    assert {p for p in pares["ab_role", "permissions"] if p[0] == papel.id} == {(papel.id, direitos[n].id) for n in (2, 3, 4)}
    assert pares["ab_user", "roles"] == _pares(sessao, assoc_user_role, "user_id", "role_id", [usuario.id])
    assert pares["ab_user", "groups"] == {(usuario.id, grupo.id)} and ("ab_group", "users") not in pares
    ultimo = [d for a, _r, k, _antes, d in ditas(sessao, ultima, "ab_role") if a == "permissao" and k == str(papel.id)]
    assert [d["permissions"][0]["nome"] for d in ultimo if d["permissions"]] == [relacoes.nome_de(direitos[n]) for n in (0, 3, 4)]


def test_many_rows_are_told_by_the_statement_that_changes_them(sessao) -> None:
    planos = [f.um_plano(sessao) for _ in range(2)]
    ultima = sessao.scalar(sa.select(sa.func.max(UserAuditLog.id)))
    mudar = "UPDATE plano SET ativo = false WHERE id = ANY(:ids)"
    assert auditoria.alterar_em_massa(sessao, "plano", mudar, {"ids": [p.id for p in planos]}, antes={"ativo": True}, depois={"ativo": False}) == 2
    assert [(k, d) for _a, _r, k, _antes, d in ditas(sessao, ultima)] == [(str(p.id), {"ativo": False}) for p in planos]


def test_what_passes_by_the_session_is_seen_by_who_observes(sessao) -> None:
    cliente = f.um_cliente(sessao)
    credito = f.gravar(sessao, Credito(cliente_id=cliente.id, valor=10, saldo=10, motivo="x"))
    ultima = sessao.scalar(sa.select(sa.func.max(UserAuditLog.id)))
    with auditoria.observar(sessao, credito=Credito.id == credito.id):
        sessao.connection().exec_driver_sql("UPDATE credito SET saldo = 4")
    assert ditas(sessao, ultima)[0][3]["saldo"] == "10.00" and ditas(sessao, ultima)[0][4]["saldo"] == "4.00"


# ---- secrets, wherever they are

def colunas_secretas() -> list[sa.Column]:
    """Every column only ``***`` may be kept of, in audited tables."""
    return [c for t in db.metadata.sorted_tables if politica.auditada(t.name) for c in t.columns if politica.e_secreta(t.name, c.name, c.type)]


def test_every_secret_column_is_masked_wherever_its_value_comes_from(sessao) -> None:
    assert {str(c) for c in colunas_secretas()} >= {
        "ab_user.password", "ab_api_key.key_hash", "perfil.totp_secret", "perfil.codigos_recuperacao", "servidor.segredo", "contrato.senha_pppoe",
        "canal_envio.url",
    }
    for c in colunas_secretas():
        auditoria.registrar(sessao, "alterar", c.table.name, 1, antes={c.name: "mist3rio"}, depois={"dados": [{c.name: "mist3rio", "bom": 1}]})
    auditoria.registrar(sessao, "reenviar", "notificacao", 1, depois={"dados": {"codigo": "mist3rio"}})
    politica.secreto("plano.codigo_oferta")
    try:
        plano = f.um_plano(sessao, codigo_oferta="mist3rio")
        sessao.execute(update(Plano).where(Plano.id == plano.id).values(codigo_oferta="mist3rio-2"))
    finally:
        politica.SEGREDOS.discard("plano.codigo_oferta")
    assert not [d for d in ditas(sessao, 0) if "mist3rio" in str(d)] and ditas(sessao, 0, "plano")[-1][4]["codigo_oferta"] == "***"


# ---- months kept elsewhere

def test_a_month_that_was_set_aside_comes_back_as_it_was(sessao) -> None:
    """docs/auditoria.md."""
    f.um_plano(sessao)
    mes = f"user_audit_log_{relogio.agora():%Y_%m}"
    dele, faixa = sessao.execute(sa.text(f"SELECT count(*), pg_get_expr(relpartbound, oid) FROM {mes}, pg_class WHERE relname = '{mes}' GROUP BY 2")).one()
    sessao.execute(sa.text(f"ALTER TABLE user_audit_log DETACH PARTITION {mes}"))
    assert dele and sessao.scalar(sa.text("SELECT count(*) FROM user_audit_log")) == 0
    sessao.execute(sa.text(f"ALTER TABLE user_audit_log ATTACH PARTITION {mes} {faixa}"))
    assert sessao.scalar(sa.text("SELECT count(*) FROM user_audit_log")) == dele
    with pytest.raises(DBAPIError, match="append-only"), sessao.begin_nested():
        sessao.execute(sa.text(f"DELETE FROM {mes}"))


# ---- what the source writes past the session is declared

ESCRITA = re.compile(r"\b(?:UPDATE|INSERT\s+INTO|DELETE\s+FROM|COPY|TRUNCATE(?:\s+TABLE)?)\s+(?:ONLY\s+)?([a-z_]+)\b")
# SQL that tells what it does by itself, or has nothing to tell
CONTADAS = {"app/faturamento/services/regua.py": "alterar_em_massa", "app/demonstracao/bastidores.py": "an invented story, not a change anybody made"}
PELA_CONEXAO = {"app/rede/aplicacao.py": "acesso_rede"}


def escritas(fonte: str) -> Iterator[str]:
    """Tables that SQL in the source's strings writes to."""
    for no in ast.walk(ast.parse(fonte)):
        if isinstance(no, ast.Constant) and isinstance(no.value, str):
            yield from (m.group(1) for m in ESCRITA.finditer(no.value))


def pela_conexao(fonte: str) -> bool:
    """Whether a statement is given to the connection, where the session's events do not see it."""
    chamadas = (n.func for n in ast.walk(ast.parse(fonte)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute))
    donos = [(c.attr, getattr(getattr(c.value, "func", None), "attr", "")) for c in chamadas]
    return any(metodo == "exec_driver_sql" or (metodo == "execute" and dono in ("connection", "connect")) for metodo, dono in donos)


def test_the_check_itself_sees_what_passes_by_the_session() -> None:
    fonte = 'a = text("UPDATE plano SET x = 1")\nb = "insert or INSERT INTO cliente (a)"\ns.connection().execute(update(X))'
    assert sorted(escritas(fonte)) == ["cliente", "plano"] and pela_conexao(fonte)


def test_no_sql_writes_an_audited_table_unless_it_is_declared() -> None:
    erradas = []
    for caminho in sorted(p for pasta in ("app", "jobs") for p in Path(pasta).rglob("*.py")):
        fonte = caminho.read_text()
        if str(caminho) not in CONTADAS:
            nuas = {t for t in escritas(fonte) if t in db.metadata.tables and politica.auditada(t) and t not in politica.EM_MASSA}
            erradas += [f"{caminho}: {t}" for t in sorted(nuas)]
        if pela_conexao(fonte) and str(caminho) not in PELA_CONEXAO and "UserAuditLog" not in fonte:
            erradas.append(f"{caminho}: a statement on the connection")
    assert not erradas, "say in em_massa how a row leads to its run, or let the session run it: " + "; ".join(erradas)


def test_what_is_left_out_says_why_and_exists() -> None:
    tabelas = db.metadata.tables
    assert not [t for t, motivo in politica.FORA.items() if not motivo or t not in tabelas]
    assert not [f"{t}.{c}" for t, colunas in politica.SEM_HISTORICO.items() for c, motivo in colunas.items() if not motivo or c not in tabelas[t].columns]
    assert not [t for t, m in politica.EM_MASSA.items() if not m.corrida or not set(m.colunas or ()) <= set(tabelas[t].columns.keys())]


def test_the_trail_names_columns_as_the_tables_do() -> None:
    diferentes = [str(a) for m in db.Model.registry.mappers if politica.auditada(m.local_table.name) for a in m.column_attrs if a.key != a.columns[0].name]
    assert diferentes == [] and User.__tablename__ == "ab_user"
