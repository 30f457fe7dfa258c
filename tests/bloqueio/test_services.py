"""Blocks: access and status follow them, evidence stays, repetition changes nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from app.bloqueio.models import MotivoBloqueio as M
from app.bloqueio.models import TipoBloqueio as T
from app.bloqueio.services import BloqueioService
from app.clientes.models import Cliente, StatusCliente
from app.contratos.estados import StatusContrato
from app.core import eventos, relogio
from app.core.erros import RegraViolada
from app.core.models import Evento, Tarefa
from app.notificacoes.models import Notificacao
from app.notificacoes.services import NotificacaoService
from app.rede.estados import EstadoAcesso as E
from app.rede.models import AcessoRede, Incidente
from app.rede.services import RedeService
from tests import fabricas as f

EM = relogio.instante(dt.date(2026, 3, 2), dt.time(22))
DEPOIS = EM + dt.timedelta(hours=12)


def acesso(sessao, contrato) -> AcessoRede:
    """The contract's access."""
    return sessao.scalars(select(AcessoRede).where(AcessoRede.contrato_id == contrato.id)).one()


def status(sessao, contrato) -> StatusCliente:
    """The customer's status."""
    return sessao.get(Cliente, contrato.cliente_id).status


def test_a_block_asks_the_network_and_marks_the_customer(sessao) -> None:
    contrato = f.um_contrato(sessao)
    BloqueioService(sessao).bloquear(contrato.id, M.inadimplencia, em=EM)
    assert (acesso(sessao, contrato).desejado, acesso(sessao, contrato).versao, status(sessao, contrato)) == (E.bloqueado, 2, StatusCliente.bloqueado)
    assert sessao.scalars(select(Tarefa.nome)).all() == ["aplicar_rede"]


def test_the_same_block_again_is_the_same_block(sessao) -> None:
    contrato = f.um_contrato(sessao)
    servico = BloqueioService(sessao)
    assert servico.bloquear(contrato.id, M.manual, em=EM).id == servico.bloquear(contrato.id, M.manual, em=DEPOIS).id
    assert acesso(sessao, contrato).versao == 2


def test_a_reduction_becomes_total_and_never_softer(sessao) -> None:
    contrato = f.um_contrato(sessao)
    servico = BloqueioService(sessao)
    servico.bloquear(contrato.id, M.inadimplencia, tipo=T.reducao, em=EM)
    assert (acesso(sessao, contrato).desejado, status(sessao, contrato)) == (E.reduzido, StatusCliente.ativo)
    servico.bloquear(contrato.id, M.inadimplencia, em=EM)
    servico.bloquear(contrato.id, M.inadimplencia, tipo=T.reducao, em=EM)
    assert acesso(sessao, contrato).desejado is E.bloqueado


def test_paying_does_not_lift_what_a_person_blocked(sessao) -> None:
    contrato = f.um_contrato(sessao)
    servico = BloqueioService(sessao)
    servico.bloquear(contrato.id, M.seguranca, em=EM)
    servico.bloquear(contrato.id, M.inadimplencia, em=EM)
    assert servico.desbloquear(contrato.id, em=DEPOIS) == 1
    assert acesso(sessao, contrato).desejado is E.bloqueado
    assert servico.desbloquear(contrato.id, motivo=M.seguranca, em=DEPOIS) == 1
    assert (acesso(sessao, contrato).desejado, status(sessao, contrato)) == (E.liberado, StatusCliente.ativo)


def test_trust_lifts_for_a_while_without_closing(sessao) -> None:
    contrato = f.um_contrato(sessao)
    servico = BloqueioService(sessao)
    bloqueio = servico.bloquear(contrato.id, M.inadimplencia, em=EM)
    servico.liberar_ate(contrato.id, DEPOIS, em=EM)
    assert (acesso(sessao, contrato).desejado, bloqueio.fim, status(sessao, contrato)) == (E.liberado, None, StatusCliente.ativo)
    servico.reavaliar(contrato, em=DEPOIS)
    assert acesso(sessao, contrato).desejado is E.bloqueado


