"""Links and codes: in the message that leaves, and in no table, page, answer, log or export; gone when they are of no more use."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from app.core import relogio
from app.core.erros import RegraViolada
from app.core.models import Instancia
from app.core.transacao import transacao
from app.extensions import db
from app.notificacoes.canais import FABRICAS, permanente, temporaria
from app.notificacoes.models import Canal, ModeloMensagem, Notificacao, OptOut, StatusNotificacao
from app.notificacoes.regras import PONTOS, ErroDeModelo, conferir_modelo
from app.notificacoes.services import CanalService, NotificacaoService
from app.notificacoes.sigilo import ocultar
from tests import fabricas as f
from tests.notificacoes.apoio import agendar, despachar, historico, linha, vencer
from tests.notificacoes.canal_falso import CanalFalso
from tests.programas import programa

S = StatusNotificacao
FICHA = "Zq7-w9_Kx4pLm2Rt8vYb3Nc6"
LINK = f"https://crm.exemplo.com.br/recuperar/{FICHA}?de=1"


@pytest.fixture
def correio(app, caixa, monkeypatch) -> Iterator:
    """A provider with a real mail server."""
    monkeypatch.setitem(app.config, "SMTP_URL", caixa.url)
    with app.app_context():
        with transacao() as s:
            f.uma_empresa(s, email="financeiro@exemplo.com.br")
        yield caixa
        db.session.remove()


def recuperacao(**kw: object) -> int:
    """A recovery mail."""
    padrao = {"dados": {"nome": "Zé", "minutos": 30}, "segredos": {"link": LINK}, "vale_ate": relogio.agora() + dt.timedelta(minutes=30)}
    return agendar("recuperar_senha", **{**padrao, **kw})


def guardado(numero: int) -> str | None:
    """The encrypted column as it is."""
    return db.session.scalar(text("SELECT segredos FROM notificacao WHERE id = :n"), {"n": numero})


def onde_esta(segredo: str) -> list[str]:
    """Tables of ours with ``segredo`` in any column of any row."""
    achadas = []
    for tabela in db.metadata.sorted_tables:
        consulta = text(f'SELECT count(*) FROM "{tabela.name}" t WHERE position(:s in t::text) > 0')
        achadas += [tabela.name] if db.session.scalar(consulta, {"s": segredo}) else []
    return achadas


def test_the_link_is_in_the_mail_and_in_no_row_and_no_log(correio, caplog) -> None:
    with caplog.at_level(logging.DEBUG):
        n = recuperacao()
        db.session.rollback()
        assert guardado(n) and onde_esta(FICHA) == []
        despachar()
    (carta,) = correio.mensagens
    assert LINK in carta.get_body(("plain",)).get_content() and LINK in carta.get_body(("html",)).get_content()
    nossa = linha(n)
    assert (nossa.status, guardado(n), onde_esta(FICHA)) == (S.enviada, None, [])
    assert PONTOS in nossa.corpo and FICHA not in "".join(r.getMessage() for r in caplog.records if r.name != "mail.log")      # that one is the fake server's


def test_pages_answers_and_exports_show_dots(app, http, caixa, monkeypatch) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", caixa.url)
    with app.app_context():
        with transacao() as s:
            f.uma_empresa(s, email="financeiro@exemplo.com.br")
            eu = f.um_usuario(s, "Admin").username
        n = recuperacao()
    http.entrar(eu)
    api = programa(app)
    paginas = [f"/mensagens/{n}/corpo", f"/mensagens/show/{n}", "/mensagens/list/", "/mensagens/exportar/csv"]

    def vistas() -> list[str]:
        return [*(http.get(p).text for p in paginas), api("GET", f"/notificacao/{n}").text, api("GET", "/notificacao/").text]

    antes = vistas()
    with app.app_context():
        despachar()
    depois = vistas()
    assert LINK in caixa.mensagens[0].get_body(("plain",)).get_content()
    assert not [t for t in antes + depois if FICHA in t] and PONTOS in antes[0] and PONTOS in depois[0]


def test_the_journal_keeps_no_link_for_whoever_reads_it(app, correio, monkeypatch) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", "")
    n = recuperacao()
    despachar()
    assert (historico(n), linha(n).status, guardado(n), onde_esta(FICHA)) == ([("diario", "enviada")], S.enviada, None, [])
    assert PONTOS in linha(n).corpo


@pytest.mark.parametrize("texto", ["554 5.7.1 URL {0} bloqueada", "550 veja {0}", "554 {0}"])
def test_a_server_that_quotes_the_link_is_kept_without_it(correio, texto: str) -> None:
    correio.dados = texto.format(LINK if "URL" in texto else f"recuperar/{FICHA}")
    n = recuperacao()
    despachar()
    assert (linha(n).status, guardado(n), onde_esta(FICHA)) == (S.falha, None, []) and PONTOS in linha(n).erro


@pytest.mark.parametrize("eco", [LINK, LINK.replace("/", r"\/"), "https%3A%2F%2Fcrm.exemplo.com.br%2Frecuperar%2F" + FICHA, FICHA, "482913"])
def test_what_a_provider_echoes_is_hidden_however_it_writes_it(eco: str) -> None:
    dito = ocultar(f"x {eco} y", (LINK, "482913"))
    assert dito.startswith("x ") and dito.endswith(" y") and PONTOS in dito and FICHA not in dito and "482913" not in dito


def test_a_second_try_has_the_link_again(correio, monkeypatch) -> None:
    respostas = iter([temporaria("depois"), None])
    falso = CanalFalso(lambda _m: next(respostas) or permanente("não"))
    monkeypatch.setitem(FABRICAS, Canal.email, lambda _ajuste: falso)
    n = recuperacao()
    despachar()
    assert linha(n).status is S.pendente and guardado(n) and onde_esta(FICHA) == []
    vencer()
    despachar()
    assert [LINK in m.texto for m in falso.enviadas] == [True, True] and LINK not in repr(falso.enviadas)
    assert (linha(n).status, guardado(n)) == (S.falha, None)


def test_after_its_validity_it_does_not_leave_even_from_a_stopped_channel(correio) -> None:
    n = recuperacao()
    with transacao() as s:
        CanalService(s).parar(Canal.email, "535", em=relogio.agora())
    with relogio.mover_para(relogio.agora() + dt.timedelta(minutes=31)):
        despachar()
        assert (linha(n).status, linha(n).erro, guardado(n)) == (S.cancelada, "Passou da validade antes de poder sair.", None)
        with transacao() as s, pytest.raises(RegraViolada, match="validade"):
            NotificacaoService(s).reenviar(n)
    assert correio.mensagens == []


def test_a_quiet_copy_keeps_no_link_longer_than_it_is_good(correio) -> None:
    with transacao() as s:
        s.get(Instancia, 1).efeitos_ligados = False
    n = recuperacao()
    with relogio.mover_para(relogio.agora() + dt.timedelta(minutes=31)):
        despachar()
    assert (linha(n).status, guardado(n)) == (S.cancelada, None)


def test_what_is_cancelled_or_was_sent_is_not_sent_again(correio) -> None:
    cancelada, enviada = recuperacao(), recuperacao(destinatario="outra@exemplo.com.br")
    with transacao() as s:
        NotificacaoService(s).cancelar(cancelada, motivo="engano")
    despachar()
    for n in (cancelada, enviada):
        assert guardado(n) is None
        with transacao() as s, pytest.raises(RegraViolada, match="não existe mais: peça um novo"):
            NotificacaoService(s).reenviar(n)
    assert correio.quem() == ["outra@exemplo.com.br"]


def test_a_link_under_a_lost_key_fails_with_a_reason_and_the_others_leave(correio) -> None:
    perdida, boa = recuperacao(), recuperacao(destinatario="outra@exemplo.com.br")
    with transacao() as s:
        s.execute(text("UPDATE notificacao SET segredos = 'gAAAAA-de-outra-chave' WHERE id = :n"), {"n": perdida})
    assert despachar() == "feita"
    assert (linha(perdida).status, linha(boa).status, guardado(perdida)) == (S.falha, S.enviada, None)


def test_the_database_itself_keeps_no_secret_of_what_does_not_wait(correio) -> None:
    n = recuperacao()
    with pytest.raises(IntegrityError, match="ck_notificacao_segredos"), transacao() as s:
        s.execute(update(Notificacao).where(Notificacao.id == n).values(status=S.enviada))


@pytest.mark.parametrize("erro", [
    {"segredos": None}, {"segredos": {}}, {"segredos": {"link": ""}}, {"segredos": {"link": LINK, "nome": "x"}}, {"canal": Canal.interno},
    {"dados": {"nome": "Zé", "minutos": 30, "link": LINK}}, {"evento": "fatura_emitida"},
])
def test_a_caller_that_gives_other_secrets_than_the_events_is_mistaken(correio, erro: dict) -> None:
    with pytest.raises(ValueError, match="secret"):
        agendar(**{"evento": "recuperar_senha", "dados": {"nome": "Zé"}, "segredos": {"link": LINK}, **erro})
    with transacao() as s, pytest.raises(ValueError, match="secrets"):
        NotificacaoService(s).agendar_em_lote([{"evento": "recuperar_senha", "chave": "k", "destinatario": "a@b.c", "dados": {"link": LINK}}])


@pytest.mark.parametrize(("mudanca", "campo", "dito"), [
    ({"corpo": "Olá, {{ nome }}."}, "corpo", "precisa trazer {{ link }}"), ({"corpo": "{{ link[:20] }}"}, "corpo", "precisa trazer {{ link }}"),
    ({"corpo": "{% if false %}{{ link }}{% endif %}"}, "corpo", "precisa trazer"), ({"assunto": "{{ link }}"}, "assunto", "não pode trazer {{ link }}"),
    ({"corpo": "{{ link }} {{ 1 if link == '••••••' else '' }}{{ 1 + link }}"}, "corpo", "não pôde ser preenchido"),
])
def test_a_text_without_its_link_is_refused_at_its_field(app, mudanca: dict, campo: str, dito: str) -> None:
    with app.app_context(), pytest.raises(ErroDeModelo, match=dito) as erro:
        conferir_modelo("recuperar_senha", **{"assunto": "Nova senha", "corpo": "{{ nome }}: {{ link }}", **mudanca})
    assert erro.value.campo == campo


def test_a_template_that_does_not_exist_any_more_keeps_no_link(correio) -> None:
    with transacao() as s:
        s.execute(delete(ModeloMensagem).where(ModeloMensagem.evento == "recuperar_senha"))
    n = recuperacao()
    despachar()
    assert (linha(n).status, guardado(n)) == (S.falha, None)
    assert db.session.scalars(select(Notificacao.corpo).where(Notificacao.id == n)).one() is None


def test_who_wants_no_messages_still_gets_the_code_asked_for(app) -> None:
    with app.app_context(), transacao() as s:
        s.add(OptOut(canal=Canal.email, destinatario="ana@exemplo.com.br", evento=None, motivo="Pediu para não receber"))
        s.add(OptOut(canal=Canal.email, destinatario="ana@exemplo.com.br", evento="recuperar_senha", motivo="Pediu para não receber"))
    with app.app_context(), transacao() as s:
        servico = NotificacaoService(s)
        codigo = servico.agendar("codigo_confirmacao", chave="c", destinatario="Ana@exemplo.com.br", dados={"minutos": 15}, segredos={"codigo": "123456"})
        link = servico.agendar("recuperar_senha", chave="l", destinatario="ana@exemplo.com.br", dados={"nome": "Ana", "minutos": 30}, segredos={"link": "x"})
        fatura = servico.agendar("fatura_emitida", chave="f", destinatario="ana@exemplo.com.br")
        assert [m.status for m in (codigo, link, fatura)] == [StatusNotificacao.pendente, StatusNotificacao.pendente, StatusNotificacao.cancelada]
