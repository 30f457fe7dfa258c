"""WhatsApp and SMS about invoices: texts that are on go to who has a number and did not refuse, set-based, once each."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from app.clientes.models import CanalContato, Cliente, Consentimento
from app.faturamento.estados import Metodo
from app.faturamento.motor import leitura
from app.faturamento.motor.telefones import telefones_de
from app.faturamento.services import FaturamentoService
from app.faturamento.services.pagamentos_lote import Recebido
from app.notificacoes.models import Canal, ModeloMensagem, Notificacao, OptOut, StatusNotificacao
from tests import fabricas as f
from tests.faturamento.test_ciclo_de_vida import em, faturado

ZAP, FIXO = "19987654321", "1932001000"


def ligar(s: Session, *canais: Canal) -> None:
    """The texts of those channels are on."""
    s.execute(update(ModeloMensagem).where(ModeloMensagem.canal.in_(canais)).values(ativo=True))


def destinos(s: Session, evento: str) -> list[tuple[str, str, str]]:
    """(channel, address, status) of the event's messages."""
    consulta = select(Notificacao.canal, Notificacao.destinatario, Notificacao.status).where(Notificacao.evento == evento).order_by(Notificacao.id)
    return [(canal.name, para, status.name) for canal, para, status in s.execute(consulta)]


def negar(s: Session, cliente: Cliente, canal: CanalContato, finalidade: str = "avisos de cobrança", concedido: bool = False) -> None:
    """The customer said so."""
    s.add(Consentimento(cliente_id=cliente.id, canal=canal, finalidade=finalidade, concedido=concedido, origem="telefone"))
    s.flush()


def test_an_issued_invoice_goes_by_every_channel_that_is_on_and_the_document_by_mail_alone(sessao) -> None:
    ligar(sessao, Canal.whatsapp, Canal.sms)
    cliente = f.um_cliente(sessao, whatsapp=ZAP, telefone=FIXO)
    _servico, invoice = faturado(sessao, cliente_id=cliente.id)
    assert destinos(sessao, "fatura_emitida") == [("email", cliente.email, "pendente"), ("whatsapp", ZAP, "pendente"), ("sms", ZAP, "pendente")]
    mensagens = sessao.scalars(select(Notificacao).order_by(Notificacao.id)).all()
    assert [bool(m.anexos) for m in mensagens] == [True, False, False] and len({str(m.dados) for m in mensagens}) == 1
    assert [m.chave.removeprefix(f"fatura_emitida:{invoice.id}") for m in mensagens] == ["", ":whatsapp", ":sms"]


def test_while_no_text_is_on_only_mail_leaves(sessao) -> None:
    _servico, invoice = faturado(sessao, cliente_id=f.um_cliente(sessao, whatsapp=ZAP).id)
    assert [canal for canal, _para, _status in destinos(sessao, "fatura_emitida")] == ["email"]


def test_a_refused_number_has_its_message_cancelled(sessao) -> None:
    ligar(sessao, Canal.whatsapp, Canal.sms)
    sessao.add(OptOut(canal=Canal.whatsapp, destinatario=ZAP, evento="fatura_emitida", motivo="pediu"))
    cliente = f.um_cliente(sessao, whatsapp=ZAP, telefone=None, email=None)
    faturado(sessao, cliente_id=cliente.id)
    assert destinos(sessao, "fatura_emitida") == [("whatsapp", ZAP, "cancelada"), ("sms", ZAP, "pendente")]


@pytest.mark.parametrize(("ditos", "canais"), [
    ([], ["whatsapp", "sms"]), ([("avisos de cobrança", False)], ["sms"]), ([("Cobrança", False), ("cobrança", True)], ["whatsapp", "sms"]),
    ([("cobrança", True), ("cobrança", False)], ["sms"]), ([("ofertas", False)], ["whatsapp", "sms"]), ([("tudo", False), ("ofertas", True)], ["sms"]),
])
def test_the_newest_statement_of_each_purpose_counts_and_offers_are_another_matter(sessao, ditos: list, canais: list[str]) -> None:
    ligar(sessao, Canal.whatsapp, Canal.sms)
    cliente = f.um_cliente(sessao, whatsapp=ZAP)
    for finalidade, concedido in ditos:
        negar(sessao, cliente, CanalContato.whatsapp, finalidade, concedido)
    achados = telefones_de(leitura.cursor(sessao), "fatura_emitida", [cliente.id])
    assert [canal for canal, _numero in achados[cliente.id]] == canais


