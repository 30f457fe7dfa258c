"""Anonymising: refused while something is open, in two stages, and nothing of him left in the end."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app.clientes import consentimentos
from app.clientes.models import CanalContato, Consentimento
from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato
from app.core import execucao, tarefas
from app.core.erros import RegraViolada
from app.core.models import Tarefa
from app.core.transacao import transacao
from app.extensions import db
from app.faturamento.documentos import ler as ler_documento
from app.faturamento.models import Credito, Invoice
from app.privacidade.anonimizacao import AnonimizacaoService
from app.privacidade.estados import EtapaRecibo, SituacaoPedido, TipoPedido
from app.privacidade.models import PedidoTitular, ReciboTitular
from app.privacidade.services import PedidoService
from tests import fabricas as f
from tests.privacidade.apoio import CORREIO, CPF, FONE, MARCAS, NOME, a_pessoa, correr, um_titular

HOJE, DEPOIS = dt.date(2026, 12, 1), dt.date(2032, 4, 1)
# what keeps his data longer than he is known: the trail that nobody may change, and tasks, deleted 30 days after they are done
FICAM = {"user_audit_log", "tarefa"}


def pedir(s: Session, cliente_id: int) -> PedidoTitular:
    """A request, confirmed."""
    pedido = PedidoService(s).registrar(cliente_id, TipoPedido.anonimizacao)
    return AnonimizacaoService(s).confirmar(pedido.id)


def onde_esta(s: Session, marca: str) -> set[str]:
    """Tables that say it anywhere, also inside JSON."""
    achadas = set()
    for tabela in db.metadata.sorted_tables:
        colunas = [c for c in tabela.columns if isinstance(getattr(c.type, "impl_instance", c.type), (sa.String, sa.JSON))]
        textos = [sa.cast(c, sa.Text).contains(marca, autoescape=True) for c in colunas]
        if textos and s.scalar(select(sa.literal(1)).select_from(tabela).where(sa.or_(*textos)).limit(1)):
            achadas.add(tabela.name)
    return achadas - FICAM


@pytest.mark.parametrize("caso", ["contrato", "fatura", "credito"])
def test_nothing_is_anonymised_while_something_is_open(sessao: Session, caso: str) -> None:
    cliente_id = um_titular(sessao)
    if caso == "contrato":
        f.um_contrato(sessao, cliente_id=cliente_id)
    elif caso == "fatura":
        f.uma_invoice(sessao, contrato=sessao.scalars(select(Contrato).where(Contrato.cliente_id == cliente_id)).one())
    else:
        sessao.execute(sa.update(Credito).values(saldo=1))
    with pytest.raises(RegraViolada) as recusa:
        pedir(sessao, cliente_id)
    assert recusa.value.codigo == "anonimizacao_impedida"
    assert a_pessoa(sessao, cliente_id).email == CORREIO


def test_at_once_goes_what_no_law_keeps_and_invoices_print_the_same(sessao: Session) -> None:
    cliente_id = um_titular(sessao)
    pedido = pedir(sessao, cliente_id)
    antes = ler_documento(sessao, sessao.scalar(select(Invoice.id).where(Invoice.cliente_id == cliente_id))).invoice
    impressa = (antes.pagador_nome, antes.pagador_documento, antes.pagador_endereco)
    pedido = AnonimizacaoService(sessao).avancar(pedido.id, hoje=HOJE)
    pessoa = a_pessoa(sessao, cliente_id)
    assert (pessoa.nome, pessoa.cpf_cnpj) == (NOME, CPF)
    assert [pessoa.email, pessoa.telefone, pessoa.whatsapp, pessoa.data_nascimento, pessoa.rg_ie, pessoa.observacoes] == [None] * 6
    invoice = sessao.scalars(select(Invoice).where(Invoice.cliente_id == cliente_id)).one()
    assert (invoice.pagador_nome, invoice.pagador_documento, invoice.pagador_endereco) == impressa
    assert onde_esta(sessao, FONE) == {"bloqueio"} and onde_esta(sessao, CORREIO) == {"bloqueio"}      # the evidence of a notice: 5 years
    assert onde_esta(sessao, "Escreveu da casa da filha") == set()
    assert pedido.situacao is SituacaoPedido.aguardando_prazo
    recibo = sessao.scalars(select(ReciboTitular).where(ReciboTitular.pedido_id == pedido.id)).one()
    assert (recibo.etapa, [r["classe"] for r in recibo.retido]) == (EtapaRecibo.parcial, ["conexao", "defesa", "fiscal"])


def test_in_the_end_nothing_says_who_it_was_and_the_amounts_stay(sessao: Session) -> None:
    cliente_id = um_titular(sessao)
    pedido = pedir(sessao, cliente_id)
    valor = sessao.scalar(select(Invoice.valor_total).where(Invoice.cliente_id == cliente_id))
    for hoje in (HOJE, dt.date(2027, 3, 31), dt.date(2031, 3, 31), DEPOIS):
        pedido = AnonimizacaoService(sessao).avancar(pedido.id, hoje=hoje)
    assert {marca: onde_esta(sessao, marca) for marca in MARCAS} == {marca: set() for marca in MARCAS}
    pessoa = a_pessoa(sessao, cliente_id)
    assert pessoa.nome == pessoa.cpf_cnpj and pessoa.nome.startswith("anon-") and pessoa.enderecos[0].municipio == "Campinas"
    assert sessao.scalar(select(Invoice.valor_total).where(Invoice.cliente_id == cliente_id)) == valor
    assert pedido.situacao is SituacaoPedido.concluido
    etapas = list(sessao.scalars(select(ReciboTitular.etapa).where(ReciboTitular.pedido_id == pedido.id).order_by(ReciboTitular.id)))
    assert etapas == [EtapaRecibo.parcial] * 3 + [EtapaRecibo.completa]


def test_doing_it_again_changes_nothing(sessao: Session) -> None:
    cliente_id = um_titular(sessao)
    pedido = pedir(sessao, cliente_id)
    for _vez in range(3):
        AnonimizacaoService(sessao).avancar(pedido.id, hoje=HOJE)
    assert sessao.scalar(select(sa.func.count()).select_from(ReciboTitular)) == 1
    for _vez in range(2):
        AnonimizacaoService(sessao).avancar(pedido.id, hoje=DEPOIS)
    assert sessao.scalar(select(sa.func.count()).select_from(ReciboTitular)) == 2


def test_a_customer_who_comes_back_is_left_as_he_is(sessao: Session) -> None:
    cliente_id = um_titular(sessao)
    pedido = pedir(sessao, cliente_id)
    AnonimizacaoService(sessao).avancar(pedido.id, hoje=HOJE)
    contrato = f.um_contrato(sessao, cliente_id=cliente_id)
    assert AnonimizacaoService(sessao).avancar(pedido.id, hoje=DEPOIS).situacao is SituacaoPedido.aguardando_prazo
    assert a_pessoa(sessao, cliente_id).cpf_cnpj == CPF
    contrato.status = StatusContrato.cancelado


def test_a_receipt_is_for_ever(sessao: Session) -> None:
    cliente_id = um_titular(sessao)
    AnonimizacaoService(sessao).avancar(pedir(sessao, cliente_id).id, hoje=HOJE)
    for comando in (sa.update(ReciboTitular).values(contagens={}), sa.delete(ReciboTitular), sa.text("TRUNCATE recibo_titular")):
        with pytest.raises(ProgrammingError), sessao.begin_nested():
            sessao.execute(comando)


@pytest.mark.parametrize("comando", [
    sa.update(Consentimento).values(concedido=False), sa.update(Consentimento).values(cliente_id=1), sa.delete(Consentimento),
    sa.text("TRUNCATE consentimento"),
], ids=["update", "owner", "delete", "truncate"])
def test_a_consent_is_neither_changed_nor_taken_away(sessao: Session, comando) -> None:
    um_titular(sessao)
    with pytest.raises(ProgrammingError, match="append-only"), sessao.begin_nested():
        sessao.execute(comando)


def test_a_consent_leaves_only_with_its_owner(sessao: Session) -> None:
    cliente_id = um_titular(sessao)
    dele = sa.delete(Consentimento).where(Consentimento.cliente_id == cliente_id)
    pedido = PedidoService(sessao).registrar(cliente_id, TipoPedido.anonimizacao)
    with pytest.raises(ProgrammingError), sessao.begin_nested():      # asked for, not confirmed
        sessao.execute(dele)
    AnonimizacaoService(sessao).confirmar(pedido.id)
    AnonimizacaoService(sessao).avancar(pedido.id, hoje=DEPOIS)
    assert sessao.scalar(select(sa.func.count()).where(Consentimento.cliente_id == cliente_id)) == 0
    outro = f.um_cliente(sessao).id
    consentimentos.registrar(sessao, outro, CanalContato.email, "marketing", concedido=True, origem="loja")
    for comando in (sa.update(Consentimento).values(origem="x"), sa.delete(Consentimento)):
        with pytest.raises(ProgrammingError), sessao.begin_nested():
            sessao.execute(comando)


def test_the_job_of_the_night_finishes_what_reached_its_day(app) -> None:
    with app.app_context():
        with transacao() as s:
            cliente_id = um_titular(s)
            pedido = pedir(s, cliente_id)
            pedido_id, primeira = pedido.id, pedido.tarefa_id
        assert correr(primeira) == "feita"
        with transacao() as s:
            assert s.get_one(PedidoTitular, pedido_id).situacao is SituacaoPedido.aguardando_prazo
            noite = tarefas.agendar(s, "aplicar_retencao", fila="longa", hoje=DEPOIS.isoformat())
        assert correr(noite) == "feita"
        with transacao() as s:
            assert s.get_one(PedidoTitular, pedido_id).situacao is SituacaoPedido.concluido
            assert a_pessoa(s, cliente_id).nome.startswith("anon-")
            assert s.get_one(Tarefa, noite).contagens["anonimizados"] == 1


def test_two_at_once_anonymise_once(app_real) -> None:
    with app_real.app_context(), transacao() as s:
        cliente_id = um_titular(s)
        pedido_id = pedir(s, cliente_id).id
    erros: list[BaseException] = []

    def correr_um() -> None:
        try:
            with app_real.app_context(), transacao() as s:
                AnonimizacaoService(s).avancar(pedido_id, hoje=HOJE)
        except BaseException as erro:      # noqa: BLE001
            erros.append(erro)

    fios = [threading.Thread(target=correr_um) for _n in range(4)]
    for fio in fios:
        fio.start()
    for fio in fios:
        fio.join()
    assert erros == []
    with app_real.app_context(), transacao() as s:
        assert s.scalar(select(sa.func.count()).select_from(ReciboTitular)) == 1


def test_a_task_for_a_request_that_is_closed_does_nothing(app) -> None:
    with app.app_context():
        with transacao() as s:
            cliente_id = um_titular(s)
            pedido = PedidoService(s).registrar(cliente_id, TipoPedido.anonimizacao)
            PedidoService(s).responder(pedido.id, "Desistiu", aceito=False)
            tarefa_id = tarefas.agendar(s, "anonimizar_titular", pedido_id=pedido.id)
        assert execucao.rodar(tarefa_id) == "feita"
        with transacao() as s:
            assert a_pessoa(s, cliente_id).email == CORREIO
