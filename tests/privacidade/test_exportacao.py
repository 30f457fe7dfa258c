"""All data of a customer in one file: every table of his, nobody else's rows, no secrets, one receipt."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import arquivos, relogio
from app.core.models import Arquivo
from app.core.transacao import transacao
from app.extensions import db
from app.privacidade import mapa
from app.privacidade.estados import EtapaRecibo, SituacaoPedido, TipoPedido
from app.privacidade.models import PedidoTitular, ReciboTitular
from app.privacidade.regras import VALIDADE_ARQUIVO
from app.privacidade.services import PedidoService
from tests import fabricas as f
from tests.privacidade.apoio import CORREIO, CPF, NOME, correr, um_titular

# tables that name a customer, a contract or an invoice of somebody but hold nothing of his
SEM_DONO = {"user_audit_log": "the provider's own trail, restricted"}


@pytest.fixture
def entregue(app) -> tuple[PedidoTitular, zipfile.ZipFile, int]:
    """(request, what is in its file, customer) after the task ran."""
    with app.app_context():
        with transacao() as s:
            f.uma_invoice(s)      # of somebody else
            cliente_id = um_titular(s)
            pedido = PedidoService(s).registrar(cliente_id, TipoPedido.exportacao, motivo="por telefone")
            pedido_id, tarefa_id = pedido.id, pedido.tarefa_id
        assert correr(tarefa_id) == "feita"
        with transacao() as s:
            pedido = s.get_one(PedidoTitular, pedido_id)
            conteudo = arquivos.conteudo(s, pedido.arquivo_id)
            s.refresh(pedido)
            s.expunge(pedido)
        return pedido, zipfile.ZipFile(io.BytesIO(conteudo)), cliente_id


def test_every_table_of_his_has_his_rows_in_the_document(app, entregue) -> None:
    _pedido, pacote, cliente_id = entregue
    documento = json.loads(pacote.read("dados.json"))
    vazias = [nome for nome in mapa.exportadas() if not documento.get(nome) and nome != "recibo_titular"]
    assert vazias == [], "give tests/privacidade/apoio.py a row of these"
    assert documento["cliente"][0]["cpf_cnpj"] == CPF and len(documento["invoice"]) == 1
    assert documento["sessoes_do_portal"][0]["ip"] == "203.0.113.77"
    assert documento["contas_do_portal"][0]["username"] == CPF
    assert [tuple(x.values())[1:] for x in documento["acesso_dado_pessoal"]] == [("pagina", "Atendente")]
    csv = pacote.read("contato.csv").decode()
    assert csv.startswith("\ufeff") and f"Filha;;{CORREIO};" in csv
    assert NOME not in pacote.read("LEIA-ME.txt").decode() and "LGPD-" in pacote.read("LEIA-ME.txt").decode()


def test_no_secret_and_nobody_of_the_house_is_in_it(entregue) -> None:
    _pedido, pacote, _cliente_id = entregue
    texto = pacote.read("dados.json").decode()
    assert "segredo-do-modem" not in texto and "Atendente Teste" not in texto
    assert not {"senha_pppoe", "criado_por_id", "busca"} & {c for linhas in json.loads(texto).values() if isinstance(linhas, list) for x in linhas for c in x}


def test_the_receipt_says_what_was_handed_over(app, entregue) -> None:
    pedido, _pacote, _cliente_id = entregue
    with app.app_context(), transacao() as s:
        recibo = s.scalars(select(ReciboTitular).where(ReciboTitular.pedido_id == pedido.id)).one()
        arquivo = s.get_one(Arquivo, pedido.arquivo_id)
        assert (recibo.etapa, recibo.sha256) == (EtapaRecibo.exportacao, hashlib.sha256(arquivos.conteudo(s, arquivo.id)).hexdigest())
        assert recibo.contagens["invoice"] == 1
        assert pedido.situacao is SituacaoPedido.concluido and (pedido.prazo - relogio.local(pedido.pedido_em).date()).days == 15
        assert abs((arquivo.expira_em - pedido.feito_em) - VALIDADE_ARQUIVO).total_seconds() < 5


def test_asking_twice_and_running_twice_make_one_file(app) -> None:
    with app.app_context():
        with transacao() as s:
            cliente_id = um_titular(s)
            tarefas = {PedidoService(s).registrar(cliente_id, TipoPedido.exportacao).tarefa_id for _vez in range(2)}
        assert len(tarefas) == 1
        assert [correr(next(iter(tarefas))) for _vez in range(2)] == ["feita", "repetida"]
        with transacao() as s:
            assert s.scalar(select(func.count()).select_from(ReciboTitular)) == 1


def test_every_table_with_a_way_to_a_customer_is_in_it_or_says_why_not() -> None:
    faltam = []
    for tabela in db.metadata.sorted_tables:
        chaves = {fk.column.table.name for fk in tabela.foreign_keys} | {mapa.LIGACOES[c.name] for c in tabela.columns if c.name in mapa.LIGACOES}
        if chaves & set(mapa.caminhos()) and tabela.name not in {*mapa.caminhos(), *SEM_DONO}:
            faltam.append(tabela.name)
    assert faltam == []
    assert set(mapa.FORA) <= set(mapa.caminhos())


def ler(app, http, papel: str, arquivo_id: int) -> int:
    """The status of asking for a file as a new person of that role."""
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, papel).username
    http.entrar(nome)
    status = http.get(f"/arquivos/{arquivo_id}").status_code
    http.post("/logout/")
    return status


def test_the_file_is_read_by_who_answers_requests_and_by_him(app, http, entregue) -> None:
    pedido, _pacote, cliente_id = entregue
    achados = {papel: ler(app, http, papel, pedido.arquivo_id) for papel in ("Gerente", "Atendente", "Tecnico", "Cliente")}
    assert achados == {"Gerente": 200, "Atendente": 404, "Tecnico": 404, "Cliente": 404}
    with app.app_context(), transacao() as s:
        assert dele(s, cliente_id, pedido.id)


def dele(s: Session, cliente_id: int, pedido_id: int) -> bool:
    """Whether the manager's download was noted."""
    from app.clientes.models import AcessoDadoPessoal, OQueViu
    from app.core.models import UserAuditLog

    noto = s.scalar(select(func.count()).where(AcessoDadoPessoal.cliente_id == cliente_id, AcessoDadoPessoal.o_que == OQueViu.titular))
    return noto == s.scalar(select(func.count()).where(UserAuditLog.action == "baixar_dados", UserAuditLog.resource_id == str(pedido_id))) == 1
