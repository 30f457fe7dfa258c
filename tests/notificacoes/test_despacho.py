"""Sending: what is due goes exactly once, what fails waits or ends with a reason, and one message's trouble is not another's."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select, update

from app.core import configuracao, registro, relogio
from app.core.erros import NaoEncontrado, RegraViolada
from app.core.models import Empresa, Evento, Instancia
from app.core.transacao import transacao
from app.extensions import db
from app.faturamento.estados import StatusInvoice
from app.faturamento.services import FaturamentoService
from app.notificacoes import services
from app.notificacoes.canais import FABRICAS, CanalEmail, Mensagem, ResultadoEnvio, ServidorSmtp, temporaria
from app.notificacoes.models import Canal, ModeloMensagem, Notificacao, OptOut, StatusNotificacao
from app.notificacoes.services import CanalService, NotificacaoService
from tests import fabricas as f
from tests.notificacoes.apoio import FATURA, agendar, canal, despachar, falha_da_tarefa, historico, linha, vencer
from tests.notificacoes.canal_falso import CanalFalso
from tests.notificacoes.servidor_smtp import buraco_negro

S = StatusNotificacao


@pytest.fixture
def casa(app, monkeypatch) -> Iterator[None]:
    """A provider with an address, inside an application context; no mail server yet."""
    monkeypatch.setitem(app.config, "SMTP_URL", "")
    with app.app_context():
        with transacao() as s:
            f.uma_empresa(s, email="financeiro@exemplo.com.br")
        yield
        db.session.remove()


@pytest.fixture
def correio(casa, app, caixa, monkeypatch):
    """With a real mail server."""
    monkeypatch.setitem(app.config, "SMTP_URL", caixa.url)
    return caixa


@pytest.fixture
def falso(casa, monkeypatch) -> Callable[..., CanalFalso]:
    """Mail leaves by a CanalFalso that answers as told."""
    def usar(responder: Callable[[Mensagem], ResultadoEnvio] | None = None) -> CanalFalso:
        nosso = CanalFalso(responder)
        monkeypatch.setitem(FABRICAS, Canal.email, lambda _ajuste: nosso)
        return nosso

    return usar


@pytest.fixture
def pdf() -> Iterator[Callable[..., None]]:
    """A maker of documents for one test."""
    yield lambda fazer: registro.fazedor_de_pdf("teste", fazer)
    registro._pdfs.pop("teste", None)


def test_a_message_leaves_with_its_document_and_the_row_says_what_was_sent(correio, pdf) -> None:
    pdf(lambda n: f"%PDF {n}".encode())
    n = agendar("fatura_emitida", anexos=[{"pdf": "teste", "id": 7, "nome": "fatura-000000007.pdf"}])
    assert despachar() == "feita"
    m, nossa = correio.mensagens[0], linha(n)
    assert (nossa.status, nossa.tentativas, nossa.erro, historico(n)) == (S.enviada, 1, None, [("smtp", "enviada")])
    assert nossa.assunto == m["Subject"] == "Sua fatura 000000007 vence em 10/12/2026"
    assert nossa.corpo.splitlines() == m.get_body(("plain",)).get_content().splitlines() and "João & Açucena" in nossa.corpo
    assert str(m["From"]) == "Provedor Exemplo <financeiro@exemplo.com.br>" and m["Message-ID"] == nossa.message_id
    assert next(m.iter_attachments()).get_content() == b"%PDF 7"


def test_nothing_is_open_while_a_document_is_made_and_a_message_sent(falso, pdf) -> None:
    abertas = []
    pdf(lambda _n: abertas.append(db.session().in_transaction()) or db.session.scalar(select(1)) and b"x")      # leaves a transaction open
    falso(lambda _m: abertas.append(db.session().in_transaction()) or temporaria("x"))
    agendar(anexos=[{"pdf": "teste", "id": 7, "nome": "a.pdf"}])
    assert (despachar(), abertas) == ("feita", [False, False])


def test_without_a_server_the_journal_keeps_it_as_the_customer_would_see_it(casa) -> None:
    n = agendar()
    despachar()
    assert (linha(n).status, historico(n)) == (S.enviada, [("diario", "enviada")])
    assert linha(n).corpo.startswith("Olá, João & Açucena.")


def test_no_document_is_made_for_what_does_not_leave(casa, pdf) -> None:
    feitos = []
    pdf(lambda n: feitos.append(n) or b"%PDF")
    n = agendar(anexos=[{"pdf": "teste", "id": 7, "nome": "a.pdf"}])
    despachar()
    assert (linha(n).status, feitos) == (S.enviada, [])


def test_the_text_counts_days_from_the_day_it_leaves(correio) -> None:
    agendar(quando=relogio.instante(dt.date(2026, 12, 7)))
    with relogio.mover_para(dt.date(2026, 12, 9)):
        despachar()
    assert str(correio.mensagens[0]["Subject"]) == "Sua fatura vence amanhã"


def test_a_message_for_later_waits(correio) -> None:
    n = agendar(quando=relogio.agora() + dt.timedelta(hours=1))
    despachar()
    assert (linha(n).status, correio.mensagens) == (S.pendente, [])


def test_a_missing_field_is_named_and_the_others_leave(correio) -> None:
    cliente = 77
    ruim, boa = agendar(dados={"nome": "Zé"}, cliente_id=cliente), agendar(destinatario="outra@exemplo.com.br")
    despachar()
    assert (linha(ruim).status, linha(ruim).erro) == (S.falha, "O modelo usa um campo que esta mensagem não tem: vencimento.")
    assert (linha(boa).status, correio.quem()) == (S.enviada, ["outra@exemplo.com.br"])
    with transacao() as s:
        assert s.scalars(select(Evento.tipo).where(Evento.cliente_id == cliente)).all() == ["mensagem_falhou"]


@pytest.mark.parametrize("veneno", ["{{ '\\x00' }}", "{{ 1e400 | int }}", "{{ 1" + " + 1" * 5000 + " }}"])
def test_a_text_that_cannot_be_made_is_its_own_trouble_and_the_others_leave(correio, veneno: str) -> None:
    """Written into the table past the form's checks."""
    with transacao() as s:
        s.execute(update(ModeloMensagem).where(ModeloMensagem.evento == "aviso_vencida").values(corpo=veneno))
    ruim, bom = agendar("aviso_vencida", dados={**FATURA, "dias": 3}), agendar()
    assert despachar() == "feita"
    assert (linha(ruim).status, linha(bom).status) == (S.falha, S.enviada)
    assert linha(ruim).erro