class Contando:
    """A cursor that counts what it is asked."""

    def __init__(self, c) -> None:
        self.c, self.quantas = c, 0

    def execute(self, *a):
        self.quantas += 1
        return self.c.execute(*a)


def test_a_lot_costs_two_queries_whatever_its_size_and_one_while_nothing_is_on(sessao) -> None:
    clientes = [f.um_cliente(sessao, whatsapp=ZAP).id for _n in range(5)]
    c = Contando(leitura.cursor(sessao))
    assert (telefones_de(c, "fatura_emitida", clientes), c.quantas) == ({}, 1)
    ligar(sessao, Canal.sms)
    for alguns in (clientes[:1], clientes):
        c = Contando(leitura.cursor(sessao))
        assert telefones_de(c, "fatura_emitida", alguns) == {n: [("sms", ZAP)] for n in alguns} and c.quantas == 2


@pytest.mark.parametrize(("evento", "dia", "passo"), [
    ("lembrete_vencimento", dt.date(2026, 2, 7), FaturamentoService.enviar_lembrete_pagamento),
    ("aviso_vencida", dt.date(2026, 2, 11), FaturamentoService.avisar_vencidas),
])
def test_the_ladder_tells_by_telephone_too_once_and_who_has_no_mail(sessao, evento: str, dia: dt.date, passo) -> None:
    ligar(sessao, Canal.whatsapp)
    servico, _invoice = faturado(sessao, cliente_id=f.um_cliente(sessao, whatsapp=ZAP).id)
    faturado(sessao, cliente_id=f.um_cliente(sessao, whatsapp="19987650000", email=None).id)
    calado = f.um_cliente(sessao, whatsapp="19987651111", email=None)
    negar(sessao, calado, CanalContato.whatsapp)
    faturado(sessao, cliente_id=calado.id)
    with em(dia):
        assert (passo(servico, hoje=dia), passo(servico, hoje=dia)) == (3, 0)
    ditos = destinos(sessao, evento)
    assert [(canal, para) for canal, para, _status in ditos if canal != "email"] == [("whatsapp", ZAP), ("whatsapp", "19987650000")]


def test_the_ladder_asks_no_more_for_more_customers(sessao) -> None:
    ligar(sessao, Canal.whatsapp, Canal.sms)

    def quantas(dia: dt.date) -> int:
        feitas: list[str] = []
        with em(dia):
            event.listen(sessao.get_bind(), "before_cursor_execute", contar := lambda *a: feitas.append(a[2]))
            FaturamentoService(sessao).enviar_lembrete_pagamento(hoje=dia)
            event.remove(sessao.get_bind(), "before_cursor_execute", contar)
        return len(feitas)

    servico, _invoice = faturado(sessao, cliente_id=f.um_cliente(sessao, whatsapp=ZAP).id)
    uma = quantas(dt.date(2026, 2, 7))
    for _n in range(4):
        faturado(sessao, cliente_id=f.um_cliente(sessao, whatsapp=ZAP).id)
    assert quantas(dt.date(2026, 2, 7)) <= uma


def test_payments_of_a_file_and_of_a_person_are_acknowledged_by_telephone(sessao) -> None:
    ligar(sessao, Canal.sms)
    servico, um = faturado(sessao, cliente_id=f.um_cliente(sessao).id)
    _servico, outro = faturado(sessao, cliente_id=f.um_cliente(sessao, telefone="19987650000").id)
    dia = dt.date(2026, 2, 9)
    with em(dia):
        servico.registrar_pagamentos([Recebido(um.id, Decimal("99.90"), Metodo.boleto, dia, "r1")])
        servico.registrar_pagamento(outro.id, Decimal("99.90"), Metodo.pix, em=dia, referencia="r2")
    assert [(canal, para) for canal, para, _s in destinos(sessao, "pagamento_recebido") if canal == "sms"] == [("sms", ZAP), ("sms", "19987650000")]


def test_an_invoice_is_sent_again_by_telephone_to_who_has_no_mail(sessao) -> None:
    ligar(sessao, Canal.whatsapp)
    servico, invoice = faturado(sessao, cliente_id=f.um_cliente(sessao, whatsapp=ZAP, email=None).id)
    from app.core import relogio

    assert servico.reenviar(invoice.id, em=relogio.agora()).canal is Canal.whatsapp
    assert destinos(sessao, "fatura_emitida") == [("whatsapp", ZAP, StatusNotificacao.pendente.name)] * 2
