"""Sending by WhatsApp and SMS: as mail does, through the real task, the real rows and a real HTTP server."""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from app.core import configuracao, relogio
from app.core.erros import RegraViolada
from app.core.models import Instancia
from app.core.transacao import transacao
from app.extensions import db
from app.notificacoes.canais import ProvedorHttp
from app.notificacoes.models import Canal, EnvioMensagem, ModeloMensagem, OptOut, StatusNotificacao
from app.notificacoes.regras import PONTOS
from app.notificacoes.services import CanalService, NotificacaoService
from tests import fabricas as f
from tests.notificacoes.apoio import agendar, canal, despachar, historico, linha, vencer
from tests.notificacoes.provedor_falso import Provedor
from tests.notificacoes.test_http import CORPO, SEGREDO
from tests.notificacoes.test_segredos import onde_esta

S = StatusNotificacao
FONE = "(11) 99402-9275"
CODIGO = "7482913065"


def ligar(onde: Provedor, qual: Canal = Canal.whatsapp) -> None:
    """The channel leaves by that provider."""
    feito = ProvedorHttp(f"{onde.url}/m", cabecalhos="Authorization: Bearer {{ segredo }}", corpo=CORPO, segredo=SEGREDO, id_na_resposta="messages.0.id",
                         recusa_status="400", recusa_texto="131026")
    with transacao() as s:
        CanalService(s).configurar_provedor(qual, feito)


@pytest.fixture
def zap(app, casa_http) -> Iterator[Provedor]:
    """A provider of WhatsApp and SMS, inside an application context."""
    with app.app_context():
        with transacao() as s:
            f.uma_empresa(s, email="financeiro@exemplo.com.br")
        for qual in (Canal.whatsapp, Canal.sms):
            ligar(casa_http, qual)
        yield casa_http
        db.session.remove()


def codigo(qual: Canal = Canal.whatsapp, **kw: object) -> int:
    """A code to a telephone."""
    return agendar("codigo_confirmacao", **{"canal": qual, "destinatario": FONE, "dados": {"minutos": 10}, "segredos": {"codigo": CODIGO}, **kw})


def aviso(**kw: object) -> int:
    """A message without secrets."""
    return agendar("teste_canal", **{"canal": Canal.whatsapp, "destinatario": FONE, "dados": {}, **kw})


def test_a_code_leaves_and_neither_it_nor_the_token_is_in_any_row_or_log(zap, caplog) -> None:
    zap.corpo = b'{"messages": [{"id": "wamid.1"}], "eco": "%s"}' % CODIGO.encode()
    with caplog.at_level(logging.DEBUG):
        n = codigo()
        despachar()
    (pedido,) = zap.recebidos
    assert pedido.json["to"] == "5511994029275" and f"código é {CODIGO}" in pedido.json["text"]["body"] and pedido.json["ref"] == linha(n).message_id
    assert (linha(n).status, linha(n).destinatario, historico(n)) == (S.enviada, "11994029275", [("http", "enviada")]) and PONTOS in linha(n).corpo
    tentativa = db.session.scalars(select(EnvioMensagem)).one()
    assert (tentativa.resposta, tentativa.id_no_provedor) == ("200", "wamid.1")
    assert onde_esta(CODIGO) == [] == onde_esta(SEGREDO) and CODIGO not in caplog.text and SEGREDO not in caplog.text


def test_an_sms_leaves_without_accents_unless_the_setting_keeps_them(zap) -> None:
    codigo(Canal.sms)
    with transacao() as s:
        configuracao.gravar(s, "notificacoes.sms_sem_acentos", False)
    despachar()
    codigo(Canal.sms)
    with transacao() as s:
        configuracao.gravar(s, "notificacoes.sms_sem_acentos", True)
    despachar()
    com, sem = (p.json["text"]["body"] for p in zap.recebidos)
    assert "código é" in com and "Não" in com and "codigo é" in sem and "Nao" in sem


def test_a_wrong_token_stops_the_channel_tells_the_administrators_and_costs_no_try(zap) -> None:
    with transacao() as s:
        f.um_usuario(s, "Admin")
    zap.chave = "outra"
    primeira, segunda, sms = aviso(), aviso(), codigo(Canal.sms)
    despachar()
    despachar()
    assert [(linha(n).status, linha(n).tentativas) for n in (primeira, segunda, sms)] == [(S.pendente, 0)] * 3 and len(zap.recebidos) == 2
    assert canal(Canal.whatsapp).parado_em and canal(Canal.sms).parado_em
    assert db.session.scalar(text("SELECT count(*) FROM notificacao WHERE evento IN ('whatsapp_parado', 'sms_parado') AND status = 'enviada'")) == 2
    zap.chave = None
    with transacao() as s:
        CanalService(s).retomar(Canal.whatsapp)
    despachar()
    assert [linha(n).status for n in (primeira, segunda, sms)] == [S.enviada, S.enviada, S.pendente]


