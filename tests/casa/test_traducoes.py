"""The three catalogues hold every text of the code, each translated, and the framework speaks Portuguese too."""

import ast
import re
from pathlib import Path

import flask_appbuilder
import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.support import Translations
from flask import Flask
from flask_babel import force_locale, gettext, ngettext

from app.core import agenda, configuracao, eventos
from app.core.telas import auditoria
from app.core.textos_do_framework import TEXTOS
from app.core.tipos import Rotulado
from app.dashboard import passos
from app.extensions import db
from app.integracoes import colunas
from app.notificacoes import regras
from app.usuarios import papeis
from scripts.catalogos import LINGUAS, MODELO, RAIZ, atualizar, caminho, extrair, ids, ler, sem_texto

LUGAR = re.compile(r"%\(\w+\)[.\d]*[a-z]|%%|\{\w+\}|</?\w[^>]*>")
FRAMEWORK = Path(flask_appbuilder.__file__).parent
IGUAIS = {"Login"}      # English words that Portuguese writes the same way


@pytest.fixture(scope="module")
def do_codigo() -> set:
    return ids(extrair())


@pytest.fixture(scope="module", params=LINGUAS)
def catalogo(request) -> Catalog:
    return ler(caminho(request.param), request.param)


def lugares(texto: str) -> list[str]:
    return sorted(LUGAR.findall(texto))


def formas(texto: str | tuple) -> tuple:
    return texto if isinstance(texto, tuple) else (texto,)


def textos_do_framework() -> set[str]:
    """Every text Flask-AppBuilder asks for."""
    metodos, marcas = [("**.py", "python"), ("**/templates/**.html", "jinja2")], {"_": None, "gettext": None, "lazy_gettext": None}
    return {achado[2] for achado in extract_from_dir(FRAMEWORK, method_map=metodos, keywords=marcas)}


def rotulos_guardados() -> set[str]:
    """Texts kept in tables of the code and translated when they are shown: the extraction finds each only where it is marked."""
    parametros = configuracao.PARAMETROS.values()
    jobs, avisos = agenda.tabela().values(), regras.EVENTOS.values()
    return {
        *(membro.value for classe in subclasses(Rotulado) for membro in classe), *(rotulo for rotulo, _icone in eventos.tipos().values()),
        *configuracao.GRUPOS.values(), *(t for p in parametros for t in (p.rotulo, p.ajuda, *(texto for _v, texto in p.opcoes))),
        *(j.rotulo for j in jobs), *(a.rotulo for a in avisos), *(significado for a in avisos for significado, _exemplo in a.campos.values()),
        *(t for p in passos.PASSOS.values() for t in (p.titulo, p.explicacao, p.botao)), *(c.rotulo for c in colunas.COLUNAS), *auditoria.ACOES.values(),
        *(r.info["mensagem"] for t in db.metadata.tables.values() for r in (*t.constraints, *t.indexes) if "mensagem" in r.info), *papeis.ROTULOS.values(),
    } - {"", None, "{texto}"}


def subclasses(classe: type) -> set[type]:
    """All of them, at any depth, that are of the application."""
    filhas = {f for f in classe.__subclasses__() if f.__module__.startswith("app.")}
    return filhas.union(*map(subclasses, filhas))


def test_every_label_kept_in_a_table_is_marked_for_the_extraction(app: Flask, do_codigo) -> None:
    guardados = rotulos_guardados()
    assert guardados - do_codigo == set(), "wrap it in N_()"
    assert len(guardados) > 200


def test_the_extraction_sees_code_templates_and_marked_labels(do_codigo) -> None:
    assert {"Salvar", "Pular para o conteúdo", "Paga", ("%(num)d fatura", "%(num)d faturas")} <= do_codigo


def test_every_text_of_the_code_is_in_the_catalogue(catalogo, do_codigo) -> None:
    assert do_codigo - ids(catalogo) == set(), "run bin/traducoes and translate"


def test_no_text_hides_where_the_extraction_does_not_look(do_codigo) -> None:
    """Python 3.11 has no tokens inside an f-string, so that a text written there is never extracted."""
    vistos = {texto if isinstance(texto, str) else texto[0] for texto in do_codigo}
    chamadas = [no for pasta in ("app", "jobs") for arquivo in (RAIZ / pasta).rglob("*.py") for no in ast.walk(ast.parse(arquivo.read_text()))
                if isinstance(no, ast.Call) and getattr(no.func, "id", "") in ("_", "_l", "N_", "ngettext", "da_casa")]
    escritos = {no.args[0].value for no in chamadas if no.args and isinstance(no.args[0], ast.Constant)}
    assert len(escritos) > 500
    assert escritos - vistos == set()


