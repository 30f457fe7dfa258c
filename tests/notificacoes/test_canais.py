"""Channels: the contract every one keeps, and what mail makes of a server's answers."""

from __future__ import annotations

import datetime as dt
import ssl
import subprocess
import threading
import time
from contextlib import ExitStack

import pytest
from aiosmtpd.controller import Controller

from app.core import relogio
from app.core.erros import ValorInvalido
from app.notificacoes.canais import AnexoPronto, CanalDiario, CanalEmail, CanalInterno, CanalMensagem, Mensagem, ServidorSmtp, frase_da_falha
from app.notificacoes.models import ResultadoTentativa as R
from tests.notificacoes.canal_falso import CanalFalso
from tests.notificacoes.servidor_smtp import Caixa, buraco_negro, porta_livre, servidor

EM = relogio.instante(dt.date(2026, 3, 2), dt.time(9, 30))
PDF = AnexoPronto("Fatura nº 1 ção.pdf", "application/pdf", b"%PDF-1.7 \x00\xff")


def carta(destinatario: str = "maria@exemplo.com.br", **kw: object) -> Mensagem:
    """A message with accents."""
    padrao = {
        "assunto": "Sua fatura nº 1 já está disponível", "texto": "Olá, João & Açucena.\n\nVeja https://exemplo.com.br/p?a=1&b=2.",
        "remetente": "financeiro@exemplo.com.br", "nome_remetente": "Provedor São João", "message_id": "<mensagem-1.x@exemplo.com.br>", "data": EM,
    }
    return Mensagem(destinatario, **{**padrao, **kw})


class ContratoDeCanal:
    """What every channel promises. Subclasses make one."""

    enderecos = ("maria@exemplo.com.br", "c0@exemplo.com.br", "c1@exemplo.com.br")

    def canal(self, pilha: ExitStack) -> CanalMensagem:
        """A channel that works."""
        raise NotImplementedError

    @pytest.fixture
    def nosso(self, app):
        """The channel under test."""
        with app.app_context(), ExitStack() as pilha:
            feito = self.canal(pilha)
            pilha.callback(feito.fechar)
            yield feito

    def test_accepts_a_message(self, nosso: CanalMensagem) -> None:
        assert nosso.enviar(carta(self.enderecos[0], anexos=(PDF,))).enviada

    def test_says_how_it_is_called_in_the_log(self, nosso: CanalMensagem) -> None:
        assert 0 < len(nosso.nome) <= 20

    def test_many_messages_and_closing_twice(self, nosso: CanalMensagem) -> None:
        assert all(nosso.enviar(carta(endereco)).enviada for endereco in self.enderecos)
        nosso.fechar()
        nosso.fechar()
        assert nosso.enviar(carta(self.enderecos[0])).enviada


class TestFalso(ContratoDeCanal):
    """The fake of the tests."""

    def canal(self, pilha: ExitStack) -> CanalMensagem:
        return CanalFalso()


class TestInterno(ContratoDeCanal):
    """The bell."""

    def canal(self, pilha: ExitStack) -> CanalMensagem:
        return CanalInterno()


class TestDiario(ContratoDeCanal):
    """No mail server."""

    def canal(self, pilha: ExitStack) -> CanalMensagem:
        return CanalDiario()


class TestEmail(ContratoDeCanal):
    """Real SMTP with a password."""

    def canal(self, pilha: ExitStack) -> CanalMensagem:
        return CanalEmail(ServidorSmtp.de_url(pilha.enter_context(servidor()).url))


# ---- addresses of servers


@pytest.mark.parametrize(("url", "esperado"), [
    ("smtp://u%40x:s%3Aenha@mail.exemplo.com:587", ("mail.exemplo.com", 587, "u@x", "s:enha", False, True)),
    ("smtp://mail.exemplo.com:587?starttls=0", ("mail.exemplo.com", 587, "", "", False, False)),
    ("smtp://mail.exemplo.com", ("mail.exemplo.com", 25, "", "", False, False)),
    ("smtp://mail.exemplo.com:2525?starttls=1", ("mail.exemplo.com", 2525, "", "", False, True)),
    ("smtps://u:s@mail.exemplo.com", ("mail.exemplo.com", 465, "u", "s", True, False)),
])
def test_the_address_of_a_server(app, url: str, esperado: tuple) -> None:
    s = ServidorSmtp.de_url(url)
    assert (s.host, s.porta, s.usuario, s.senha, s.tls, s.starttls) == esperado
    assert "enha" not in repr(s)