def test_a_provider_that_asks_for_time_gets_it_and_the_others_wait_too(zap) -> None:
    zap.status, zap.cabecalhos = 429, {"Retry-After": "900"}
    primeira, segunda = aviso(), aviso()
    agora = relogio.agora()
    despachar()
    despachar()
    assert [(linha(n).status, linha(n).tentativas) for n in (primeira, segunda)] == [(S.pendente, 1), (S.pendente, 0)] and len(zap.recebidos) == 1
    assert linha(primeira).quando >= agora + dt.timedelta(minutes=15) and canal(Canal.whatsapp).espera_ate >= agora + dt.timedelta(minutes=15)
    zap.status, zap.cabecalhos = 200, {}
    vencer()
    despachar()
    assert [linha(n).status for n in (primeira, segunda)] == [S.enviada, S.enviada]
    assert sorted(p.json["ref"] for p in zap.recebidos) == sorted([linha(primeira).message_id] * 2 + [linha(segunda).message_id])


def test_a_number_that_does_not_exist_is_not_written_to_again_on_that_channel(zap) -> None:
    zap.status, zap.corpo = 400, b'{"error": {"code": 131026}}'
    n = aviso(cliente_id=5)
    despachar()
    zap.status = 200
    depois, outro_canal = aviso(destinatario="+55 11 99402-9275"), codigo(Canal.sms)
    despachar()
    assert [linha(i).status for i in (n, depois, outro_canal)] == [S.falha, S.cancelada, S.enviada] and "131026" in linha(depois).erro
    with transacao() as s, pytest.raises(RegraViolada, match="não recebe"):
        NotificacaoService(s).reenviar(n)
    with transacao() as s:
        s.delete(s.scalars(select(OptOut)).one())
    with transacao() as s:
        NotificacaoService(s).reenviar(n)
    despachar()
    assert linha(n).status is S.enviada


def test_a_lost_key_stops_the_channel_and_the_others_go_on(zap, app) -> None:
    with transacao() as s:
        s.execute(text("UPDATE canal_envio SET segredo = 'gAAAAA-de-outra-chave' WHERE canal = 'whatsapp'"))
    perdida, boa = aviso(), codigo(Canal.sms)
    assert despachar() == "feita"
    assert (linha(perdida).status, linha(boa).status) == (S.pendente, S.enviada) and "CHAVE_CIFRA" in canal(Canal.whatsapp).motivo


def test_channels_that_really_deliver_are_named_in_order(app, casa_http, caixa, monkeypatch) -> None:
    def ha() -> list[str]:
        with transacao() as s:
            return [c.name for c in NotificacaoService(s).canais_disponiveis("codigo_confirmacao")]

    monkeypatch.setitem(app.config, "SMTP_URL", "")
    with app.app_context():
        assert ha() == []
        ligar(casa_http, Canal.sms)
        ligar(casa_http)
        monkeypatch.setitem(app.config, "SMTP_URL", caixa.url)
        assert ha() == ["email", "whatsapp", "sms"]
        with transacao() as s:
            CanalService(s).parar(Canal.whatsapp, "401", em=relogio.agora())
            s.scalars(select(ModeloMensagem).where(ModeloMensagem.evento == "codigo_confirmacao", ModeloMensagem.canal == Canal.email)).one().ativo = False
        assert ha() == ["sms"]
        with transacao() as s:
            CanalService(s).esquecer_provedor(Canal.sms)
        assert ha() == []
        ligar(casa_http, Canal.sms)
        with transacao() as s:
            s.get(Instancia, 1).efeitos_ligados = False
    with app.app_context():
        assert ha() == []


def test_killed_between_the_answer_and_the_mark_it_is_asked_again_with_the_same_id(app_real, casa_http) -> None:
    with app_real.app_context():
        with transacao() as s:
            f.uma_empresa(s)
        ligar(casa_http)
        n = codigo()
        url = db.engine.url.render_as_string(hide_password=False)
        db.session.remove()
    comando = "from tests.conftest import fazer_app; from tests.notificacoes.apoio import despachar; import os\n" \
              "with fazer_app(os.environ['B'], os.environ['R']).app_context(): despachar()"
    ambiente = {**os.environ, "B": url, "R": app_real.config["REDIS_URL"], "PYTHONWARNINGS": "ignore"}
    processo = subprocess.Popen([sys.executable, "-c", comando], env=ambiente)
    casa_http.ao_receber = lambda: (processo.kill(), processo.wait())
    assert processo.wait(60) == -signal.SIGKILL
    casa_http.ao_receber = None
    with app_real.app_context():
        assert (linha(n).status, linha(n).tentativas, len(casa_http.recebidos)) == (S.pendente, 1, 1)
        vencer()
        despachar()
        assert linha(n).status is S.enviada and len({p.json["ref"] for p in casa_http.recebidos}) == 1 and len(casa_http.recebidos) == 2
        assert all(CODIGO in p.json["text"]["body"] for p in casa_http.recebidos) and onde_esta(CODIGO) == []
        db.session.remove()
