"""The trail on the screens: who sees the history of a record, what the trail's own screen leads to, which request did it, and what leaves as files."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any

import click
import pytest
import sqlalchemy as sa
from flask import Flask, g
from sqlalchemy import event, text

from app.core import auditoria, execucao, tarefas
from app.core.ator import agindo_como, ator
from app.core.logs import Numerar
from app.core.models import Feriado, UserAuditLog
from app.core.transacao import transacao
from app.core.visoes import trilha
from app.extensions import db
from tests import fabricas as f
from tests.conftest import desligar, fazer_app


def entrar(app, http, papel: str, usuario: str = "ana") -> int:
    with app.app_context(), transacao() as s:
        quem = f.um_usuario(s, papel, usuario=usuario).id
    http.entrar(usuario)
    return quem


@pytest.fixture
def admin(app, http) -> int:
    """An administrator, signed in."""
    return entrar(app, http, "Admin")


def feitos(app: Flask, *fazer: Callable[[Any], Any]) -> list[Any]:
    """Rows made and stored, to be read outside of any session."""
    with app.app_context(), transacao() as s:
        objetos = [um(s) for um in fazer]
        s.flush()
        for objeto in objetos:
            s.refresh(objeto)
            s.expunge(objeto)
    return objetos


def linhas(app: Flask, **iguais: Any) -> list[UserAuditLog]:
    """Rows of the trail with these values, oldest first."""
    with app.app_context():
        return list(db.session.scalars(sa.select(UserAuditLog).filter_by(**iguais).order_by(UserAuditLog.id)))


# ---- route and request

def test_what_a_request_did_says_route_and_number(app, http, admin) -> None:
    (invoice,) = feitos(app, f.uma_invoice)
    resposta = http.post(f"/faturamento/action/cancelar/{invoice.id}", data={"motivo": "erro"}, headers={"X-Request-ID": "of-the-client-1"})
    (linha,) = linhas(app, resource="invoice", resource_id=str(invoice.id), action="alterar")
    assert (linha.rota, linha.user_id, linha.como_cliente_id) == ("InvoiceView.action:cancelar", admin, None)
    assert re.fullmatch("[0-9a-f]{16}", linha.request_id) and resposta.headers["X-Request-ID"] == linha.request_id      # no proxy, no word of the client


@pytest.fixture
def atras_do_proxy(servidores, url_modelo):
    """The application behind a proxy that numbers requests."""
    app = fazer_app(url_modelo, servidores.redis_url, TRUST_PROXY=True)
    app.testing = False
    yield app.test_client()
    desligar(app)


@pytest.mark.parametrize(("dado", "aceito"), [("a1b2c3d4-9", True), ("curto", False), ("<script>alert</script>", False), ("x" * 65, False)])
def test_the_number_of_a_trusted_proxy_is_taken_when_it_is_one(atras_do_proxy, dado: str, aceito: bool) -> None:
    resposta = atras_do_proxy.get("/nao-existe", headers={"X-Request-ID": dado})
    numero = resposta.headers["X-Request-ID"]
    assert (numero == dado) is aceito and f'<span class="mono">{numero}</span>' in resposta.text


def test_jobs_and_commands_are_routes(app, sessao) -> None:
    @execucao.tarefa("teste_auditoria")
    def _fazer(s) -> None:
        s.add(Feriado(data="2031-01-02", nome="Do trabalho"))

    try:
        tarefa = tarefas.agendar(sessao, "teste_auditoria", chave="x")
        sessao.flush()
        execucao.rodar(tarefa.id if hasattr(tarefa, "id") else tarefa)
    finally:
        execucao.esquecer("teste_auditoria")
    linha = sessao.scalars(sa.select(UserAuditLog).where(UserAuditLog.resource == "feriado")).one()
    assert linha.rota == "job:teste_auditoria" and linha.request_id.startswith("tarefa-")


def test_who_looks_as_a_customer_is_written_with_him(app) -> None:
    with app.test_request_context("/portal/"):
        g.ver_como = 7
        assert ator().como_cliente_id == 7
        with agindo_como(3):
            assert (ator().usuario_id, ator().como_cliente_id, ator().rota) == (3, 7, ator().rota)


def test_lines_of_the_log_are_numbered(app) -> None:
    registro = logging.makeLogRecord({"msg": "x"})
    assert Numerar().filter(registro) and registro.pedido == "-"
    with app.test_request_context("/"):
        assert Numerar().filter(registro) and re.fullmatch("[0-9a-f]{16}", registro.pedido)
    with agindo_como(None, rota="job:x", request_id="tarefa-9"):
        assert Numerar().filter(registro) and registro.pedido == "tarefa-9"


# ---- the history of a record

def test_the_history_of_a_record_is_told_in_words_newest_first(app, http, admin) -> None:
    http.post("/feriados/add", data={"data": "2026-12-08", "nome": "Padroeira"})
    chave = linhas(app, resource="feriado")[0].resource_id
    http.post(f"/feriados/edit/{chave}", data={"data": "2026-12-09", "nome": "Padroeira"})
    comandos_vistos: list[str] = []
    with app.app_context():
        motor = db.engine
    event.listen(motor, "before_cursor_execute", lambda *a: comandos_vistos.append(a[2]))
    ficha = http.get(f"/feriados/show/{chave}").text
    assert not [c for c in comandos_vistos if "user_audit_log" in c]      # asked for only when the tab is opened
    assert f'href="/feriados/historico/{chave}"' in ficha
    pagina = http.get(f"/feriados/historico/{chave}").text
    assert pagina.index("Alteração") < pagina.index("Criação") and "Admin Teste" in pagina and "08/12/2026" in pagina and "09/12/2026" in pagina
    assert "Atualizado" not in pagina and http.get("/feriados/historico/999999").status_code == 404


def test_the_history_is_of_who_may_edit_and_of_managers(app, http) -> None:
    cliente, plano, invoice = feitos(app, f.um_cliente, f.um_plano, f.uma_invoice)
    esperado = {"Gerente": (200, 200, 200), "Atendente": (200, 403, 403), "Financeiro": (403, 403, 200), "Tecnico": (403, 403, 403)}
    for papel, codigos in esperado.items():
        navegador = app.test_client()
        entrar(app, navegador, papel, papel.lower())
        enderecos = (f"/clientes/historico/{cliente.id}", f"/planos/historico/{plano.id}", f"/faturamento/historico/{invoice.id}")
        assert tuple(navegador.get(e).status_code for e in enderecos) == codigos, papel
        fichas = [navegador.get(e.replace("historico/", "show/" if "planos" in e else "")) for e in enderecos]
        achados = [e in ficha.text for e, ficha in zip(enderecos, fichas, strict=True)]
        assert achados == [c == 200 for c in codigos], papel


def test_what_a_person_may_not_see_of_a_record_is_hidden_in_its_history(app, http, admin, monkeypatch) -> None:
    (cliente,) = feitos(app, lambda s: f.um_cliente(s, nome="Bia"))
    assert cliente.documento in http.get(f"/clientes/historico/{cliente.id}").text
    monkeypatch.setattr(trilha, "_escondem", [lambda tabela, coluna: (tabela, coluna) == ("cliente", "cpf_cnpj")])
    pagina = http.get(f"/clientes/historico/{cliente.id}").text
    assert cliente.documento not in pagina and cliente.cpf_cnpj not in pagina and "•••" in pagina and "Bia" in pagina


def test_an_invoice_of_a_run_shows_the_run(app, http, admin) -> None:
    invoice, fora = feitos(app, lambda s: f.uma_invoice(s, execucao_id=5), lambda s: f.uma_invoice(s, execucao_id=6))
    with app.app_context(), transacao() as s:
        auditoria.registrar(s, "emitir", "invoice", None, depois={"quantidade": 9, "primeira": invoice.id - 1, "ultima": invoice.id + 1}, execucao_id=5)
    assert "Emissão em lote" in http.get(f"/faturamento/historico/{invoice.id}").text
    assert "Emissão em lote" not in http.get(f"/faturamento/historico/{fora.id}").text


# ---- the trail's own screen

def test_a_row_leads_to_record_person_request_and_run(app, http, admin) -> None:
    antigo = "O cliente pediu para ligar antes da visita técnica, de preferência à tarde."
    (cliente,) = feitos(app, lambda s: f.um_cliente(s, observacoes=antigo))
    with app.app_context(), transacao() as s:
        cliente = s.merge(cliente)
        cliente_id = cliente.id
        with agindo_como(admin, execucao_id=77, request_id="pedido-77"):
            cliente.observacoes = antigo.replace("à tarde", "<b>pela manhã</b>")
            s.flush()
            auditoria.registrar(s, "importar", "importacao", None, depois={"lista": {"a": [1]}})
    chave, outra = (linhas(app, request_id="pedido-77")[n].id for n in (0, 1))
    pagina = http.get(f"/auditoria/show/{chave}").text
    assert "<del>à</del>" in pagina and "<ins>&lt;b&gt;pela</ins>" in pagina
    for endereco in (f'href="/clientes/{cliente_id}"', f'href="/usuarios/show/{admin}"', "_flt_1_request_id=pedido-77", "_flt_0_execucao_id=77"):
        assert endereco in pagina, endereco
    assert "Tudo do mesmo pedido (2)" in pagina and '<pre class="json">' in http.get(f"/auditoria/show/{outra}").text
    assert f"/auditoria/show/{chave}" in http.get("/auditoria/list/?_flt_1_request_id=pedido-77").text
    assert f"/auditoria/show/{outra}" in http.get("/auditoria/list/?_flt_0_execucao_id=77").text


def test_the_trail_is_filtered_by_choice_of_action_and_place(http, admin) -> None:
    pagina = http.get("/auditoria/list/").text
    assert "Senha trocada" in pagina and "Feriados do provedor" in pagina      # options of the filters


def test_the_trail_leaves_as_text(app, http, admin) -> None:
    http.post("/feriados/add", data={"data": "2026-12-08", "nome": "Padroeira"})
    csv = http.get("/auditoria/exportar/csv?_flt_1_resource=feriado").text
    assert "Data: 08/12/2026; Nome: Padroeira" in csv and "FeriadoView.add" in csv


def test_ten_thousand_rows_are_nothing(app, http, admin) -> None:
    with app.app_context(), transacao() as s:
        s.execute(text(
            "INSERT INTO user_audit_log (timestamp, action, resource, resource_id, user_id, request_id, antes, depois)"
            " SELECT now(), 'alterar', 'plano', n::text, 1, 'r' || n, '{\"preco\": \"1.00\"}', '{\"preco\": \"2.00\"}' FROM generate_series(1, 10000) n"))
        s.execute(text("ANALYZE user_audit_log"))
        for condicao, indice in (("request_id = 'r77'", "request_id"), ("resource = 'plano' AND resource_id = '7'", "resource_resource_id")):
            plano = "\n".join(s.scalars(text(f"EXPLAIN SELECT * FROM user_audit_log WHERE {condicao} ORDER BY id DESC LIMIT 25")))
            assert indice in plano.replace("Index Cond", ""), plano
    for endereco, segundos in (("/auditoria/list/", 2), ("/auditoria/exportar/csv", 15)):      # of this process: others may be using the machine
        comeco = time.process_time()
        resposta = http.get(endereco)
        assert resposta.status_code == 200 and time.process_time() - comeco < segundos
    assert resposta.data.count(b"\r\n") > 10_000


# ---- what leaves

@pytest.mark.parametrize("formato", ["csv", "xlsx"])
def test_a_file_that_leaves_is_in_the_trail(app, http, admin, formato: str) -> None:
    with app.app_context(), transacao() as s:
        f.um_cliente(s, nome="Ana"), f.um_cliente(s, nome="Bia")
    http.get(f"/clientes/exportar/{formato}?q=bia&_flt_0_status=prospecto").close()
    (linha,) = linhas(app, action="exportar")
    assert (linha.resource, linha.user_id, linha.rota) == ("cliente", admin, "ClienteView.exportar")
    assert linha.depois == {"tela": "ClienteView", "formato": formato, "filtros": [["q", "bia"], ["_flt_0_status", "prospecto"]], "linhas": 1}


def test_a_command_is_a_route(app) -> None:
    with app.app_context(), click.Context(click.Command("importar"), info_name="flask crm importar"):
        quem = ator()
        assert quem.rota == "flask crm importar" and quem == ator() and quem.usuario_id is None
