"""Rules of the house that nobody should have to remember, checked on the source itself and on the tables."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import importar_modelos
from app.core import estados
from app.core.erros import TransicaoInvalida
from app.extensions import db

importar_modelos()      # parametrising needs the machines before any application exists
RAIZ = Path(__file__).resolve().parents[2]
FONTES = [p for pasta in ("app", "jobs") for p in (RAIZ / pasta).rglob("*.py")]
QUEM_CONFIRMA = {"app/core/transacao.py"}


def chamadas(fonte: str, metodo: str) -> Iterator[int]:
    """Lines that call ``<something>.metodo(...)``."""
    for no in ast.walk(ast.parse(fonte)):
        if isinstance(no, ast.Call) and isinstance(no.func, ast.Attribute) and no.func.attr == metodo:
            yield no.lineno


def test_the_check_itself_sees_a_commit() -> None:
    assert list(chamadas("def f(s):\n    s.commit()\n", "commit")) == [2]


@pytest.mark.parametrize("caminho", FONTES, ids=lambda p: str(p.relative_to(RAIZ)))
def test_only_transacao_commits(caminho: Path) -> None:
    nome = str(caminho.relative_to(RAIZ))
    assert nome in QUEM_CONFIRMA or not list(chamadas(caminho.read_text(), "commit"))


@pytest.mark.parametrize("caminho", FONTES, ids=lambda p: str(p.relative_to(RAIZ)))
def test_files_and_functions_stay_short(caminho: Path) -> None:
    fonte = caminho.read_text()
    longas = [f"{no.name} ({no.end_lineno - no.lineno + 1})" for no in ast.walk(ast.parse(fonte))
              if isinstance(no, (ast.FunctionDef, ast.AsyncFunctionDef)) and no.end_lineno - no.lineno + 1 > 60]
    assert fonte.count("\n") <= 400 and not longas


@pytest.mark.parametrize("caminho", FONTES, ids=lambda p: str(p.relative_to(RAIZ)))
def test_every_module_says_what_it_is(caminho: Path) -> None:
    fonte = caminho.read_text()
    assert not fonte.strip() or ast.get_docstring(ast.parse(fonte))


def nossas_tabelas() -> list[sa.Table]:
    """Tables that are not Flask-AppBuilder's."""
    return [t for nome, t in db.metadata.tables.items() if not nome.startswith("ab_")]


def test_no_table_keeps_a_float(app) -> None:
    assert [str(c) for t in nossas_tabelas() for c in t.columns if isinstance(c.type, sa.Float)] == []


def test_every_number_refuses_nan_in_the_database(sessao) -> None:
    checks = dict.fromkeys(r[0] for r in sessao.execute(sa.text("select pg_get_constraintdef(oid) from pg_constraint where contype = 'c'")))
    faltam = []
    for tabela in nossas_tabelas():
        for coluna in tabela.columns:
            impl = getattr(coluna.type, "impl", coluna.type)
            if isinstance(impl, sa.Numeric) and not any(f"{coluna.name} <> 'NaN'" in c for c in checks):
                faltam.append(str(coluna))
    assert faltam == []


def test_the_database_knows_exactly_the_members_of_every_enum(sessao) -> None:
    """Autogenerate does not see a new member: compare each CHECK after the migrations with its enum."""
    consulta = "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint where contype = 'c'"
    checks: dict[str, list[str]] = {}
    for tabela, definicao in sessao.execute(sa.text(consulta)):
        checks.setdefault(tabela, []).append(definicao)
    for tabela in nossas_tabelas():
        for coluna in tabela.columns:
            if isinstance(coluna.type, sa.Enum):
                membros = {f"'{nome}'" for nome in coluna.type.enums}
                achados = [c for c in checks[tabela.name] if f"({coluna.name})" in c and membros == set(_literais(c))]
                assert achados, f"{tabela.name}.{coluna.name}: no CHECK has exactly {sorted(membros)}"


def _literais(definicao: str) -> list[str]:
    return re.findall(r"'[^']*'", definicao)


def pares() -> Iterator[tuple[str, object, object, bool]]:
    """Every (machine, from, to, allowed)."""
    for nome, (_coluna, transicoes, inicial) in estados.MAQUINAS.items():
        for de in type(inicial):
            for para in type(inicial):
                yield nome, de, para, para is de or para in transicoes.get(de, set())


@pytest.mark.parametrize(("nome", "de", "para", "pode"), list(pares()), ids=lambda v: str(getattr(v, "name", v)))
def test_every_transition_is_allowed_or_refused_as_the_table_says(app, nome: str, de: object, para: object, pode: bool) -> None:
    coluna, _transicoes, _inicial = estados.MAQUINAS[nome]
    with app.app_context():
        objeto = coluna.class_(**{coluna.key: de})
        if pode:
            setattr(objeto, coluna.key, para)
        else:
            with pytest.raises(TransicaoInvalida):
                setattr(objeto, coluna.key, para)


def test_every_state_of_a_machine_has_a_row() -> None:
    for nome, (_coluna, transicoes, inicial) in estados.MAQUINAS.items():
        assert set(transicoes) == set(type(inicial)), nome


def test_only_a_checkbox_can_be_half_chosen() -> None:
    # CSS calls radios of a group without a choice indeterminate too: drawn as filled, nobody sees that none is chosen
    estilos = (RAIZ / "app/static/crm/crm.css").read_text()
    assert re.findall(r"\S*:indeterminate", estilos) == [".form-check-input[type=checkbox]:indeterminate"]