def test_no_text_left_the_code_and_stayed_in_the_catalogue(catalogo, do_codigo) -> None:
    assert ids(catalogo) - do_codigo == set(), "run bin/traducoes"
    assert not catalogo.obsolete


def test_every_text_is_translated_and_none_is_a_guess(catalogo) -> None:
    assert [m.id for m in catalogo if m.id and sem_texto(m)] == []
    assert [m.id for m in catalogo if m.id and m.fuzzy] == []


def test_translations_keep_the_placeholders_and_the_outer_spaces(catalogo) -> None:
    erradas = [m.id for m in catalogo if m.id for de, para in zip(formas(m.id), formas(m.string), strict=True)
               if lugares(de) != lugares(para) or (de[0].isspace(), de[-1].isspace()) != (para[0].isspace(), para[-1].isspace())]
    assert erradas == []
    assert [str(erro) for _mensagem, erros in catalogo.check() for erro in erros] == []


@pytest.mark.parametrize("arquivo", [MODELO, *map(caminho, LINGUAS)], ids=lambda p: str(p.relative_to(MODELO.parent)))
def test_headers_say_who_and_what(arquivo: Path) -> None:
    cabeca = arquivo.read_text().split('\n\n')[0]
    assert '"Project-Id-Version: CRM Provedor\\n"' in cabeca
    assert not re.search(r"EMAIL@ADDRESS|FULL NAME|ORGANIZATION|FIRST AUTHOR|PROJECT|LL@li\.org|fuzzy", cabeca)


def test_extracting_twice_changes_no_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("scripts.catalogos.PASTA", tmp_path)
    monkeypatch.setattr("scripts.catalogos.MODELO", tmp_path / "messages.pot")
    atualizar()
    (modelo := tmp_path / "messages.pot").write_bytes(re.sub(rb"(POT-Creation-Date: )\d{4}", rb"\g<1>2001", modelo.read_bytes()))
    atualizar()
    antes = {p: p.read_bytes() for p in tmp_path.rglob("*.po*")}
    atualizar()
    assert {p: p.read_bytes() for p in tmp_path.rglob("*.po*")} == antes
    assert len(antes) == 1 + len(LINGUAS) and b"Date: 2001" in antes[modelo]


def test_what_the_framework_lacks_in_portuguese_is_in_our_catalogue() -> None:
    delas = Translations.load(FRAMEWORK / "translations", ["pt_BR"])._catalog
    faltam = {texto for texto in textos_do_framework() if delas.get(texto, texto) in ("", texto)} - IGUAIS
    assert faltam - ids(ler(caminho("pt_BR"))) == set()
    assert len(faltam) > 20, "the framework's texts were not found"


def test_the_framework_speaks_portuguese_to_a_portuguese_reader(app: Flask) -> None:
    with app.test_request_context(), force_locale("pt_BR"):
        ingles = {texto for texto in textos_do_framework() if gettext(texto) == texto}
        assert ingles - IGUAIS == set()
        assert gettext("Database Error") == "Erro do banco de dados"
        assert gettext("Sign In") == "Entrar", "the framework's own text says Registrar"


def test_listed_texts_of_the_framework_still_exist_in_it() -> None:
    assert set(TEXTOS) - textos_do_framework() == set()
    assert sorted(set(TEXTOS)) == list(TEXTOS)


@pytest.mark.parametrize(("lingua", "texto"), [("pt_BR", "Salvar"), ("en", "Save"), ("es", "Guardar")])
def test_the_application_answers_in_each_language(app: Flask, lingua: str, texto: str) -> None:
    with app.test_request_context(), force_locale(lingua):
        assert gettext("Salvar") == texto


@pytest.mark.parametrize(("quantos", "texto"), [(0, "0 faturas"), (1, "1 fatura"), (2, "2 faturas")])
def test_nothing_is_plural_in_portuguese_as_people_say_it(app: Flask, quantos: int, texto: str) -> None:
    with app.test_request_context(), force_locale("pt_BR"):
        assert ngettext("%(num)d fatura", "%(num)d faturas", quantos) == texto
