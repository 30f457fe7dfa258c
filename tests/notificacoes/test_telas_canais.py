"""The screens of channels: what becomes of each one's messages is said, a provider is set up and tried, its secret is never shown."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core import relogio
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.notificacoes.canais.provedor import conferir
from app.notificacoes.modelos_prontos import PRONTOS
from app.notificacoes.models import Canal, CanalEnvio, EnvioMensagem, Notificacao, OptOut, StatusNotificacao
from app.notificacoes.services import CanalService, NotificacaoService
from tests import fabricas as f
from tests.notificacoes.test_http import CORPO, SEGREDO
from tests.notificacoes.test_segredos import onde_esta
from tests.notificacoes.test_telas import com, entrar  # noqa: F401 - fixtures
from tests.programas import programa

S = StatusNotificacao


def dados(url: str, **mudanca: str) -> dict[str, str]:
    """What is typed."""
    return {
        "url": url, "metodo": "POST", "cabecalhos": "Authorization: Bearer {{ segredo }}", "tipo": "json", "corpo": CORPO, "segredo": SEGREDO,
        "id_na_resposta": "messages.0.id", "recusa_status": "400", "recusa_texto": "131026", **mudanca,
    }


def test_a_provider_is_set_up_tried_and_its_secret_never_shown(app, http, entrar, com, casa_http) -> None:  # noqa: F811
    com(lambda s: f.uma_empresa(s))
    entrar("Admin")
    assert http.get("/mensagens/canais/").text.count("Só registra") == 3
    assert http.post("/mensagens/canais/whatsapp", data=dados(f"{casa_http.url}/m")).status_code == 302
    pagina = http.get("/mensagens/canais/whatsapp").text
    assert "127.0.0.1" in pagina and "messages.0.id" in pagina and "s3gr" not in pagina
    http.post("/mensagens/canais/whatsapp", data=dados(f"{casa_http.url}/n", segredo=""))      # the secret stays
    de_outro = http.post("/mensagens/canais/whatsapp", data=dados(casa_http.url.replace("127.0.0.1", "localhost"), segredo="")).text
    assert "O endereço é de outro servidor: digite o segredo de novo." in de_outro
    assert http.post("/mensagens/canais/whatsapp/testar", data={"telefone": "(11) 99402-9275"}).status_code == 302
    assert "O provedor aceitou a mensagem de teste. Ele respondeu: 200" in http.get("/mensagens/canais/whatsapp").text
    (pedido,) = casa_http.recebidos
    assert (pedido.caminho, pedido.cabecalhos["Authorization"], pedido.json["to"]) == ("/n", f"Bearer {SEGREDO}", "5511994029275")
    assert "o envio por WhatsApp está funcionando" in pedido.json["text"]["body"]
    tentativa = com(lambda s: s.scalars(select(EnvioMensagem)).one())
    assert (tentativa.por, tentativa.id_no_provedor) == ("http", "wamid.1") and "wamid.1" in http.get(f"/mensagens/show/{tentativa.notificacao_id}").text
    with app.app_context(), transacao() as s:
        assert onde_esta(SEGREDO) == []
        assert s.scalars(select(UserAuditLog).where(UserAuditLog.resource == "canal_envio")).first()
    numero = com(lambda s: s.scalars(select(CanalEnvio.id)).one())
    dito = programa(app)("GET", f"/canal_envio/{numero}")
    assert dito.json["result"]["metodo"] == "POST" and "s3gr" not in dito.text and "127.0.0.1" not in dito.text
    http.post("/mensagens/canais/whatsapp/esquecer")
    guardado = com(lambda s: (linha := s.scalars(select(CanalEnvio)).one(), linha.url, linha.segredo))
    assert guardado[1:] == (None, None) and http.get("/mensagens/canais/").text.count("Só registra") == 3


@pytest.mark.parametrize(("status", "corpo", "dito"), [
    (401, b"nao", "confira o segredo"), (500, b"fora", "não atendeu agora: 500 fora"), (422, b"texto", "recusou a mensagem: 422 texto"),
    (400, b"131026", "não recebe mensagens: 400"),
])
def test_a_refused_test_says_in_words_what_was_answered(http, entrar, com, casa_http, status: int, corpo: bytes, dito: str) -> None:  # noqa: F811
    entrar("Admin")
    http.post("/mensagens/canais/sms", data=dados(casa_http.url))
    com(lambda s: CanalService(s).parar(Canal.sms, "401 antes", em=relogio.agora()))
    casa_http.status, casa_http.corpo = status, corpo
    http.post("/mensagens/canais/sms/testar", data={"telefone": "11994029275"})
    pagina = http.get("/mensagens/canais/sms").text
    assert dito in pagina and "401 antes" in pagina
    assert com(lambda s: s.scalars(select(Notificacao.status).where(Notificacao.evento == "teste_canal")).all()) == [S.falha]


def test_a_stopped_channel_says_why_and_goes_on_by_a_button_or_a_good_test(http, entrar, com, casa_http) -> None:  # noqa: F811
    entrar("Admin")
    http.post("/mensagens/canais/whatsapp", data=dados(casa_http.url))
    for gesto in ("retomar", "testar"):
        com(lambda s: CanalService(s).parar(Canal.whatsapp, "401 token vencido", em=relogio.agora()))
        pagina = http.get("/mensagens/canais/").text
        assert "Parado" in pagina and "401 token vencido" in pagina and "401 token vencido" in http.get("/mensagens/list/").text
        http.post(f"/mensagens/canais/whatsapp/{gesto}", data={"telefone": "11994029275"})
        assert com(lambda s: s.scalars(select(CanalEnvio.parado_em)).one()) is None


@pytest.mark.parametrize(("mudanca", "dito"), [
    ({"corpo": '{"a": {{ texto }}}'}, "JSON válido"), ({"url": "ftp://x"}, "endereço completo"), ({"cabecalhos": "X: {{ texto }}"}, "não há o campo texto"),
    ({"segredo": ""}, "informe o segredo"), ({"url": ""}, "Informe o endereço"), ({"recusa_status": "abc"}, "números de resposta"),
])
def test_a_mistake_is_told_at_its_field_and_what_was_typed_stays(http, entrar, com, mudanca: dict, dito: str) -> None:  # noqa: F811
    entrar("Admin")
    resposta = http.post("/mensagens/canais/sms", data={**dados("https://api.exemplo.com/m"), **mudanca})
    assert resposta.status_code == 200 and dito in resposta.text and "messages.0.id" in resposta.text and SEGREDO not in resposta.text
    assert com(lambda s: s.scalar(select(CanalEnvio.url))) is None


def test_production_takes_https_alone(app, http, entrar, com, monkeypatch) -> None:  # noqa: F811
    entrar("Admin")
    monkeypatch.setitem(app.config, "AMBIENTE", "producao")
    assert "Use https" in http.post("/mensagens/canais/sms", data=dados("http://api.exemplo.com/m")).text


def test_a_test_without_provider_or_telephone_is_refused_in_words(http, entrar, com, casa_http) -> None:  # noqa: F811
    entrar("Admin")
    http.post("/mensagens/canais/sms/testar", data={"telefone": "11994029275"})
    assert "Nenhum provedor" in http.get("/mensagens/canais/sms").text
    http.post("/mensagens/canais/sms", data=dados(casa_http.url))
    assert "telefone com DDD" in http.post("/mensagens/canais/sms/testar", data={"telefone": "123"}).text and casa_http.recebidos == []
    assert http.get("/mensagens/canais/interno").status_code == 404


@pytest.mark.parametrize("chave", PRONTOS)
def test_every_provider_to_begin_with_can_be_saved(app, http, entrar, chave: str) -> None:  # noqa: F811
    from dataclasses import replace

    pronto = PRONTOS[chave]
    with app.app_context():
        conferir(replace(pronto.provedor, segredo="conta:token"), exige_https=True)
    entrar("Admin")
    pagina = http.get(f"/mensagens/canais/{pronto.canal.name}?modelo={chave}").text
    assert pronto.provedor.url in pagina and pronto.explicacao[:30] in pagina


def test_a_telephone_is_refused_by_its_digits_on_screen_and_by_api(app, http, entrar, com) -> None:  # noqa: F811
    entrar("Financeiro")
    resposta = http.post("/mensagens/recusas/add", data={"canal": "whatsapp", "destinatario": "123", "evento": "", "motivo": "pediu"})
    assert "telefone com DDD" in resposta.text
    pedido = {"canal": "whatsapp", "destinatario": "+55 (11) 99402-9275", "evento": "", "motivo": "pediu"}
    assert http.post("/mensagens/recusas/add", data=pedido).status_code == 302
    criado = programa(app)("POST", "/opt_out/", json={"canal": "sms", "destinatario": "(11) 99402-9275", "evento": "teste_canal", "motivo": "pediu"})
    assert criado.status_code == 201 and [o.destinatario for o in com(lambda s: s.scalars(select(OptOut)).all())] == ["11994029275"] * 2
    recusa = programa(app)("POST", "/opt_out/", json={"canal": "sms", "destinatario": "9", "motivo": "pediu"})
    assert recusa.status_code == 400 and "telefone com DDD" in recusa.json["message"]

    def agendados(s) -> list[StatusNotificacao]:
        servico = NotificacaoService(s)
        feitas = [servico.agendar(evento, chave=f"{canal}{evento}", destinatario="55 11 99402-9275", canal=canal)
                  for canal, evento in ((Canal.whatsapp, "teste_canal"), (Canal.sms, "teste_canal"), (Canal.sms, "senha_trocada"))]
        return [n.status for n in feitas]

    assert com(agendados) == [S.cancelada, S.cancelada, S.pendente]


def test_a_password_of_one_mail_server_is_not_sent_to_another(http, entrar, com) -> None:  # noqa: F811
    entrar("Admin")
    servidor = {"servidor": "smtp.exemplo.com.br", "porta": "587", "seguranca": "starttls", "usuario": "crm", "senha": "s3nha-do-correio", "remetente": ""}
    assert http.post("/mensagens/email/", data=servidor).status_code == 302
    recusa = http.post("/mensagens/email/", data=servidor | {"servidor": "smtp.de-outro.example", "senha": ""})
    assert recusa.status_code == 200 and "O servidor é outro: digite a senha de novo." in recusa.text
    assert "smtp.exemplo.com.br" in com(lambda s: s.scalars(select(CanalEnvio.url)).one())
    for mudanca in ({"porta": "465", "seguranca": "tls", "senha": ""}, {"servidor": "smtp.de-outro.example", "senha": "outra"},
                    {"servidor": "smtp.sem-conta.example", "usuario": "", "senha": ""}):
        assert http.post("/mensagens/email/", data=servidor | mudanca).status_code == 302
    url = com(lambda s: s.scalars(select(CanalEnvio.url)).one())
    assert "smtp.sem-conta.example" in url and "s3nha" not in url and "outra" not in url
