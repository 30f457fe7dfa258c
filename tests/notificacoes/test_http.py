"""WhatsApp and SMS by HTTP: what is asked is exactly what was set up, whatever the message brings; every answer has its meaning, and an end."""

from __future__ import annotations

import datetime as dt
import json
import logging
import time
from contextlib import ExitStack
from dataclasses import replace
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from app.core.erros import DominioError
from app.notificacoes.canais import CanalMensagem, Mensagem, ProvedorHttp
from app.notificacoes.canais.http import CanalHttp
from app.notificacoes.canais.provedor import conferir
from app.notificacoes.models import MetodoHttp, TipoCorpo
from app.notificacoes.models import ResultadoTentativa as R
from tests.notificacoes.provedor_falso import Provedor, provedor
from tests.notificacoes.servidor_smtp import porta_livre
from tests.notificacoes.test_canais import ContratoDeCanal, carta

SEGREDO = "s3gr&do/+="
CORPO = '{"to": "{{ telefone }}", "text": {"body": "{{ texto }}"}, "ref": "{{ id }}"}'
META = ProvedorHttp("", cabecalhos="Authorization: Bearer {{ segredo }}", corpo=CORPO, segredo=SEGREDO, id_na_resposta="messages.0.id")
HOSTIS = [
    'João "Jota" & Açucena\n\t\\', '"}, "to": "5500000000000", "x": {"y": "', "x&to=5500000000000#f", "%0d%0aX-Mal: 1", "a\r\nX-Mal: 1\r\n\r\nGET / HTTP/1.1",
    "{{ segredo }}", "{% if segredo %}{{ segredo }}{% endif %}", "../../outro?x=1", "\u2028😀", "</texto>",
]


def nosso(onde: Provedor, **kw: object) -> ProvedorHttp:
    """The provider of these tests with what the test is about."""
    return replace(META, url=f"{onde.url}/v1/mensagens", **kw)


def zap(texto: str = "Olá", destinatario: str = "(11) 99402-9275", **kw: object) -> Mensagem:
    """A message to a telephone."""
    return Mensagem(destinatario, "", texto, message_id="mensagem-7-abc", **kw)


def enviar(p: ProvedorHttp, mensagem: Mensagem | None = None, **kw: float):
    """One message on a connection of its own."""
    canal = CanalHttp(p, **kw)
    try:
        return canal.enviar(mensagem or zap())
    finally:
        canal.fechar()


class TestHttp(ContratoDeCanal):
    """The contract of every channel."""

    enderecos = ("11994029275", "(19) 99402-9276", "+55 21 99402-9277")

    def canal(self, pilha: ExitStack) -> CanalMensagem:
        return CanalHttp(nosso(pilha.enter_context(provedor())))


# ---- what is asked


def test_a_message_is_asked_for_as_it_was_set_up(app, casa_http) -> None:
    r = enviar(nosso(casa_http), zap('Oi "João"'))
    (pedido,) = casa_http.recebidos
    assert (pedido.metodo, pedido.caminho, pedido.cabecalhos["Authorization"]) == ("POST", "/v1/mensagens", "Bearer s3gr&do/+=")
    assert pedido.json == {"to": "5511994029275", "text": {"body": 'Oi "João"'}, "ref": "mensagem-7-abc"}
    assert (r.resultado, r.id_no_provedor, r.resposta) == (R.enviada, "wamid.1", '200 {"messages": [{"id": "wamid.1"}]}')


@pytest.mark.parametrize("hostil", HOSTIS)
def test_what_a_customer_is_called_stays_a_value_wherever_it_stands(app, casa_http, hostil: str) -> None:
    casa_http.chave = None
    with app.app_context():
        do_form = nosso(casa_http, tipo=TipoCorpo.formulario, corpo="To=whatsapp:+{{ telefone }}\nBody=Oi {{ texto }}")
        na_url = nosso(casa_http, metodo=MetodoHttp.GET, corpo="", cabecalhos="")
        na_url = replace(na_url, url=f"{casa_http.url}/enviar?para={{{{ telefone }}}}&texto={{{{ texto }}}}&chave={{{{ segredo }}}}")
        for p in (nosso(casa_http), do_form, na_url):
            conferir(p, exige_https=True)
            assert enviar(p, zap(hostil)).enviada
    em_json, no_form, no_get = casa_http.recebidos
    assert em_json.json == {"to": "5511994029275", "text": {"body": hostil}, "ref": "mensagem-7-abc"}
    assert parse_qsl(no_form.corpo.decode(), strict_parsing=True) == [("To", "whatsapp:+5511994029275"), ("Body", f"Oi {hostil}")]
    assert parse_qs(urlsplit(no_get.caminho).query) == {"para": ["5511994029275"], "texto": [hostil], "chave": [SEGREDO]}
    assert urlsplit(no_get.caminho).path == "/enviar" and not [p for p in casa_http.recebidos if "X-Mal" in p.cabecalhos]


