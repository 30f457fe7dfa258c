"""The notice that justifies a block must have left; who has none is spared, and the preview says why."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from sqlalchemy import select

from app.bloqueio.models import Bloqueio
from app.clientes.models import Contato
from app.core import configuracao, relogio
from app.core.erros import RegraViolada, ValorInvalido
from app.core.transacao import transacao
from app.demonstracao import provedor
from app.demonstracao.historia import Historia
from app.faturamento.models import Invoice
from app.faturamento.services import FaturamentoService
from app.notificacoes.models import Canal, Notificacao, OptOut, StatusNotificacao
from app.notificacoes.services import CanalService
from tests import fabricas as f
from tests.faturamento.test_ciclo_de_vida import avisado, em, faturado

AVISADO, NOITE = dt.date(2026, 2, 11), dt.date(2026, 2, 25)
S = StatusNotificacao


@pytest.fixture
def sem_smtp(app, monkeypatch) -> None:
    """An installation without a mail server."""
    monkeypatch.setitem(app.config, "SMTP_URL", "")


def motivos(servico: FaturamentoService, hoje: dt.date = NOITE) -> list[str]:
    """Why each debtor is spared on that night."""
    with em(hoje):
        return [p.motivo for p in servico.simular_bloqueio(hoje=hoje).um_a_um]


def bloqueados(servico: FaturamentoService) -> int:
    with em(NOITE):
        return servico.bloquear_clientes_vencidos(hoje=NOITE)


def com_smtp(sessao) -> None:
    CanalService(sessao).configurar(Canal.email, url="smtp://localhost:2525", remetente="a@exemplo.com.br")


def test_a_notice_that_stayed_in_the_journal_blocks_nobody_and_the_preview_says_so(sessao, sem_smtp) -> None:
    servico, _invoice = faturado(sessao)
    with em(AVISADO):
        avisado(sessao, servico, AVISADO, por="diario")
    assert motivos(servico) == ["aviso não saiu: o SMTP não está configurado"] and bloqueados(servico) == 0
    com_smtp(sessao)
    assert motivos(servico) == ["aviso não saiu: o SMTP não estava configurado"]


def test_where_the_provider_said_so_the_journal_is_enough(sessao, sem_smtp) -> None:
    servico, _invoice = faturado(sessao)
    with em(AVISADO):
        avisado(sessao, servico, AVISADO, por="diario")
    configuracao.gravar(sessao, "faturamento.aviso_sem_envio", True)
    assert motivos(servico) == [] and bloqueados(servico) == 1


def test_the_demonstration_says_so(sessao) -> None:
    assert configuracao.ler("faturamento.aviso_sem_envio") is False
    provedor.preparar(sessao, Historia(Random(1), NOITE, AVISADO, relogio.instante(NOITE)))
    assert configuracao.ler("faturamento.aviso_sem_envio") is True


def test_once_there_is_a_mail_server_what_stayed_in_is_told_again_once(sessao, sem_smtp) -> None:
    servico, invoice = faturado(sessao)
    with em(AVISADO):
        avisado(sessao, servico, AVISADO, por="diario")
        assert servico.avisar_vencidas(hoje=AVISADO) == 0
    com_smtp(sessao)
    depois = dt.date(2026, 2, 20)
    with em(depois):
        avisado(sessao, servico, depois)
        assert servico.avisar_vencidas(hoje=depois) == 0
    consulta = select(Notificacao.chave).where(Notificacao.evento == "aviso_vencida").order_by(Notificacao.id)
    assert sessao.scalars(consulta).all() == [f"aviso_vencida:{invoice.id}", f"aviso_vencida:{invoice.id}:saida"]
    assert motivos(servico) == [] and bloqueados(servico) == 1


def test_what_left_is_not_told_again(sessao) -> None:
    servico, _invoice = faturado(sessao)
    com_smtp(sessao)
    with em(AVISADO):
        avisado(sessao, servico, AVISADO)
        assert servico.avisar_vencidas(hoje=AVISADO) == 0


@pytest.mark.parametrize(("status", "motivo"), [
    (S.pendente, "aviso ainda na fila de envio"), (S.falha, "aviso não entregue: o envio falhou"), (S.cancelada, "aviso cancelado, ou recusado pelo cliente"),
])
def test_a_notice_that_did_not_arrive_is_no_notice(sessao, status: S, motivo: str) -> None:
    servico, _invoice = faturado(sessao)
    with em(AVISADO):
        servico.avisar_vencidas(hoje=AVISADO)
    sessao.scalars(select(Notificacao).where(Notificacao.evento == "aviso_vencida")).one().status = status
    sessao.flush()
    assert motivos(servico) == [motivo] and bloqueados(servico) == 0


def test_who_has_no_address_is_not_blocked_and_the_preview_says_so(sessao) -> None:
    servico, invoice = faturado(sessao, cliente_id=f.um_cliente(sessao, email=None).id)
    with em(AVISADO):
        assert servico.avisar_vencidas(hoje=AVISADO) == 0
    assert motivos(servico) == ["sem aviso: o cliente não tem e-mail"]
    invoice.cliente.email = "chegou@exemplo.com.br"
    sessao.flush()
    assert motivos(servico) == ["ainda sem aviso de atraso"]


def test_a_notice_given_by_a_person_counts_and_the_night_blocks(sessao) -> None:
    f.uma_politica(sessao, dias_apos_aviso=10)
    servico, invoice = faturado(sessao, cliente_id=f.um_cliente(sessao, email=None).id)
    quando = relogio.instante(AVISADO, dt.time(14))
    with em(AVISADO):
        primeiro = servico.registrar_aviso_manual(invoice.id, motivo="por telefone, com Maria", em=quando)
        assert servico.registrar_aviso_manual(invoice.id, motivo="de novo", em=quando).id == primeiro.id
    cedo = dt.date(2026, 2, 20)
    assert motivos(servico, cedo) == ["avisado há menos de 10 dias"]
    assert motivos(servico) == [] and bloqueados(servico) == 1
    assert sessao.scalar(select(Bloqueio.notificacao_id)) == primeiro.id


def test_a_notice_by_hand_says_how_and_is_of_an_overdue_invoice(sessao) -> None:
    servico, invoice = faturado(sessao)
    with em(dt.date(2026, 2, 5)), pytest.raises(RegraViolada) as erro:
        servico.registrar_aviso_manual(invoice.id, motivo="carta", em=relogio.instante(dt.date(2026, 2, 5)))
    assert erro.value.codigo == "sem_atraso"
    with em(AVISADO), pytest.raises(ValorInvalido):
        servico.registrar_aviso_manual(invoice.id, motivo=" ", em=relogio.instante(AVISADO))


def test_the_button_is_on_the_overdue_invoice_only(app, http) -> None:
    with app.app_context(), transacao() as s:
        vencida, a_vencer = f.uma_invoice(s).id, f.uma_invoice(s, vencimento=relogio.hoje() + dt.timedelta(days=9)).id
        nome = f.um_usuario(s, "Atendente").username
    http.entrar(nome)
    botao = "Registrar aviso dado por telefone ou carta"
    assert (botao in http.get(f"/faturamento/{vencida}").text, botao in http.get(f"/faturamento/{a_vencer}").text) == (True, False)
    assert http.post(f"/faturamento/action/registrar_aviso/{vencida}", data={"motivo": "carta registrada"}).status_code == 302
    assert "dado por uma pessoa: carta registrada" in http.get(f"/faturamento/{vencida}").text


def test_the_notice_needs_its_days(sessao) -> None:
    f.uma_politica(sessao, dias_apos_aviso=15)
    servico, _invoice = faturado(sessao)
    with em(AVISADO):
        avisado(sessao, servico, AVISADO)
    assert motivos(servico) == ["avisado há menos de 15 dias"]
    assert motivos(servico, NOITE + dt.timedelta(days=1)) == []


def test_the_screen_names_who_is_spared_and_why(app, http, sem_smtp) -> None:
    ontem = dt.date(2026, 2, 11)
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Gerente", usuario="gerente")
        servico, invoice = faturado(s)
        with em(ontem):
            avisado(s, servico, ontem, por="diario")
        nome = s.get(Invoice, invoice.id).cliente.nome
    http.entrar("gerente")
    pagina = http.get("/faturamento/bloqueio/").text
    assert nome in pagina and "aviso não saiu: o SMTP não está configurado" in pagina and "Devem e não seriam bloqueados" in pagina


def test_contacts_who_get_the_invoices_get_them_once_and_may_refuse(sessao) -> None:
    cliente = f.um_cliente(sessao, email=None)
    for email, recebe in (("conta@exemplo.com.br", True), ("CONTA@exemplo.com.br", True), ("nao@exemplo.com.br", False), ("chega@exemplo.com.br", True)):
        f.gravar(sessao, Contato(cliente_id=cliente.id, nome="Contador", email=email, recebe_faturas=recebe))
    f.gravar(sessao, OptOut(canal=Canal.email, destinatario="chega@exemplo.com.br", motivo="pediu"))
    _servico, invoice = faturado(sessao, cliente_id=cliente.id)
    consulta = select(Notificacao.destinatario, Notificacao.status).where(Notificacao.invoice_id == invoice.id).order_by(Notificacao.id)
    assert sessao.execute(consulta).all() == [("conta@exemplo.com.br", S.pendente), ("chega@exemplo.com.br", S.cancelada)]