def test_a_template_that_was_switched_off_cancels_and_one_that_does_not_exist_fails(correio) -> None:
    with transacao() as s:
        s.execute(update(ModeloMensagem).where(ModeloMensagem.evento == "lembrete_vencimento").values(ativo=False))
    desligada, orfa = agendar(), agendar("inventado")
    despachar()
    assert (linha(desligada).status, linha(orfa).status, correio.mensagens) == (S.cancelada, S.falha, [])


def test_without_a_provider_the_journal_keeps_a_text_to_a_telephone(correio) -> None:
    n = agendar("codigo_confirmacao", canal=Canal.sms, destinatario="(19) 99999-0000", dados={"minutos": 10}, segredos={"codigo": "482913"})
    despachar()
    assert (linha(n).status, historico(n), linha(n).so_no_diario, linha(n).destinatario) == (S.enviada, [("diario", "enviada")], True, "19999990000")


# ---- quiet instance


def test_a_quiet_copy_keeps_mail_in_and_rings_its_bell(correio, app) -> None:
    with transacao() as s:
        s.get(Instancia, 1).efeitos_ligados = False
    carta, aviso = agendar(), agendar("email_parado", canal=Canal.interno, usuario_id=1, dados={"motivo": "x"})
    assert despachar() == "feita"
    assert (linha(carta).status, linha(carta).tentativas, linha(aviso).status, correio.mensagens) == (S.pendente, 0, S.enviada, [])
    with pytest.raises(RegraViolada):
        services.testar_smtp("eu@exemplo.com.br")


# ---- what fails