def test_a_message_number_cannot_start_a_header_of_its_own(app, casa_http) -> None:
    p = nosso(casa_http, cabecalhos=META.cabecalhos + "\nX-Ref: {{ id }}")
    assert enviar(p, replace(zap(), message_id="a\r\nX-Mal: 1")).enviada
    assert casa_http.recebidos[0].cabecalhos["X-Ref"] == "a  X-Mal: 1" and "X-Mal" not in casa_http.recebidos[0].cabecalhos


def test_a_name_and_password_go_as_basic(app, casa_http) -> None:
    casa_http.chave = "Basic QUMxOnRva2Vu"
    assert enviar(nosso(casa_http, segredo="AC1:token", cabecalhos="Authorization: Basic {{ segredo | base64 }}")).enviada


@pytest.mark.parametrize("telefone", ["", "123", "maria@exemplo.com.br", "+1 212 555 0100", "0800 123 4567"])
def test_what_is_no_telephone_is_not_asked_for(app, casa_http, telefone: str) -> None:
    with app.app_context():
        assert enviar(nosso(casa_http), zap(destinatario=telefone)).resultado is R.permanente and casa_http.recebidos == []


# ---- what is answered


@pytest.mark.parametrize(("status", "esperado"), [
    (200, (R.enviada, False)), (202, (R.enviada, False)), (204, (R.enviada, False)), (400, (R.permanente, False)), (404, (R.permanente, False)),
    (401, (R.configuracao, False)), (403, (R.configuracao, False)), (301, (R.configuracao, False)), (307, (R.configuracao, False)),
    (408, (R.temporaria, False)), (425, (R.temporaria, False)), (429, (R.temporaria, True)), (500, (R.temporaria, False)), (503, (R.temporaria, True)),
])
def test_what_a_status_means(app, casa_http, status: int, esperado: tuple) -> None:
    casa_http.status, casa_http.cabecalhos = status, {"Location": f"{casa_http.url}/outro"}
    casa_http.corpo = b"" if status == 204 else b"dito"
    with app.app_context():
        r = enviar(nosso(casa_http))
    assert (r.resultado, r.conexao, r.endereco_recusado) == (*esperado, False)
    assert [p.caminho for p in casa_http.recebidos] == ["/v1/mensagens"]      # no redirect is followed


@pytest.mark.parametrize(("regra", "status", "corpo", "recusado"), [
    (("400 404", ""), 404, b"x", True), (("400", ""), 404, b"x", False), (("", "131026"), 400, b'{"code": 131026}', True), (("", "131026"), 400, b"x", False),
    (("", "NAO existe"), 422, b"numero nao existe", True), (("400", "131026"), 400, b"outro", False), (("200", "invalido"), 200, b"numero invalido", True),
    (("", "invalido"), 200, b"numero invalido", False), (("", "invalido"), 500, b"invalido", False), (("", ""), 400, b"", False),
])
def test_a_recipient_is_refused_by_the_rule_that_was_set_up(app, casa_http, regra: tuple, status: int, corpo: bytes, recusado: bool) -> None:
    casa_http.status, casa_http.corpo = status, corpo
    r = enviar(nosso(casa_http, recusa_status=regra[0], recusa_texto=regra[1]))
    assert (r.endereco_recusado, r.resultado is R.permanente) == (recusado, recusado or 400 <= status < 500)


@pytest.mark.parametrize(("valor", "segundos"), [("120", 120), ("99999999", 3600), ("0", None), ("-5", None), ("depois", None), ("Wed, 99 Foo", None)])
def test_a_provider_says_how_long_to_leave_it_alone(app, casa_http, valor: str, segundos: int | None) -> None:
    casa_http.status, casa_http.cabecalhos = 429, {"Retry-After": valor}
    assert enviar(nosso(casa_http)).espere == (segundos and dt.timedelta(seconds=segundos))