@pytest.mark.parametrize("url", ["http://x", "mail.exemplo.com", "smtp://", "smtp://x:abc", "smtp://x:99999", "smtp+tls://x:587"])
def test_an_address_that_is_none_is_refused(app, url: str) -> None:
    with app.app_context(), pytest.raises(ValorInvalido):
        ServidorSmtp.de_url(url)


# ---- what travels


def enviar(caixa: Caixa, mensagem: Mensagem | None = None, **kw: object):
    """One message on a connection of its own."""
    canal = CanalEmail(ServidorSmtp.de_url(caixa.url), **kw)
    try:
        return canal.enviar(mensagem or carta())
    finally:
        canal.fechar()


def test_accents_survive_and_the_html_says_the_same_as_the_text(app, caixa) -> None:
    assert enviar(caixa, carta(anexos=(PDF,), responder_a="sac@exemplo.com.br")).enviada
    m = caixa.mensagens[0]
    assert (m["Subject"], m["From"], m["To"]) == ("Sua fatura nº 1 já está disponível", "Provedor São João <financeiro@exemplo.com.br>", "maria@exemplo.com.br")
    assert (m["Message-ID"], m["Reply-To"], m["Auto-Submitted"]) == ("<mensagem-1.x@exemplo.com.br>", "sac@exemplo.com.br", "auto-generated")
    assert m["Date"].datetime == EM
    assert m["List-Unsubscribe"] is None      # transactional
    assert m.get_body(("plain",)).get_content().startswith("Olá, João & Açucena.")
    html = m.get_body(("html",)).get_content()
    assert "Olá, João &amp; Açucena." in html and '<a href="https://exemplo.com.br/p?a=1&amp;b=2">' in html
    anexo = next(m.iter_attachments())
    assert (anexo.get_filename(), anexo.get_content_type(), anexo.get_content()) == (PDF.nome, "application/pdf", PDF.dados)


@pytest.mark.parametrize("mudanca", [
    {"assunto": "a\r\nBcc: x@y.z"}, {"destinatario": "a@b.c\r\nBcc: x@y.z"}, {"destinatario": "a@b.c, x@y.z"}, {"destinatario": "não é"}, {"destinatario": ""},
    {"remetente": "x@y.z\nX: 1"}, {"nome_remetente": "a\r\nX: 1"}, {"responder_a": "nada"},
])
def test_line_breaks_in_headers_and_addresses_that_are_none_are_refused(app, caixa, mudanca: dict) -> None:
    with app.app_context():
        resultado = enviar(caixa, carta(**mudanca))
    assert (resultado.resultado, resultado.endereco_recusado, caixa.mensagens) == (R.permanente, False, [])


def test_one_connection_serves_many_and_is_renewed(app, caixa) -> None:
    canal = CanalEmail(ServidorSmtp.de_url(caixa.url))
    assert all(canal.enviar(carta(f"c{n}@exemplo.com.br")).enviada for n in range(51))
    canal.fechar()
    assert (len(caixa.mensagens), caixa.conexoes) == (51, 2)


def test_a_kept_connection_that_died_is_opened_again(app) -> None:
    with servidor() as primeira:
        canal = CanalEmail(ServidorSmtp.de_url(primeira.url))
        assert canal.enviar(carta()).enviada
        porta = canal.servidor.porta
    outra = Caixa()
    controle = Controller(outra, hostname="127.0.0.1", port=porta, authenticator=outra.autenticar, auth_require_tls=False)
    controle.start()
    try:
        assert canal.enviar(carta()).enviada and len(outra.mensagens) == 1
        canal.fechar()
    finally:
        controle.stop()


# ---- what the server answers


@pytest.mark.parametrize(("resposta", "esperado"), [
    ("450 caixa ocupada", (R.temporaria, False, False)), ("452 4.2.2 cheia", (R.temporaria, False, False)), ("421 volte depois", (R.temporaria, False, True)),
    ("550 não existe", (R.permanente, True, False)), ("550 5.1.1 não existe", (R.permanente, True, False)), ("553 nome inválido", (R.permanente, True, False)),
    ("550 5.7.1 bloqueado por política", (R.permanente, False, False)), ("552 5.2.2 caixa cheia", (R.permanente, False, False)),
    ("530 5.7.0 autentique-se", (R.configuracao, False, False)),
])
def test_what_a_refused_recipient_means(app, caixa, resposta: str, esperado: tuple) -> None:
    caixa.rcpt["maria@exemplo.com.br"] = resposta
    r = enviar(caixa)
    assert (r.resultado, r.endereco_recusado, r.conexao) == esperado and r.resposta == resposta