def test_a_server_that_says_later_is_asked_again_after_2_4_8_minutes_and_eight_times_at_most(correio) -> None:
    correio.dados = "451 tente depois"
    n, esperas = agendar(), []
    for _vez in range(8):
        agora = relogio.agora()
        despachar()
        esperas.append(round((linha(n).quando - agora).total_seconds() / 60))
        vencer()
    assert (esperas[:7], linha(n).status, linha(n).tentativas) == ([2, 4, 8, 16, 32, 64, 128], S.falha, 8)
    assert historico(n) == [("smtp", "temporaria")] * 8 and linha(n).erro == "451 tente depois"


def test_an_address_that_does_not_exist_is_not_written_to_again(correio) -> None:
    correio.rcpt["Errada@exemplo.com.br"] = "550 5.1.1 não existe"
    n = agendar(destinatario="Errada@exemplo.com.br", cliente_id=5)
    antes = agendar(destinatario="errada@exemplo.com.br", quando=relogio.agora() + dt.timedelta(hours=1))
    despachar()
    assert (linha(n).status, linha(n).erro) == (S.falha, "550 5.1.1 não existe")
    depois = agendar(destinatario="ERRADA@exemplo.com.br")
    assert linha(depois).status is S.cancelada and "não existe" in linha(depois).erro
    vencer()
    despachar()
    assert linha(antes).status is S.cancelada


def test_a_message_refused_for_its_content_leaves_the_address_alone(correio) -> None:
    correio.dados = "554 5.7.1 parece spam"
    n = agendar()
    despachar()
    with transacao() as s:
        assert (linha(n).status, s.scalar(select(func.count(OptOut.id)))) == (S.falha, 0)


def test_a_wrong_password_stops_all_mail_tells_the_administrators_once_and_costs_no_try(correio) -> None:
    with transacao() as s:
        chefe = f.um_usuario(s, "Admin", usuario="chefe").id
    correio.senha_certa = "mudou"
    primeira, segunda = agendar(), agendar(destinatario="outra@exemplo.com.br")
    despachar()
    despachar()
    assert [(linha(n).status, linha(n).tentativas) for n in (primeira, segunda)] == [(S.pendente, 0)] * 2
    assert (canal().motivo[:3], historico(primeira), historico(segunda)) == ("535", [("smtp", "configuracao")], [])
    conexoes = correio.conexoes
    despachar()
    assert correio.conexoes == conexoes      # not hammered
    with transacao() as s:
        avisos = s.scalars(select(Notificacao).where(Notificacao.canal == Canal.interno, Notificacao.usuario_id == chefe)).all()
        assert [(a.status, "535" in a.corpo) for a in avisos] == [(S.enviada, True)]


def test_a_good_test_message_lets_stopped_mail_go_on(correio) -> None:
    n = agendar()
    with transacao() as s:
        CanalService(s).parar(Canal.email, "535", em=relogio.agora())
    despachar()
    assert correio.mensagens == []
    services.testar_smtp("eu@exemplo.com.br")
    assert canal().parado_em is None
    despachar()
    assert (correio.quem(), linha(n).status) == (["eu@exemplo.com.br", "maria@exemplo.com.br"], S.enviada)


def test_a_black_hole_costs_one_message_a_try_and_the_rest_wait_for_it_to_speak(casa, app, caixa, monkeypatch) -> None:
    ids = [agendar(destinatario=f"c{n}@exemplo.com.br") for n in range(3)]
    with buraco_negro() as url:
        monkeypatch.setitem(app.config, "SMTP_URL", url)
        monkeypatch.setitem(FABRICAS, Canal.email, lambda ajuste: CanalEmail(ServidorSmtp.de_url(ajuste.url), espera=0.3, tempo_total=1))
        despachar()
    assert [(linha(n).status, linha(n).tentativas, linha(n).reservada_ate) for n in ids] == [(S.pendente, tries, None) for tries in (1, 0, 0)]
    monkeypatch.setitem(app.config, "SMTP_URL", caixa.url)
    despachar()
    assert caixa.mensagens == []      # left alone for a minute
    vencer()
    despachar()
    assert sorted(caixa.quem()) == [f"c{n}@exemplo.com.br" for n in range(3)]