def test_one_of_two_contracts_blocked_leaves_the_customer_active(sessao) -> None:
    primeiro = f.um_contrato(sessao)
    f.um_contrato(sessao, cliente_id=primeiro.cliente_id)
    BloqueioService(sessao).bloquear(primeiro.id, M.inadimplencia, em=EM)
    assert status(sessao, primeiro) is StatusCliente.ativo


def test_the_notice_is_copied_as_evidence(sessao) -> None:
    contrato = f.um_contrato(sessao)
    aviso = NotificacaoService(sessao).agendar("aviso_vencida", chave="aviso:1", destinatario="a@exemplo.com.br", cliente_id=contrato.cliente_id)
    aviso.enviada_em, aviso.assunto, aviso.corpo = EM, "Fatura vencida", "Olá"
    bloqueio = BloqueioService(sessao).bloquear(contrato.id, M.inadimplencia, aviso.id, em=DEPOIS)
    assert (bloqueio.aviso_em, bloqueio.aviso_canal, bloqueio.aviso_destinatario) == (EM, "email", "a@exemplo.com.br") and len(bloqueio.aviso_hash) == 64


def test_a_notice_without_text_is_no_proof_of_what_it_said(sessao) -> None:
    contrato = f.um_contrato(sessao)
    aviso = NotificacaoService(sessao).agendar("aviso_vencida", chave="aviso:1", destinatario="a@exemplo.com.br")
    bloqueio = BloqueioService(sessao).bloquear(contrato.id, M.inadimplencia, aviso.id, em=DEPOIS)
    assert (bloqueio.notificacao_id, bloqueio.aviso_hash) == (aviso.id, None)


def test_what_a_person_decides_goes_to_the_timeline_and_debt_is_told_by_billing(sessao) -> None:
    contrato = f.um_contrato(sessao)
    servico = BloqueioService(sessao)
    servico.bloquear(contrato.id, M.inadimplencia, em=EM)
    bloqueio = servico.bloquear(contrato.id, M.seguranca, em=EM, explicacao="ataque partindo do cliente")
    servico.encerrar(bloqueio.id, em=DEPOIS, explicacao="resolvido")
    servico.encerrar(bloqueio.id, em=DEPOIS, explicacao="de novo")
    frases = [eventos.descrever(e)[0] for e in sessao.scalars(select(Evento).where(Evento.cliente_id == contrato.cliente_id).order_by(Evento.id))]
    assert frases == [
        f"Contrato {contrato.numero} bloqueado (segurança): ataque partindo do cliente", f"Contrato {contrato.numero} desbloqueado (segurança): resolvido",
    ]


def test_only_an_active_contract_is_blocked(sessao) -> None:
    contrato = f.um_contrato(sessao, status=StatusContrato.suspenso)
    with pytest.raises(RegraViolada):
        BloqueioService(sessao).bloquear(contrato.id, M.manual, em=EM)


def test_a_message_key_is_used_once(sessao) -> None:
    servico = NotificacaoService(sessao)
    assert servico.agendar("x", chave="k", destinatario="a@b.c") is not None
    assert servico.agendar("x", chave="k", destinatario="a@b.c") is None
    assert servico.agendar_em_lote([{"evento": "x", "chave": c, "destinatario": "a@b.c", "canal": "email"} for c in ("k", "k2", "k3")]) == 2
    assert sessao.query(Notificacao).count() == 3 and sessao.scalars(select(Tarefa.nome)).all() == ["despachar_notificacoes"]


@pytest.mark.parametrize(("incidente", "coberto"), [
    ({"municipio": "campinas"}, True), ({"municipio": "Campinas", "bairro": "centro"}, True), ({"municipio": "Campinas", "bairro": "Outro"}, False),
    ({"municipio": "Recife"}, False),
])
def test_an_outage_covers_its_area(sessao, incidente: dict, coberto: bool) -> None:
    cliente = f.um_cliente(sessao)
    contrato = f.um_contrato(sessao, cliente_id=cliente.id, endereco_instalacao_id=cliente.enderecos[0].id)
    f.gravar(sessao, Incidente(titulo="Fibra rompida", inicio=EM, **incidente))
    assert RedeService(sessao).area_em_incidente(contrato.id, DEPOIS) is coberto
