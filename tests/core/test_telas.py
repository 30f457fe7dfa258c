"""Screens of the base layer: settings, company with logo, holidays, audit, files, search, quiet mode."""

from __future__ import annotations

import io
import re
import struct
import zlib
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core import arquivos, configuracao, instancia, registro
from app.core.erros import ValorInvalido
from app.core.models import Arquivo, Configuracao, Empresa, Instancia, UserAuditLog
from app.core.registro import Achado, FonteBusca
from app.core.telas.arquivos import tamanho_legivel
from app.core.telas.imagens import MAIOR_ARQUIVO, tipo_da_imagem
from app.core.transacao import transacao
from app.core.visoes.listas import ListasDaCasa
from app.extensions import db
from tests import fabricas as f
from tests.comandos import comandos, reais

GRUPO = "testetelas"


def png(largura: int = 20, altura: int = 10) -> bytes:
    """A small valid picture."""

    def bloco(nome: bytes, dados: bytes) -> bytes:
        return struct.pack(">I", len(dados)) + nome + dados + struct.pack(">I", zlib.crc32(nome + dados))

    linhas = b"".join(b"\0" + b"\x80" * largura for _n in range(min(altura, 10)))
    cabecalho = struct.pack(">IIBBBBB", largura, altura, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + bloco(b"IHDR", cabecalho) + bloco(b"IDAT", zlib.compress(linhas)) + bloco(b"IEND", b"")


def entrar(app, http, papel: str) -> int:
    with app.app_context(), transacao() as s:
        quem = f.um_usuario(s, papel, usuario="ana").id
    http.entrar("ana")
    return quem


@pytest.fixture
def admin(app, http) -> int:
    """An administrator, signed in."""
    return entrar(app, http, "Admin")


@pytest.fixture
def parametros(monkeypatch):
    """A group of settings of every type, known during one test."""
    monkeypatch.setattr(configuracao, "PARAMETROS", dict(configuracao.PARAMETROS))
    monkeypatch.setattr("app.core.telas.configuracoes.PARAMETROS", configuracao.PARAMETROS)
    monkeypatch.setitem(configuracao.GRUPOS, GRUPO, "Grupo de teste")
    configuracao.declarar(f"{GRUPO}.dias", int, 10, "Dias", "Quantos dias.", minimo=0, maximo=30)
    configuracao.declarar(f"{GRUPO}.taxa", Decimal, Decimal("2.5"), "Taxa")
    configuracao.declarar(f"{GRUPO}.nome", str, "", "Nome")
    configuracao.declarar(f"{GRUPO}.liga", bool, True, "Liga")
    configuracao.declarar(f"{GRUPO}.modo", str, "a", "Modo", opcoes=(("a", "Primeiro"), ("b", "Segundo")))
    configuracao.declarar("semtitulo.interno", bool, False, "Interno")


TODOS = {f"{GRUPO}__dias": "12", f"{GRUPO}__taxa": "1.234,5", f"{GRUPO}__nome": "Ana", f"{GRUPO}__liga": "y", f"{GRUPO}__modo": "b"}


def guardadas(app) -> dict[str, object]:
    with app.app_context(), transacao() as s:
        return {c.removeprefix(f"{GRUPO}."): v for c, v in s.execute(select(Configuracao.chave, Configuracao.valor)) if c.startswith(GRUPO)}


# ---- settings

def test_only_what_differs_is_stored_and_audited(app, http, admin, parametros) -> None:
    assert http.post(f"/configuracoes/{GRUPO}", data=TODOS).status_code == 302
    assert guardadas(app) == {"dias": 12, "taxa": "1234.5", "nome": "Ana", "modo": "b"}
    with app.app_context(), transacao() as s:
        linhas = s.scalars(select(UserAuditLog).where(UserAuditLog.resource == "configuracao")).all()
        assert {linha.resource_id for linha in linhas} == {f"{GRUPO}.{c}" for c in ("dias", "taxa", "nome", "modo")}
        assert {linha.user_id for linha in linhas} == {admin}


@pytest.mark.parametrize(("campo", "valor", "motivo"), [
    ("dias", "31", "fora do permitido"), ("dias", "x", "número inteiro"), ("dias", "", "volte ao padrão"), ("taxa", "NaN", "como 1.234,56"), ("modo", "z", ""),
])
def test_a_wrong_value_is_said_at_its_field_and_nothing_is_saved(app, http, admin, parametros, campo: str, valor: str, motivo: str) -> None:
    resposta = http.post(f"/configuracoes/{GRUPO}", data={**TODOS, f"{GRUPO}__{campo}": valor})
    assert resposta.status_code == 200 and motivo in resposta.text and f'id="{GRUPO}__{campo}-erro"' in resposta.text
    assert 'value="Ana"' in resposta.text and guardadas(app) == {}


def test_what_somebody_else_saved_meanwhile_is_not_written_over(app, http, admin, parametros) -> None:
    lido = re.search(r'name="lido" type="hidden" value="([0-9a-f]+)"', http.get(f"/configuracoes/{GRUPO}").text)[1]
    http.post(f"/configuracoes/{GRUPO}", data={**TODOS, "lido": lido})
    tarde = http.post(f"/configuracoes/{GRUPO}", data={**TODOS, f"{GRUPO}__nome": "Bia", "lido": lido})
    assert "Outra pessoa mudou estes parâmetros" in tarde.text and 'value="Bia"' in tarde.text and guardadas(app)["nome"] == "Ana"
    de_novo = re.search(r'name="lido" type="hidden" value="([0-9a-f]+)"', tarde.text)[1]
    assert http.post(f"/configuracoes/{GRUPO}", data={**TODOS, f"{GRUPO}__nome": "Bia", "lido": de_novo}).status_code == 302
    assert guardadas(app)["nome"] == "Bia"


def test_back_to_the_default_keeps_what_was_typed_elsewhere(app, http, admin, parametros) -> None:
    http.post(f"/configuracoes/{GRUPO}", data=TODOS)
    resposta = http.post(f"/configuracoes/{GRUPO}", data={**TODOS, f"{GRUPO}__nome": "digitado", "padrao": f"{GRUPO}.dias"})
    assert "dias" not in guardadas(app) and guardadas(app)["nome"] == "Ana"
    assert 'value="digitado"' in resposta.text and 'value="10"' in resposta.text


def test_a_group_without_title_has_no_page(http, admin, parametros) -> None:
    assert http.get("/configuracoes/semtitulo").status_code == 404
    assert "semtitulo" not in http.get(f"/configuracoes/{GRUPO}").text


def test_every_group_of_the_application_has_a_title() -> None:
    internos = {"assistente", "correio", "semtitulo", GRUPO}      # edited on screens of their own
    assert {p.grupo for p in configuracao.PARAMETROS.values()} - internos <= set(configuracao.GRUPOS)


def test_staff_without_the_right_do_not_see_settings(app, http, parametros) -> None:
    entrar(app, http, "Atendente")
    assert http.get(f"/configuracoes/{GRUPO}").status_code == 403
    assert http.post(f"/configuracoes/{GRUPO}", data=TODOS).status_code == 403


def test_every_real_group_opens(http, admin) -> None:
    for grupo in configuracao.GRUPOS:
        if any(p.grupo == grupo for p in configuracao.PARAMETROS.values()):
            assert http.get(f"/configuracoes/{grupo}").status_code == 200


# ---- company

EMPRESA = {"razao_social": "Fibra Nova Ltda", "cnpj": "11.222.333/0001-81", "telefone": "(19) 3200-1000", "cep": "13010-000", "uf": "sp", "matiz": "255",
           "chave_pix": "11.222.333/0001-81", "municipio": "Campinas", "email": "Contato@Exemplo.com.br", "ativo": "y"}


def _empresa(app) -> Empresa:
    with app.app_context(), transacao() as s:
        empresa = s.scalars(select(Empresa)).one()
        s.expunge(empresa)
        return empresa


def test_a_company_is_stored_normalised_with_its_logo(app, http, admin) -> None:
    resposta = http.post("/empresas/add", data={**EMPRESA, "logo": (io.BytesIO(png()), "qualquer.exe")})
    assert resposta.status_code == 302
    empresa = _empresa(app)
    assert (empresa.cnpj, empresa.cep, empresa.uf, empresa.chave_pix, empresa.email) == (
        "11222333000181", "13010000", "SP", "11222333000181", "contato@exemplo.com.br")
    baixada = http.get(f"/arquivos/{empresa.logo_id}")
    assert (baixada.data, baixada.mimetype) == (png(), "image/png")
    assert f"/arquivos/{empresa.logo_id}" in http.get(f"/empresas/edit/{empresa.id}").text


def test_a_logo_stays_when_none_is_sent_and_is_kept_when_replaced(app, http, admin) -> None:
    http.post("/empresas/add", data={**EMPRESA, "logo": (io.BytesIO(png()), "a.png")})
    primeira = _empresa(app)
    http.post(f"/empresas/edit/{primeira.id}", data=EMPRESA)
    assert _empresa(app).logo_id == primeira.logo_id
    http.post(f"/empresas/edit/{primeira.id}", data={**EMPRESA, "logo": (io.BytesIO(png(30)), "b.png")})
    assert _empresa(app).logo_id != primeira.logo_id
    assert http.get(f"/arquivos/{primeira.logo_id}").status_code == 200, "invoices already issued print it"


@pytest.mark.parametrize(("mudanca", "motivo"), [
    ({"cnpj": "11.222.333/0001-80"}, "CNPJ inválido"), ({"cep": "123"}, "CEP inválido"), ({"uf": "XX"}, "sigla do estado"),
    ({"telefone": "1"}, "Telefone inválido"),
    ({"chave_pix": "não é chave"}, "Não é uma chave Pix"), ({"matiz": "400"}, "De 0 a 359"), ({"email": "x"}, "e-mail válido"),
])
def test_a_wrong_company_is_refused_at_the_field(http, admin, mudanca: dict, motivo: str) -> None:
    resposta = http.post("/empresas/add", data={**EMPRESA, **mudanca})
    assert resposta.status_code == 200 and motivo in resposta.text and 'value="Campinas"' in resposta.text


@pytest.mark.parametrize("dados", [
    b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\0" * 60, png()[:-4], b"\xff\xd8\xff\xe0" + b"\0" * 80,
    png(5000), b"\xff\xd8\xff\xc0\x00\x02\xff\xd9", png(0), b"\x89PNG\r\n\x1a\n" + b"\0" * MAIOR_ARQUIVO,
], ids=["empty", "svg", "html", "png-head", "gif", "png-cut", "jpeg-cut", "too-wide", "jpeg-no-frame", "zero", "too-big"])
def test_only_whole_small_pictures_pass(app, dados: bytes) -> None:
    with app.test_request_context(), pytest.raises(ValorInvalido):
        tipo_da_imagem(dados)


def test_a_jpeg_is_known_by_its_content(app) -> None:
    from PIL import Image

    saida = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(saida, "JPEG", progressive=True)
    with app.test_request_context():
        assert tipo_da_imagem(saida.getvalue()) == "image/jpeg"


def test_a_refused_picture_leaves_everything_as_it_was(app, http, admin) -> None:
    resposta = http.post("/empresas/add", data={**EMPRESA, "logo": (io.BytesIO(b"<script>"), "logo.png")})
    assert "não é uma imagem PNG ou JPEG" in resposta.text
    with app.app_context(), transacao() as s:
        assert s.scalar(select(Empresa.id)) is None and s.scalar(select(Arquivo.id)) is None


# ---- holidays, audit, files

def test_a_holiday_is_added_and_counts(app, http, admin) -> None:
    http.post("/feriados/add", data={"data": "2026-12-08", "nome": "Padroeira"})
    with app.app_context():
        assert [str(d) for d in configuracao.feriados_do_operador()] == ["2026-12-08"]


def test_the_audit_shows_before_and_after_in_words(app, http, admin) -> None:
    http.post("/feriados/add", data={"data": "2026-12-08", "nome": "Padroeira"})
    with app.app_context(), transacao() as s:
        linha = s.scalars(select(UserAuditLog).where(UserAuditLog.resource == "feriado")).one()
        chave = linha.id
    lista = http.get("/auditoria/list/").text
    assert "Feriados do provedor" in lista and "Criação" in lista and "Admin Teste" in lista
    pagina = http.get(f"/auditoria/show/{chave}").text
    assert re.search(r"<h1>\d\d/\d\d/\d{4}", pagina) and '<a href="/auditoria/list/">Auditoria</a>' in pagina
    assert "O que mudou" in pagina and "Padroeira" in pagina and "Nome" in pagina


def test_the_audit_is_filtered_by_person_record_and_action(http, admin) -> None:
    http.post("/feriados/add", data={"data": "2026-12-08", "nome": "Padroeira"})
    for filtro, tem in ((f"_flt_0_pessoa={admin}", True), ("_flt_0_pessoa=999999", False), ("_flt_1_resource=feriado&_flt_1_action=criar", True),
                        ("_flt_1_action=excluir", False)):
        linhas = http.get(f"/auditoria/list/?{filtro}").text.partition("<tbody>")[2].partition("</tbody>")[0]      # without rows there is no body
        assert ("Feriados do provedor" in linhas) is tem, filtro


@pytest.mark.parametrize("rota", ["/auditoria/add", "/auditoria/edit/1", "/auditoria/delete/1", "/arquivos-guardados/add", "/empresas/delete/1"])
def test_what_must_not_change_has_no_route(http, admin, rota: str) -> None:
    assert http.post(rota).status_code == 404


def test_a_file_without_a_rule_or_of_somebody_else_is_read_by_nobody(app, http, admin) -> None:
    with app.app_context(), transacao() as s:
        sem_regra = arquivos.guardar(s, "a.txt", "text/plain", b"x", dono=("tabela_sem_regra", 1)).id
        sem_dono = arquivos.guardar(s, "b.txt", "text/plain", b"x").id
        da_empresa = arquivos.guardar(s, "c.txt", "text/plain", b"x" * (1 << 21), dono=("empresa", 1)).id
    assert [http.get(f"/arquivos/{i}").status_code for i in (sem_regra, sem_dono, 10**12)] == [404, 404, 404]
    resposta = http.get(f"/arquivos/{da_empresa}")
    assert len(resposta.data) == 1 << 21 and resposta.headers["Content-Disposition"].startswith("attachment")
    assert app.test_client().get(f"/arquivos/{da_empresa}").status_code == 404
    assert "c.txt" in http.get("/arquivos-guardados/list/").text


@pytest.mark.parametrize(("octetos", "texto"), [(0, "0 B"), (999, "999 B"), (1500, "1,5 kB"), (1_000_000, "1,0 MB"), (1_234_000_000, "1,2 GB")])
def test_sizes_are_readable(octetos: int, texto: str) -> None:
    assert tamanho_legivel(octetos) == texto


# ---- search

@pytest.fixture
def fontes():
    """Search sources of the test only."""
    antes = list(registro._buscas)
    yield registro._buscas
    registro._buscas[:] = antes


def test_the_search_shows_only_sources_the_person_may_list(app, http, fontes) -> None:
    fontes[:] = [
        FonteBusca("Feriados", "FeriadoView", lambda t, n: [Achado(f"<b>{t}</b>", "sub", "/x", selo="<i>", tom="info")] * 99),
        FonteBusca("Usuários", "UsuarioView", lambda t, n: [Achado("secreto", "", "/y")]),
    ]
    entrar(app, http, "Gerente")
    grupos = {g["nome"]: g["itens"] for g in http.get("/busca/?q=natal").json["grupos"]}
    assert set(grupos) == {"Feriados"} and len(grupos["Feriados"]) == 6
    assert grupos["Feriados"][0]["selo"] == '<span class="selo selo-info">&lt;i&gt;</span>'


def test_the_search_offers_the_pages_of_the_persons_menu(app, http) -> None:
    entrar(app, http, "Gerente")
    titulos = [i["titulo"] for g in http.get("/busca/?q=feri").json["grupos"] for i in g["itens"]]
    assert titulos == ["Feriados do provedor"]
    assert "Auditoria" not in str(http.get("/busca/").json)


def test_the_empty_search_begins_with_what_people_use_and_ends_with_security(http, admin) -> None:
    enderecos = [i["url"].partition("?")[0] for g in http.get("/busca/").json["grupos"] for i in g["itens"]]
    assert enderecos[:3] == ["/clientes/list/", "/faturamento/list/", "/contratos/list/"]
    seguranca = ["usuarios", "convites", "papeis", "grupos", "sessoes", "chaves-api", "dados-pessoais/acessos", "auditoria"]
    assert enderecos[-len(seguranca):] == [f"/{nome}/list/" for nome in seguranca]


def test_the_search_is_for_those_who_signed_in(app, http) -> None:
    assert http.get("/busca/?q=x").status_code == 401


# ---- quiet mode

def test_a_restored_copy_says_so_until_an_administrator_confirms(app, http, admin) -> None:
    with app.app_context(), transacao() as s:
        s.get(Instancia, 1).identidade = "de-outra"
    assert "Modo silencioso" in http.get("/feriados/list/").text.split("<h1>")[0].split("<main")[1]
    assert "ligar" in http.get("/instancia/").text
    assert http.post("/instancia/confirmar").status_code == 302
    assert "Modo silencioso:" not in http.get("/feriados/list/").text
    with app.app_context(), transacao() as s:
        assert s.get(Instancia, 1).identidade == instancia.identidade()
        assert s.scalar(select(UserAuditLog.action).where(UserAuditLog.resource == "instancia", UserAuditLog.action == "confirmar_instancia"))


def test_only_an_administrator_confirms_a_copy(app, http) -> None:
    entrar(app, http, "Gerente")
    assert http.post("/instancia/confirmar").status_code == 403


@pytest.mark.parametrize("dia", ["0001-01-01", "9999-12-31"])
def test_a_holiday_of_a_year_nobody_means_is_refused(app, http, admin, dia: str) -> None:
    pagina = http.post("/feriados/add", data={"data": dia, "nome": "Padroeira"})
    assert pagina.status_code == 200 and "Confira o ano" in pagina.text


def test_lists_of_the_base_layer_stay_within_ten_queries(app, http, admin) -> None:
    with app.app_context():
        motor = db.engine
    for lista in ("/auditoria/list/", "/feriados/list/", "/usuarios/list/", "/empresas/list/", "/papeis/list/", "/arquivos-guardados/list/"):
        with comandos(motor) as feitos:
            assert http.get(lista).status_code == 200
        de_mais = 5 if lista == "/usuarios/list/" else 0      # its filters offer roles and groups, and its tabs name two roles
        assert len(reais(feitos)) <= 8 + de_mais, (lista, feitos)


FILTRO = re.compile(r"_flt_(\d)_(\w+)")


def filtros_dos_modelos() -> list[tuple[str, int, str]]:
    """(view, number of the condition, column) of every link of a template to a filtered list."""
    links = re.compile(r"url_for\('(\w+)\.list'((?:, _flt_\d_\w+=[\w.]+)+)\)")
    return [(visao, int(n), coluna) for modelo in Path("app/templates").rglob("*.html") for visao, pedidos in links.findall(modelo.read_text())
            for n, coluna in FILTRO.findall(pedidos)]


def test_every_filtered_list_the_house_links_to_has_that_filter(app) -> None:
    with app.test_request_context():
        visoes = {v.endpoint: v for v in app.appbuilder.baseviews if isinstance(v, ListasDaCasa)}
        pedidos = [(v.endpoint, int(n), coluna) for v in visoes.values() for _nome, consulta in v.visoes for n, coluna in FILTRO.findall(consulta)]
        assert len(filtros_dos_modelos()) >= 3 and len(pedidos) > 30
        condicoes = {nome: v._filters._search_filters for nome, v in visoes.items()}      # whoever asks
        assert [(v, n, c) for v, n, c in [*pedidos, *filtros_dos_modelos()] if n >= len(condicoes[v].get(c, ()))] == []