@pytest.mark.parametrize("corpo", [b"", b"[]", b"{", b'{"messages": []}', b'{"messages": {"0": {"id": {}}}}', b"\xff\x00", b"[" * 60_000])
def test_an_answer_without_a_number_is_accepted_all_the_same(app, casa_http, corpo: bytes) -> None:
    casa_http.corpo = corpo
    r = enviar(nosso(casa_http))
    assert (r.resultado, r.id_no_provedor) == (R.enviada, "") and "\x00" not in r.resposta and len(r.resposta) <= 300


def test_an_answer_without_an_end_is_read_so_far_and_no_farther(app, casa_http) -> None:
    casa_http.modo, canal = "imensa", CanalHttp(nosso(casa_http))
    r = canal.enviar(zap())
    assert (r.resultado, len(r.resposta)) == (R.enviada, 300)
    casa_http.modo = ""
    assert canal.enviar(zap()).id_no_provedor == "wamid.1"      # what was left of the first is not read as the second
    canal.fechar()


@pytest.mark.parametrize(("modo", "leitura", "esperado"), [
    ("mudo", 0.3, (R.temporaria, True, "O provedor não respondeu a tempo.")), ("mudo", 5, (R.temporaria, True, "O provedor não respondeu a tempo.")),
    ("gotas", 5, (R.temporaria, True, "O provedor não respondeu a tempo.")), ("gotas_depois", 5, (R.enviada, False, "200")),
])
def test_a_provider_that_never_finishes_is_cut(app, casa_http, modo: str, leitura: float, esperado: tuple) -> None:
    casa_http.modo, inicio = modo, time.monotonic()
    with app.app_context():
        r = enviar(nosso(casa_http), leitura=leitura, tempo_total=0.6)
    assert (r.resultado, r.conexao, r.resposta) == esperado and time.monotonic() - inicio < 3


@pytest.mark.parametrize("modo", ["lixo", "desliga"])
def test_what_is_no_answer_is_for_later(app, casa_http, modo: str) -> None:
    casa_http.modo = modo
    with app.app_context():
        r = enviar(nosso(casa_http))
    assert (r.resultado, r.conexao) == (R.temporaria, True) and SEGREDO not in r.resposta


@pytest.mark.parametrize(("url", "esperado"), [
    ("http://127.0.0.1:{porta}/{{{{ segredo }}}}", R.temporaria), ("http://provedor-que-nao-existe.invalid/{{{{ segredo }}}}", R.temporaria),
    ("https://127.0.0.1:{porta}/", R.temporaria),
])
def test_nobody_there_is_for_later_and_the_words_have_no_token(app, url: str, esperado: R) -> None:
    p = replace(META, url=url.format(porta=porta_livre()))
    with app.app_context():
        r = enviar(p)
    assert (r.resultado, r.conexao) == (esperado, True) and "s3gr" not in r.resposta and "http" not in r.resposta


def test_tls_where_there_is_none_and_a_connection_that_died(app, casa_http) -> None:
    with app.app_context():
        r = enviar(replace(nosso(casa_http), url=casa_http.url.replace("http:", "https:")))
        assert (r.resultado, r.conexao) == (R.temporaria, True)
    canal = CanalHttp(nosso(casa_http))
    assert canal.enviar(zap()).enviada
    casa_http.modo = "desliga"
    with app.app_context():
        assert canal.enviar(zap()).resultado is R.temporaria
    casa_http.modo = ""
    assert canal.enviar(zap()).enviada
    canal.fechar()


def test_an_echo_is_kept_without_the_token_and_one_of_a_code_not_at_all(app, casa_http, caplog) -> None:
    casa_http.status, casa_http.corpo = 400, json.dumps({"auth": f"Bearer {SEGREDO}", "body": "seu código é 482913"}).encode()
    with caplog.at_level(logging.DEBUG):
        aberta = enviar(replace(nosso(casa_http), url=f"{casa_http.url}/{{{{ segredo }}}}"))
        sigilosa = enviar(nosso(casa_http), zap("seu código é 482913", sigilosa=True))
    assert SEGREDO not in aberta.resposta and "••••••" in aberta.resposta
    assert sigilosa.resposta == "400" and "s3gr" not in caplog.text and "482913" not in caplog.text