def test_a_document_that_cannot_be_made_now_is_tried_again_and_one_of_nothing_fails(correio, pdf) -> None:
    def fazer(n: int) -> bytes:
        raise NaoEncontrado("Fatura não encontrada.") if n == 1 else OSError("disco cheio")

    pdf(fazer)
    orfa, azarada = (agendar(anexos=[{"pdf": "teste", "id": n, "nome": "a.pdf"}]) for n in (1, 2))
    sem_anexo = agendar()
    assert despachar() == "feita", falha_da_tarefa()
    assert [(linha(n).status, linha(n).tentativas) for n in (orfa, azarada, sem_anexo)] == [(S.falha, 1), (S.pendente, 1), (S.enviada, 1)]
    assert "Fatura não encontrada" in linha(orfa).erro


def test_a_message_that_kills_its_process_every_time_is_given_up(correio) -> None:
    n = agendar()
    with transacao() as s:
        s.execute(update(Notificacao).where(Notificacao.id == n).values(tentativas=8, reservada_ate=relogio.agora() - dt.timedelta(seconds=1)))
    despachar()
    assert (linha(n).status, linha(n).erro, correio.mensagens) == (S.falha, "O envio foi interrompido 8 vezes.", [])


def test_no_more_leave_in_a_minute_than_the_server_allows(correio) -> None:
    with transacao() as s:
        configuracao.gravar(s, "notificacoes.por_minuto", 12)
    for n in range(15):
        agendar(destinatario=f"c{n}@exemplo.com.br")
    assert despachar() == "feita"
    assert len(correio.mensagens) == 12


# ---- claims


def test_what_somebody_else_is_sending_is_left_alone_and_taken_up_when_he_is_gone(correio) -> None:
    n = agendar()
    with transacao() as s:
        valores = {"tentativas": 1, "reservada_ate": relogio.agora() + dt.timedelta(seconds=30), "message_id": "<mesmo@x>", "assunto": "a", "corpo": "b"}
        s.execute(update(Notificacao).where(Notificacao.id == n).values(valores))
    despachar()
    assert correio.mensagens == []
    vencer()
    despachar()
    assert (correio.mensagens[0]["Message-ID"], correio.mensagens[0]["Subject"], linha(n).tentativas) == ("<mesmo@x>", "a", 2)


def test_a_mark_that_comes_after_somebody_elses_claim_changes_nothing(falso) -> None:
    n = agendar()

    def demorar(_m: Mensagem) -> ResultadoEnvio:
        with transacao() as s:
            s.execute(update(Notificacao).where(Notificacao.id == n).values(tentativas=5))
        return temporaria("tarde")

    falso(demorar)
    assert despachar() == "feita"
    assert (linha(n).tentativas, linha(n).erro) == (5, None)


def test_a_message_being_sent_is_not_cancelled_under_the_senders_hands(falso) -> None:
    recusas = []

    def cancelar(_m: Mensagem) -> ResultadoEnvio:
        try:
            with transacao() as s:
                NotificacaoService(s).cancelar(n, motivo="x")
        except RegraViolada as erro:
            recusas.append(erro.codigo)
        return temporaria("x")

    falso(cancelar)
    n = agendar()
    despachar()
    assert recusas == ["enviando"]


def test_several_dispatchers_at_once_send_each_message_once(app_real, caixa) -> None:
    app_real.config["SMTP_URL"] = caixa.url
    with app_real.app_context():
        with transacao() as s:
            f.uma_empresa(s)
            comum = {"evento": "lembrete_vencimento", "dados": FATURA, "quando": relogio.agora()}
            NotificacaoService(s).agendar_em_lote([{**comum, "chave": f"m{n}", "destinatario": f"c{n}@exemplo.com.br"} for n in range(60)])
        db.session.remove()

    def trabalhar() -> None:
        with app_real.app_context():
            despachar()
            db.session.remove()

    linhas = [threading.Thread(target=trabalhar) for _n in range(3)]
    for t in linhas:
        t.start()
    for t in linhas:
        t.join(60)
    assert sorted(caixa.quem()) == sorted(f"c{n}@exemplo.com.br" for n in range(60))
    with app_real.app_context():
        assert db.session.scalars(select(Notificacao.tentativas).distinct()).all() == [1]