@pytest.mark.parametrize(("resposta", "esperado"), [
    ("451 tente depois", R.temporaria), ("552 grande demais", R.permanente), ("554 5.7.1 parece spam", R.permanente),
])
def test_what_a_refused_message_means(app, caixa, resposta: str, esperado: R) -> None:
    caixa.dados = resposta
    r = enviar(caixa)
    assert (r.resultado, r.endereco_recusado, r.resposta) == (esperado, False, resposta)


@pytest.mark.parametrize(("resposta", "esperado"), [("450 agora não", R.temporaria), ("550 remetente não autorizado", R.configuracao)])
def test_what_a_refused_sender_means(app, caixa, resposta: str, esperado: R) -> None:
    caixa.entrada = resposta
    assert enviar(caixa).resultado is esperado


def test_a_wrong_password_is_our_set_up(app, caixa) -> None:
    caixa.senha_certa = "mudou"
    r = enviar(caixa)
    assert r.resultado is R.configuracao and r.resposta.startswith("535")


def test_starttls_that_is_not_offered_is_our_set_up_and_the_password_stays_home(app, caixa) -> None:
    caixa.url += "?starttls=1"
    assert enviar(caixa).resultado is R.configuracao and caixa.mensagens == []


def test_a_server_that_hangs_up_after_the_message_may_have_it(app, caixa) -> None:
    caixa.cair_depois_de_receber = True
    r = enviar(caixa)
    assert (r.resultado, r.conexao, len(caixa.mensagens)) == (R.temporaria, True, 1)


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:{porta}", "smtp://servidor-que-nao-existe.invalid:25"])
def test_nobody_there_is_for_later(app, url: str) -> None:
    canal = CanalEmail(ServidorSmtp.de_url(url.format(porta=porta_livre())))
    r = canal.enviar(carta())
    assert (r.resultado, r.conexao) == (R.temporaria, True)


@pytest.mark.parametrize("resposta", [b"", b"2"], ids=["silence", "one byte now and then"])
def test_a_black_hole_ends_in_time(app, resposta: bytes) -> None:
    with buraco_negro(resposta) as url:
        inicio = time.monotonic()
        r = CanalEmail(ServidorSmtp.de_url(url), espera=0.5, tempo_total=1).enviar(carta())
        assert (r.resultado, r.conexao) == (R.temporaria, True) and time.monotonic() - inicio < 3
    assert not [t for t in threading.enumerate() if isinstance(t, threading.Timer) and not t.finished.is_set()]


def test_a_certificate_nobody_vouches_for_is_our_set_up(app, tmp_path) -> None:
    comando = "openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 2 -subj /CN=localhost"
    subprocess.run(comando.split(), cwd=tmp_path, check=True, capture_output=True)
    contexto = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    contexto.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")
    caixa, porta = Caixa(), porta_livre()
    controle = Controller(caixa, hostname="127.0.0.1", port=porta, tls_context=contexto)
    controle.start()
    try:
        caixa.url = f"smtp://127.0.0.1:{porta}?starttls=1"
        r = enviar(caixa)
        assert (r.resultado, caixa.mensagens) == (R.configuracao, [])
    finally:
        controle.stop()


@pytest.mark.parametrize(("resposta", "frase"), [
    ("[Errno 111] Connection refused", "Nenhum servidor de e-mail atende nesse endereço e porta."),
    ("timed out", "O servidor não respondeu a tempo: confira o endereço, a porta e a segurança."),
    ("535 5.7.8 Bad credentials", "O usuário ou a senha não foram aceitos: confira os dois. O servidor de e-mail respondeu: 535 5.7.8 Bad credentials"),
    ("554 no", "O servidor de e-mail respondeu: 554 no"),
    ("[Errno 113] No route to host", "O servidor de e-mail respondeu: [Errno 113] No route to host"),
])
def test_the_screen_quotes_the_server_and_spares_people_the_words_of_the_system(app, resposta, frase) -> None:
    with app.test_request_context():
        assert frase_da_falha(resposta) == frase