# ---- what may be set up


@pytest.mark.parametrize(("mudanca", "campo", "dito"), [
    ({"url": ""}, "url", "endereço completo"), ({"url": "ftp://x/"}, "url", "endereço completo"), ({"url": "file:///etc/passwd"}, "url", "endereço completo"),
    ({"url": "https://u:s@x.com/"}, "url", "cabeçalho Authorization"), ({"url": "https://{{ telefone }}.x.com/"}, "url", "não pode mudar"),
    ({"url": "https://x.com:{{ telefone }}/"}, "url", "endereço completo"), ({"url": "{{ segredo }}"}, "url", "endereço completo"),
    ({"url": "https://x.com/{{ texto }}"}, "url", "ponto de interrogação"), ({"url": "https://x.com/a b"}, "url", "endereço completo"),
    ({"url": "http://x.com/"}, "url", "Use https"), ({"url": "https://x.com/{{ cpf }}"}, "url", "não há o campo cpf"),
    ({"url": "https://x.com/{{ telefone"}, "url", "erro na linha 1"), ({"url": "https://x.com:99999/"}, "url", "endereço completo"),
    ({"cabecalhos": "Authorization"}, "cabecalhos", "um cabeçalho por linha"), ({"cabecalhos": "X: {{ texto }}"}, "cabecalhos", "não há o campo texto"),
    ({"cabecalhos": "Host: outro.com"}, "cabecalhos", "do próprio sistema"), ({"cabecalhos": "X Y: 1"}, "cabecalhos", "um cabeçalho por linha"),
    ({"cabecalhos": "X: 日本"}, "cabecalhos", "não pode ser enviado"), ({"cabecalhos": "X: {{ segredo | inventado }}"}, "cabecalhos", "inventado"),
    ({"corpo": ""}, "corpo", "Escreva o corpo"), ({"corpo": '{"a": {{ texto }}, "t": "{{ telefone }}"}'}, "corpo", "JSON válido"),
    ({"corpo": '{"{{ texto }}": "{{ telefone }}"}'}, "corpo", "só pode ser um valor"), ({"corpo": '{"a": "\\{{ texto }}{{ telefone }}"}'}, "corpo", "JSON"),
    ({"corpo": '{"a": "{{ texto }}"}'}, "corpo", "Falta {{ telefone }}"), ({"corpo": '{"a": "{{ telefone }}"}'}, "corpo", "Falta {{ texto }}"),
    ({"corpo": "{{ telefone }}{{ texto }}", "tipo": TipoCorpo.formulario}, "corpo", "um campo por linha"),
    ({"metodo": MetodoHttp.GET}, "corpo", "não leva corpo"), ({"segredo": ""}, "segredo", "informe o segredo"), ({"segredo": "a\nb"}, "segredo", "caractere"),
    ({"id_na_resposta": "a..b"}, "id_na_resposta", "pontos"), ({"recusa_status": "40"}, "recusa_status", "números"),
    ({"recusa_status": "500"}, "recusa_status", "números"), ({"corpo": "{% for a in texto %}{% endfor %}"}, "corpo", "erro na linha"),
])
def test_a_mistake_is_refused_at_its_field(app, mudanca: dict, campo: str, dito: str) -> None:
    with app.app_context(), pytest.raises(DominioError) as erro:
        conferir(replace(META, **{"url": "https://api.exemplo.com/m", **mudanca}), exige_https=True)
    assert erro.value.campo == campo and dito in str(erro.value)


@pytest.mark.parametrize("url", ["https://api.exemplo.com:8443/v1/{{ segredo }}/m?id={{ id }}", "http://localhost:9000/m", "http://[::1]:9/m", "http://127.0.0.2/"])
def test_addresses_that_may_be_used(app, url: str) -> None:
    with app.app_context():
        conferir(replace(META, url=url, recusa_status="400, 404"), exige_https=True)


def test_the_mail_of_the_other_contract_is_not_for_telephones(app, casa_http) -> None:
    with app.app_context():
        assert enviar(nosso(casa_http), carta()).resultado is R.permanente
