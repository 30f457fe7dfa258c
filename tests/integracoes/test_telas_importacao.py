"""The screens of the import over HTTP: who may, what they say, what they write."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select

from app.clientes.models import Cliente
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.integracoes import consultas
from app.integracoes.colunas import adivinhar
from app.integracoes.models import Importacao, ImportacaoLinha
from app.integracoes.services import ImportacaoService
from jobs.integracoes import conferir_importacao, importar_clientes
from tests import fabricas as f
from tests.integracoes import arquivos as a

BASE = "/importar-clientes/"


def entrar(app, http, papel: str) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, papel, usuario="ana")
    http.entrar("ana")


@pytest.fixture
def gerente(app, http) -> None:
    """A manager, signed in."""
    entrar(app, http, "Gerente")


def enviar(http, dados: bytes, nome: str = "clientes.csv"):
    return http.post(BASE, data={"arquivo": (io.BytesIO(dados), nome)}, content_type="multipart/form-data")


def mapear(http, pk: int, **mudancas: str):
    campos = list(adivinhar(a.CABECALHO))
    return http.post(f"{BASE}{pk}/colunas", data={f"coluna{i}": c for i, c in enumerate(campos)} | mudancas)


def rodar(app, tarefa, pk: int) -> None:
    """What the worker would do."""
    cursor = None
    with app.app_context(), transacao() as s:
        while True:
            cursor = tarefa(s, cursor, importacao_id=pk, hoje=a.HOJE).cursor
            if cursor is None:
                s.get(Tarefa, s.get(Importacao, pk).tarefa_id).estado = EstadoTarefa.feita
                return


def a_unica(app) -> int:
    with app.app_context(), transacao() as s:
        return s.scalars(select(Importacao.id)).one()


def conferida(app, http, dados: bytes) -> int:
    enviar(http, dados)
    pk = a_unica(app)
    mapear(http, pk)
    rodar(app, conferir_importacao, pk)
    return pk


def test_the_whole_way(app, http, gerente) -> None:
    dados = a.csv(a.linha(1), a.linha(2), a.linha(3, Nome=""))
    resposta = enviar(http, dados)
    pk = a_unica(app)
    assert resposta.headers["Location"] == f"{BASE}{pk}/colunas"
    pagina = http.get(f"{BASE}{pk}/colunas").text
    assert "Cliente Número 1" in pagina and "segredo-1" not in pagina and 'value="documento" selected' in pagina
    assert mapear(http, pk).headers["Location"] == f"{BASE}{pk}"
    espera = http.get(f"{BASE}{pk}").text
    assert "every 2s" in espera and "Na fila" in espera and "HX-Refresh" not in http.get(f"{BASE}{pk}/progresso").headers
    rodar(app, conferir_importacao, pk)
    assert http.get(f"{BASE}{pk}/progresso").headers["HX-Refresh"] == "true"
    previa = http.get(f"{BASE}{pk}").text
    assert "nada foi gravado ainda" in previa and "Importar 2 linhas" in previa and "Falta o nome" in previa and "Fibra 500 Mega" in previa
    assert "Falta o nome" not in http.get(f"{BASE}{pk}?resultado=criada").text
    with app.app_context(), transacao() as s:
        assert s.scalar(select(func.count()).select_from(Cliente)) == 0
    http.post(f"{BASE}{pk}/importar")
    assert "Importando" in http.get(f"{BASE}{pk}").text or "Na fila" in http.get(f"{BASE}{pk}").text
    rodar(app, importar_clientes, pk)
    fim = http.get(f"{BASE}{pk}").text
    assert "Concluída" in fim and "O que fez" in fim and "Cliente Número 2</a>" in fim
    csv = http.get(f"{BASE}{pk}/rejeitadas.csv")
    assert csv.headers["Content-Disposition"].endswith(f"rejeitadas-{pk}.csv") and "linha 4: Falta o nome" in csv.data.decode("utf-8-sig")
    assert "clientes.csv" in http.get(BASE).text


@pytest.mark.parametrize(("dados", "nome", "frase"), [
    (b"", "c.csv", "está vazio"), (b"Nome;CPF\r\nA\x00;1", "c.csv", "bytes nulos"), (b"MZ", "c.exe", "Envie um arquivo .csv ou .xlsx"),
])
def test_a_refused_file_is_explained_at_the_field(app, http, gerente, dados: bytes, nome: str, frase: str) -> None:
    pagina = enviar(http, dados, nome).text
    assert frase in pagina and 'id="arquivo-erro"' in pagina
    with app.app_context(), transacao() as s:
        assert s.scalar(select(func.count()).select_from(Importacao)) == 0


def test_no_file(http, gerente) -> None:
    assert "Escolha o arquivo." in http.post(BASE, data={}).text


def test_a_bad_mapping_is_said_and_what_was_chosen_stays(app, http, gerente) -> None:
    enviar(http, a.csv(a.linha(1)))
    pk = a_unica(app)
    pagina = mapear(http, pk, coluna0="", coluna2="telefone", coluna3="email").text
    assert "Diga qual coluna tem: Nome." in pagina and pagina.count('value="telefone" selected') == 1
    assert "Duas colunas foram ligadas a “Telefone”." in mapear(http, pk, coluna2="telefone").text


def test_the_mapping_can_be_changed_after_the_preview(app, http, gerente) -> None:
    pk = conferida(app, http, a.csv(a.linha(1, **{"E-mail": "ruim"})))
    assert "E-mail inválido" in http.get(f"{BASE}{pk}").text
    mapear(http, pk, coluna2="")
    rodar(app, conferir_importacao, pk)
    assert "E-mail inválido" not in http.get(f"{BASE}{pk}").text


def test_nothing_is_imported_before_it_was_checked(app, http, gerente) -> None:
    enviar(http, a.csv(a.linha(1)))
    pk = a_unica(app)
    http.post(f"{BASE}{pk}/importar")
    assert "Confira o arquivo antes de importar" in http.get(f"{BASE}{pk}/colunas").text
    assert http.get(f"{BASE}{pk}").headers["Location"].endswith("/colunas")


def test_stopped_and_continued_on_screen(app, http, gerente) -> None:
    pk = conferida(app, http, a.csv(a.linha(1)))
    http.post(f"{BASE}{pk}/importar")
    http.post(f"{BASE}{pk}/parar")
    pagina = http.get(f"{BASE}{pk}").text
    assert "Parada" in pagina and "/continuar" in pagina and "every 2s" not in pagina
    http.post(f"{BASE}{pk}/continuar")
    rodar(app, importar_clientes, pk)
    assert "Concluída" in http.get(f"{BASE}{pk}").text


def test_discarded(app, http, gerente) -> None:
    pk = conferida(app, http, a.csv(a.linha(1)))
    http.post(f"{BASE}{pk}/descartar")
    assert "Descartada" in http.get(f"{BASE}{pk}").text
    with app.app_context(), transacao() as s:
        assert s.scalar(select(func.count()).select_from(ImportacaoLinha)) == 0


def test_pages_of_a_long_preview(app, http, gerente, monkeypatch) -> None:
    monkeypatch.setattr(consultas, "POR_PAGINA", 2)
    pk = conferida(app, http, a.csv(*(a.linha(n) for n in range(1, 6))))
    assert "Cliente Número 5" in http.get(f"{BASE}{pk}?pagina=2").text and "Cliente Número 5" not in http.get(f"{BASE}{pk}").text
    for estranha in ("-1", "x", "99999999999", "1&resultado=nada"):
        assert http.get(f"{BASE}{pk}?pagina={estranha}").status_code == 200


@pytest.mark.parametrize("texto", ["<script>alert(1)</script>", "{{ 7 * 7 }}"])
def test_what_a_file_says_is_only_text(app, http, gerente, texto: str) -> None:
    pk = conferida(app, http, a.csv(a.linha(1, Nome=texto), a.linha(2, Plano=texto), cabecalho=[*a.CABECALHO[:15], texto]))
    for caminho in (f"{BASE}{pk}", f"{BASE}{pk}/colunas"):
        assert "<script>alert" not in http.get(caminho).text and " 49 " not in http.get(caminho).text


def test_the_example_can_be_imported_as_it_is(app, http, gerente) -> None:
    exemplo = http.get(f"{BASE}exemplo.csv").data
    with open("docs/exemplos/clientes.csv", "rb") as aberto:
        assert aberto.read() == exemplo
    enviar(http, exemplo)
    pk = a_unica(app)
    with app.app_context(), transacao() as s:
        importacao = s.get(Importacao, pk)
        assert None not in importacao.mapeamento
        ImportacaoService(s).mapear(pk, importacao.mapeamento)
    rodar(app, conferir_importacao, pk)
    assert "Importar 3 linhas" in http.get(f"{BASE}{pk}").text


ENDERECOS = [("get", ""), ("post", ""), ("get", "exemplo.csv"), *(("get", f"1/{x}") for x in ("colunas", "progresso", "rejeitadas.csv")), ("get", "1"),
             *(("post", f"1/{x}") for x in ("colunas", "importar", "continuar", "parar", "descartar"))]


@pytest.mark.parametrize("papel", ["Financeiro", "Atendente", "Tecnico"])
def test_other_roles_reach_nothing(app, http, papel: str) -> None:
    entrar(app, http, papel)
    assert [getattr(http, metodo)(BASE + caminho).status_code for metodo, caminho in ENDERECOS] == [403] * len(ENDERECOS)
    assert "Importar clientes" not in http.get("/").text


@pytest.mark.parametrize("papel", ["Gerente", "Admin"])
def test_manager_and_administrator_have_it_in_the_menu(app, http, papel: str) -> None:
    entrar(app, http, papel)
    assert "Importar clientes" in http.get(BASE).text
    assert [getattr(http, metodo)(BASE + caminho).status_code for metodo, caminho in ENDERECOS if caminho.startswith("1")] == [404] * 9


def test_strangers_are_sent_to_the_login(http) -> None:
    assert {getattr(http, metodo)(BASE + caminho).status_code for metodo, caminho in ENDERECOS} == {302}
