"""Release on the customer's word: some days of access, once for each invoice; then the block is in force again unless the debt was paid."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from sqlalchemy import select

from app.bloqueio.models import Bloqueio, MotivoBloqueio
from app.bloqueio.services import BloqueioService
from app.contratos.models import Contrato
from app.core import relogio
from app.core.erros import RegraViolada, ValorInvalido
from app.core.models import Evento
from app.faturamento.estados import Metodo
from app.faturamento.models import DesbloqueioConfianca, Invoice
from app.faturamento.services import FaturamentoService
from app.rede.estados import EstadoAcesso
from app.rede.models import AcessoRede
from tests import fabricas as f
from tests.faturamento.test_ciclo_de_vida import avisado, em, faturado

NOITE, MANHA = dt.date(2026, 2, 25), dt.date(2026, 2, 26)


@pytest.fixture
def bloqueado(sessao) -> tuple[FaturamentoService, Invoice, Contrato]:
    """A customer blocked on the night of 25 February for the invoice of the tenth."""
    servico, invoice = faturado(sessao)
    with em(dt.date(2026, 2, 11)):
        servico.marcar_vencidas(hoje=dt.date(2026, 2, 11))
        avisado(sessao, servico, dt.date(2026, 2, 11))
    with em(NOITE):
        assert servico.bloquear_clientes_vencidos(hoje=NOITE) == 1
    return servico, invoice, sessao.get_one(Contrato, invoice.itens[0].contrato_id)


def acesso(sessao) -> EstadoAcesso:
    """What the network should give him."""
    return sessao.scalar(select(AcessoRede.desejado))


def confiar(servico: FaturamentoService, contrato: Contrato, dias: int = 3) -> DesbloqueioConfianca:
    """The word given on the morning after."""
    with em(MANHA):
        return servico.desbloquear_em_confianca(contrato.id, dias=dias, origem="atendente", em=relogio.agora())


def test_he_is_released_for_the_days_and_then_blocked_again(sessao, bloqueado) -> None:
    servico, invoice, contrato = bloqueado
    dado = confiar(servico, contrato)
    assert (acesso(sessao), dado.invoice_id, dado.ate - dado.de) == (EstadoAcesso.liberado, invoice.id, dt.timedelta(days=3))
    assert sessao.scalars(select(Evento.dados["ate"].astext).where(Evento.tipo == "desbloqueio_confianca")).one() == "01/03/2026"
    assert servico.expirar_desbloqueios(agora=dado.ate - dt.timedelta(seconds=1)) == 0
    assert dado.cumprido is None
    assert servico.expirar_desbloqueios(agora=dado.ate) == 1 and acesso(sessao) is EstadoAcesso.bloqueado
    sessao.refresh(dado)
    assert dado.cumprido is False
    assert servico.expirar_desbloqueios(agora=dado.ate) == 0


def test_a_word_given_late_in_the_evening_ends_on_the_day_people_count(sessao, bloqueado) -> None:
    servico, _invoice, contrato = bloqueado
    with relogio.mover_para(relogio.instante(MANHA, dt.time(22, 30))):
        servico.desbloquear_em_confianca(contrato.id, dias=3, origem="atendente", em=relogio.agora())
    assert sessao.scalars(select(Evento.dados["ate"].astext).where(Evento.tipo == "desbloqueio_confianca")).one() == "01/03/2026"


@pytest.mark.parametrize("pagou", [True, False])
def test_what_comes_of_a_later_block_is_not_said_of_an_older_word(sessao, bloqueado, pagou: bool) -> None:
    servico, invoice, contrato = bloqueado
    antiga = confiar(servico, contrato)
    with em(MANHA):
        BloqueioService(sessao).desbloquear(contrato.id, em=relogio.agora(), explicacao="por pena")
    depois = MANHA + dt.timedelta(days=20)
    with em(depois):
        outra = f.uma_invoice(sessao, contrato=contrato, vencimento=dt.date(2026, 2, 1), data_emissao=dt.date(2026, 1, 20), status="vencida")
        BloqueioService(sessao).bloquear(contrato.id, MotivoBloqueio.inadimplencia, em=relogio.agora())
        nova = servico.desbloquear_em_confianca(contrato.id, dias=1, origem="atendente", em=relogio.agora())
    assert (antiga.invoice_id, nova.invoice_id) == (invoice.id, outra.id)
    if pagou:
        with em(depois):
            for i in (invoice, outra):
                servico.registrar_pagamento(i.id, servico.valor_atualizado(i, depois).total, Metodo.pix, em=depois, referencia=f"e2e-{i.id}")
    else:
        assert servico.expirar_desbloqueios(agora=nova.ate) == 1
    for dado in (antiga, nova):
        sessao.refresh(dado)
    assert (antiga.cumprido, nova.cumprido) == (None, pagou)


@pytest.mark.parametrize(("dias", "cumprido"), [(2, True), (4, False)])
def test_who_paid_after_his_days_did_not_keep_his_word_even_when_nobody_had_looked_yet(sessao, bloqueado, dias: int, cumprido: bool) -> None:
    servico, invoice, contrato = bloqueado
    dado, dia = confiar(servico, contrato), MANHA + dt.timedelta(days=dias)
    with em(dia):
        servico.registrar_pagamento(invoice.id, servico.valor_atualizado(invoice, dia).total, Metodo.pix, em=dia, referencia="e2e-9")
    sessao.refresh(dado)
    assert dado.cumprido is cumprido


def test_who_paid_that_invoice_kept_his_word_whatever_else_is_late(sessao, bloqueado) -> None:
    servico, invoice, contrato = bloqueado
    dado = confiar(servico, contrato)
    f.uma_invoice(sessao, contrato=contrato, vencimento=dt.date(2026, 2, 20), status="vencida")
    with em(MANHA):
        servico.registrar_pagamento(invoice.id, servico.valor_atualizado(invoice, MANHA).total, Metodo.pix, em=MANHA, referencia="e2e-9")
    assert servico.expirar_desbloqueios(agora=dado.ate) == 1 and acesso(sessao) is EstadoAcesso.bloqueado
    sessao.refresh(dado)
    assert dado.cumprido is True


def test_of_an_invoice_that_was_cancelled_nothing_is_said(sessao, bloqueado) -> None:
    servico, invoice, contrato = bloqueado
    dado = confiar(servico, contrato)
    with em(MANHA):
        servico.cancelar(invoice.id, motivo="emitida por engano", em=MANHA)
    assert acesso(sessao) is EstadoAcesso.liberado
    sessao.refresh(dado)
    assert dado.cumprido is None


def test_who_paid_meanwhile_stays_free(sessao, bloqueado) -> None:
    servico, invoice, contrato = bloqueado
    dado = confiar(servico, contrato)
    with em(MANHA):
        servico.registrar_pagamento(invoice.id, D("102.43"), Metodo.pix, em=MANHA, referencia="e2e-1")
    assert servico.expirar_desbloqueios(agora=dado.ate) == 0 and acesso(sessao) is EstadoAcesso.liberado
    sessao.refresh(dado)
    assert dado.cumprido is True


def test_the_word_is_good_once_for_an_invoice_and_a_refusal_changes_nothing(sessao, bloqueado) -> None:
    servico, _invoice, contrato = bloqueado
    dado = confiar(servico, contrato)
    servico.expirar_desbloqueios(agora=dado.ate)
    with pytest.raises(RegraViolada) as erro:
        confiar(servico, contrato)
    assert erro.value.codigo == "confianca_usada" and acesso(sessao) is EstadoAcesso.bloqueado
    assert sessao.scalar(select(Bloqueio.liberado_ate)) is None


def test_who_is_not_blocked_needs_no_word(sessao) -> None:
    servico, invoice = faturado(sessao)
    contrato = sessao.get_one(Contrato, invoice.itens[0].contrato_id)
    with pytest.raises(RegraViolada) as erro:
        confiar(servico, contrato)
    assert erro.value.codigo == "sem_bloqueio" and sessao.scalars(select(DesbloqueioConfianca)).all() == []


@pytest.mark.parametrize("dias", [0, -1, 11])
def test_days_that_cannot_be_are_refused(bloqueado, dias: int) -> None:
    servico, _invoice, contrato = bloqueado
    with pytest.raises(ValorInvalido):
        confiar(servico, contrato, dias)