def test_killed_between_the_servers_answer_and_our_mark_it_leaves_again_with_the_same_message_id(app_real, caixa) -> None:
    app_real.config["SMTP_URL"] = caixa.url
    with app_real.app_context():
        with transacao() as s:
            f.uma_empresa(s)
        n, outra = agendar(), agendar(destinatario="outra@exemplo.com.br", quando=relogio.agora())
        url = db.engine.url.render_as_string(hide_password=False)
        db.session.remove()
    codigo = "from tests.conftest import fazer_app; from tests.notificacoes.apoio import despachar; import os\n" \
             "with fazer_app(os.environ['B'], os.environ['R'], SMTP_URL=os.environ['S']).app_context(): despachar()"
    ambiente = {**os.environ, "B": url, "R": app_real.config["REDIS_URL"], "S": caixa.url, "PYTHONWARNINGS": "ignore"}
    processo = subprocess.Popen([sys.executable, "-c", codigo], env=ambiente)
    caixa.ao_receber = lambda: (processo.kill(), processo.wait())
    assert processo.wait(60) == -signal.SIGKILL
    caixa.ao_receber = None
    with app_real.app_context():
        assert (linha(n).status, linha(n).tentativas, len(caixa.mensagens)) == (S.pendente, 1, 1)
        despachar()
        assert len(caixa.mensagens) == 1      # the dead one's claims still hold
        vencer()
        despachar()
        assert [linha(i).status for i in (n, outra)] == [S.enviada, S.enviada]
        assert caixa.quem() == ["maria@exemplo.com.br", "maria@exemplo.com.br", "outra@exemplo.com.br"]
        assert caixa.mensagens[0]["Message-ID"] == caixa.mensagens[1]["Message-ID"] == linha(n).message_id
        db.session.remove()


@pytest.mark.parametrize(("status", "como_esta", "resto"), [
    (StatusInvoice.emitida, "vence em 10/02/2026", ". Ela está anexada a este e-mail, com o código Pix para pagar."),
    (StatusInvoice.vencida, "venceu em 10/02/2026", ". Ela está anexada a este e-mail, com o código Pix para pagar."),
    (StatusInvoice.paga, "está paga", ": não há nada a pagar. Ela está anexada a este e-mail."),
])
def test_an_invoice_sent_again_says_how_it_stands(correio, status: StatusInvoice, como_esta: str, resto: str) -> None:
    with transacao() as s:
        invoice = f.uma_invoice(s)
        invoice.status = status
        if status is StatusInvoice.paga:
            invoice.valor_pago = invoice.valor_total
        s.flush()
        FaturamentoService(s).reenviar(invoice.id, em=relogio.agora())
    assert despachar() == "feita", falha_da_tarefa()
    assert como_esta + resto in correio.mensagens[0].get_body(("plain",)).get_content().replace("\n", " ")
    assert str(correio.mensagens[0]["Subject"]).endswith(como_esta)


def test_without_a_pix_key_no_code_is_promised(correio) -> None:
    with transacao() as s:
        invoice = f.uma_invoice(s)
        s.execute(update(Empresa).values(chave_pix=None))
        FaturamentoService(s).reenviar(invoice.id, em=relogio.agora())
    assert despachar() == "feita", falha_da_tarefa()
    assert "Pix" not in correio.mensagens[0].get_body(("plain",)).get_content()


def test_an_issued_invoice_leaves_with_its_own_pdf(correio) -> None:
    with transacao() as s:
        invoice = f.uma_invoice(s)
        numero = invoice.numero_formatado
        FaturamentoService(s).reenviar(invoice.id, em=relogio.agora())
    assert despachar() == "feita", falha_da_tarefa()
    m = correio.mensagens[0]
    assert str(m["Subject"]) == f"Sua fatura {numero} vence em 10/02/2026"
    anexo = next(m.iter_attachments())
    assert anexo.get_filename() == f"fatura-{numero}.pdf" and anexo.get_content().startswith(b"%PDF")
