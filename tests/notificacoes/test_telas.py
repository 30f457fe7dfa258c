"""Screens of messages: what the customer sees is seen, texts with mistakes are refused, secrets stay in, alerts are one's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from flask_appbuilder.security.sqla.models import Group, Role, User
from sqlalchemy import func, select, update

from app.core import registro, relogio
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.extensions import db
from app.notificacoes.eventos_da_casa import MODELOS
from app.notificacoes.models import (
    Canal,
    CanalEnvio,
    EnvioMensagem,
    ModeloMensagem,
    Notificacao,
    OptOut,
    ResultadoTentativa,
    StatusNotificacao,
)
from app.notificacoes.regras import conferir_modelo
from app.notificacoes.services import CanalService, NotificacaoService
from tests import fabricas as f
from tests.notificacoes.apoio import FATURA

S = StatusNotificacao


@pytest.fixture
def entrar(app, http):
    """``entrar("Gerente")``: a browser of that role; its user's id."""
    def como(papel: str = "Admin") -> int:
        with app.app_context(), transacao() as s:
            quem = f.um_usuario(s, papel)
            nome, numero = quem.username, quem.id
        http.post("/logout/")
        http.entrar(nome)
        return numero

    return como


@pytest.fixture
def com(app):
    """Run something in one transaction; a row it gives may be read afterwards."""
    def fazer(funcao):
        with app.app_context(), transacao() as s:
            s.expire_on_commit = False
            return funcao(s)

    return fazer


def uma(s, **kw) -> int:
    """A message, pending unless said otherwise."""
    valores = {"evento": "lembrete_vencimento", "chave": f"t{kw}"[:190], "canal": Canal.email, "destinatario": "maria@exemplo.com.br", "dados": FATURA,
               "status": S.pendente, "quando": relogio.agora(), "anexos": []}
    return f.gravar(s, Notificacao(**{**valores, **kw})).id


def ler(com, numero: int) -> Notificacao:
    return com(lambda s: s.get(Notificacao, numero, populate_existing=True))


def test_a_message_is_shown_as_it_will_leave_and_its_frame_can_do_nothing(http, entrar, com) -> None:
    numero = com(lambda s: uma(s, dados={**FATURA, "nome": "<script>alert(1)</script>"}))
    entrar("Atendente")
    pagina = http.get(f"/mensagens/show/{numero}")
    assert pagina.status_code == 200 and f"/mensagens/{numero}/corpo" in pagina.text and "Sua fatura vence" in pagina.text
    corpo = http.get(f"/mensagens/{numero}/corpo")
    assert "&lt;script&gt;alert(1)" in corpo.text and "<script" not in corpo.text
    assert corpo.headers["X-Frame-Options"] == "SAMEORIGIN" and "sandbox" in corpo.headers["Content-Security-Policy"]
    assert "script-src" not in corpo.headers["Content-Security-Policy"]


def test_a_message_that_cannot_be_made_says_why_on_its_page(http, entrar, com) -> None:
    numero = com(lambda s: uma(s, dados={}))
    entrar("Atendente")
    assert "um campo que esta mensagem não tem" in http.get(f"/mensagens/show/{numero}").text


def test_an_attachment_is_made_and_downloaded(http, entrar, com) -> None:
    registro.fazedor_de_pdf("teste", lambda n: f"%PDF {n}".encode())
    numero = com(lambda s: uma(s, anexos=[{"pdf": "teste", "id": 7, "nome": "fatura-000000007.pdf"}]))
    entrar("Atendente")
    assert "fatura-000000007.pdf" in http.get(f"/mensagens/show/{numero}").text
    arquivo = http.get(f"/mensagens/{numero}/anexo/0")
    assert (arquivo.data, arquivo.mimetype) == (b"%PDF 7", "application/pdf") and "fatura-000000007.pdf" in arquivo.headers["Content-Disposition"]
    assert http.get(f"/mensagens/{numero}/anexo/1").status_code == 404
    registro._pdfs.pop("teste")


def test_what_failed_is_sent_again_and_what_waits_is_cancelled_with_a_reason(http, entrar, com) -> None:
    falhou = com(lambda s: uma(s, chave="a", status=S.falha, erro="451", tentativas=8))
    espera = com(lambda s: uma(s, chave="b"))
    enviada = com(lambda s: uma(s, chave="c", status=S.enviada, enviada_em=relogio.agora(), corpo="oi", assunto="oi"))
    entrar("Financeiro")
    assert [f"/mensagens/action/cancelar/{n}" in http.get(f"/mensagens/show/{n}").text for n in (espera, enviada)] == [True, False]
    http.post("/mensagens/action_post", data={"action": "reenviar", "rowid": [falhou, enviada]})
    assert (ler(com, falhou).status, ler(com, falhou).tentativas, ler(com, enviada).status) == (S.pendente, 0, S.enviada)
    copias = com(lambda s: s.scalars(select(Notificacao).where(Notificacao.chave.startswith("c:r"))).all())
    assert [(c.status, c.corpo) for c in copias] == [(S.pendente, "oi")]
    http.post("/mensagens/action_post", data={"action": "cancelar", "rowid": [espera]})
    assert ler(com, espera).status is S.pendente      # no reason
    http.post("/mensagens/action_post", data={"action": "cancelar", "rowid": [espera, enviada], "motivo": "cliente ligou"})
    assert (ler(com, espera).status, ler(com, espera).erro, ler(com, enviada).status) == (S.cancelada, "cliente ligou", S.enviada)
    assert "já foi enviada" in http.get("/mensagens/list/").text
    feitos = select(UserAuditLog.action).where(UserAuditLog.resource == "notificacao", UserAuditLog.resource_id == str(espera))
    assert com(lambda s: s.scalars(feitos).all()) == ["cancelar"]


def test_messages_to_people_of_the_house_are_the_administrators(http, entrar, com) -> None:
    numero = com(lambda s: uma(s, canal=Canal.interno, usuario_id=999_999, status=S.enviada, corpo="segredo", assunto="aviso-da-casa"))
    entrar("Gerente")
    assert "aviso-da-casa" not in http.get("/mensagens/list/").text
    assert http.get(f"/mensagens/show/{numero}").status_code in (302, 404) and http.get(f"/mensagens/{numero}/corpo").status_code == 404
    entrar("Admin")
    assert "aviso-da-casa" in http.get("/mensagens/list/").text


def so_do_grupo(s, numero: int, papel: str = "Admin") -> None:
    """The person keeps no role of his own: all comes from a group."""
    quem = s.get(User, numero)
    papel_do_grupo = s.scalars(select(Role).where(Role.name == papel)).one()
    s.add(Group(name="turma", label="Turma", description="", roles=[papel_do_grupo], users=[quem]))
    quem.roles = []
    s.flush()


def test_an_administrator_by_group_sees_them_too_and_hears_the_bell(http, entrar, com) -> None:
    com(lambda s: uma(s, canal=Canal.interno, usuario_id=999_999, status=S.enviada, corpo="segredo", assunto="aviso-da-casa"))
    chefe = entrar("Gerente")
    com(lambda s: so_do_grupo(s, chefe))
    assert "aviso-da-casa" in http.get("/mensagens/list/").text
    assert com(lambda s: NotificacaoService(s).avisar_equipe("email_parado", chave="x", dados={"motivo": "535"})) == 1


def test_the_list_says_that_mail_is_stopped_or_kept_in(app, http, entrar, com, monkeypatch) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", "")
    entrar("Atendente")
    assert "nada sai" in http.get("/mensagens/list/").text
    com(lambda s: CanalService(s).parar(Canal.email, "535 senha errada", em=relogio.agora()))
    assert "535 senha errada" in http.get("/mensagens/list/").text


# ---- texts


def modelo(com, evento: str = "fatura_emitida") -> ModeloMensagem:
    return com(lambda s: s.scalars(select(ModeloMensagem).where(ModeloMensagem.evento == evento, ModeloMensagem.canal == Canal.email)).one())


def test_a_text_is_edited_and_previewed_with_example_data(http, entrar, com) -> None:
    numero = modelo(com).id
    entrar("Gerente")
    pagina = http.get(f"/mensagens/modelos/edit/{numero}").text
    assert "{{ vencimento }}" in pagina and "Número da fatura" in pagina and 'formtarget="previa"' in pagina
    previa = http.post(f"/mensagens/modelos/{numero}/previa", data={"assunto": "Fatura {{ numero }}", "corpo": "Oi {{ nome }}, {{ vencimento | em_dias }}"})
    assert "Fatura 000000123" in previa.text and "Oi Maria da Silva" in previa.text and previa.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert http.get(f"/mensagens/modelos/{numero}/previa").status_code == 200 == http.get(f"/mensagens/modelos/show/{numero}").status_code
    assert http.post(f"/mensagens/modelos/edit/{numero}", data={"assunto": "Fatura {{ numero }}", "corpo": "Oi {{ nome }}", "ativo": "y"}).status_code == 302
    assert modelo(com).corpo == "Oi {{ nome }}"


@pytest.mark.parametrize(("mudanca", "dito"), [
    ({"corpo": "{{ cpf }}"}, "não tem: cpf"), ({"assunto": "{{ nome"}, "erro na linha 1"), ({"corpo": "{% if nome %}oi"}, "erro na linha"),
    ({"corpo": "{{ nome | inventado }}"}, "não existe “inventado”"), ({"corpo": "{{ nome is foo }}"}, "não existe a condição “foo”"),
    ({"corpo": "{% if nome is foo %}a{% endif %}"}, "não existe a condição “foo”"), ({"corpo": "{{ nome.foo }}"}, "não tem: foo"),
    ({"corpo": "{{ nome[99] }}"}, "não tem: 99"),
    ({"corpo": "Olá {{ nome | em_dias }}"}, "não pôde ser preenchido"), ({"assunto": "{{ nome - 1 }}"}, "não pôde ser preenchido"),
    ({"corpo": ""}, "Escreva o texto"),
])
def test_a_text_with_a_mistake_is_refused_at_its_field_and_nothing_typed_is_lost(http, entrar, com, mudanca: dict, dito: str) -> None:
    antes = modelo(com)
    entrar("Gerente")
    resposta = http.post(f"/mensagens/modelos/edit/{antes.id}", data={"assunto": "Um assunto novo", "corpo": "{{ nome }}", "ativo": "y", **mudanca})
    assert resposta.status_code == 200 and dito in resposta.text and (mudanca.get("assunto") or "Um assunto novo") in resposta.text
    assert modelo(com).corpo == antes.corpo


def test_days_are_a_number_in_the_example_as_in_a_real_message() -> None:
    for corpo in ("{% if dias > 5 %}a{% endif %}", "{{ dias | abs }}", "{{ dias + 1 }} dias"):
        conferir_modelo("aviso_vencida", "x", corpo)


def test_a_condition_may_ask_for_one_of_several() -> None:
    conferir_modelo("aviso_vencida", "x", "{% if nome in ('Ana', 'Bia') or dias in [1, 2] %}a{% endif %}")


@pytest.mark.parametrize("corpo", [
    "{{ ''.__class__.__mro__ }}", "{{ nome.__init__.__globals__ }}", "{% for i in range(10**9) %}x{% endfor %}", "{{ 1/0 }}", "{{ 'x' * 60000000 }}",
    "{{ '%99999999s' % nome }}", "{{ nome.ljust(99999999) }}", "{{ nome | center(99999999) }}", "{% set a = nome ~ nome %}{{ a }}", "{{ [nome] | join }}",
    "{{ dias | round(2000000, 'ceil') }}", "{{ 1e400 | int }}", "{{ 'inf' | float | int }}", "{{ '\\x00' }}", "{{ '\\ud800' }}",
    "{{ cycler }}", "{{ range }}", "{{ self }}",
    "{% if 1 %}" * 120 + "{% endif %}" * 120, "{{ 1" + " + 1" * 5000 + " }}", "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
])
def test_a_text_cannot_reach_out_of_its_sandbox(http, entrar, com, corpo: str) -> None:
    numero = modelo(com).id
    entrar("Gerente")
    previa = http.post(f"/mensagens/modelos/{numero}/previa", data={"assunto": "x", "corpo": corpo})
    ditos = ("não pôde ser preenchido", "não tem:", "tem um erro na linha 1", "não pode ser enviado")
    assert previa.status_code == 200 and any(frase in previa.text for frase in ditos)
    gravado = http.post(f"/mensagens/modelos/edit/{numero}", data={"assunto": "x", "corpo": corpo, "ativo": "y"})
    assert gravado.status_code == 200 and modelo(com).corpo != corpo


def test_a_process_that_only_made_the_application_knows_every_kind_of_message_and_its_fields(app_real) -> None:
    """Web, worker, clock and commands all begin so."""
    with app_real.app_context(), transacao() as s:
        usuario, invoice = f.um_usuario(s, "Gerente").username, f.uma_invoice(s)
        uma(s, evento="aviso_vencida", invoice_id=invoice.id, cliente_id=invoice.cliente_id)
        argumentos = [usuario, str(invoice.id)]
        ambiente = {**os.environ, "B": db.engine.url.render_as_string(hide_password=False), "R": app_real.config["REDIS_URL"], "PYTHONWARNINGS": "ignore"}
    comando = [sys.executable, "-m", "tests.notificacoes.processo_limpo", *argumentos]
    visto = json.loads(subprocess.run(comando, env=ambiente, capture_output=True, text=True, check=True).stdout)
    assert "Fatura emitida" in visto["lista"] and "fatura_emitida" not in visto["lista"]
    assert len(visto["previas"]) == len(MODELOS) and not [p for p in visto["previas"] if "não tem" in p or "não pôde ser" in p]
    assert "não tem: bobagem" in visto["recusa"]
    assert "Mensagem “Aviso de fatura vencida”" in visto["fatura"] and "aviso vencida" not in visto["fatura"]


def test_the_provider_changes_texts_and_preparing_again_keeps_them(app, com) -> None:
    from app.notificacoes.sementes import semear

    com(lambda s: s.execute(update(ModeloMensagem).where(ModeloMensagem.evento == "fatura_emitida").values(corpo="meu texto")))
    quantos = com(lambda s: s.scalar(select(func.count(ModeloMensagem.id))))
    com(semear)
    assert (modelo(com).corpo, com(lambda s: s.scalar(select(func.count(ModeloMensagem.id))))) == ("meu texto", quantos)


def test_an_address_is_refused_in_lower_case_and_allowed_again(http, entrar, com) -> None:
    entrar("Financeiro")
    dados = {"canal": "email", "destinatario": "Maria@Exemplo.com.br", "evento": "", "motivo": "pediu"}
    assert http.post("/mensagens/recusas/add", data=dados).status_code == 302
    recusa = com(lambda s: s.scalars(select(OptOut)).one())
    assert (recusa.destinatario, recusa.evento) == ("maria@exemplo.com.br", None)
    nova = com(lambda s: NotificacaoService(s).agendar("x", chave="k", destinatario="MARIA@exemplo.com.br").status)
    assert nova is S.cancelada
    http.post(f"/mensagens/recusas/delete/{recusa.id}")
    assert com(lambda s: s.scalar(select(func.count(OptOut.id)))) == 0


# ---- the server


def test_the_mail_server_is_stored_encrypted_and_its_password_never_shown(app, http, entrar, com) -> None:
    entrar("Admin")
    dados = {"servidor": "smtp.exemplo.com.br", "porta": "587", "seguranca": "starttls", "usuario": "crm@x", "senha": "s3nha/#@", "remetente": "eu@exemplo.com"}
    assert http.post("/mensagens/email/", data=dados).status_code == 302
    pagina = http.get("/mensagens/email/").text
    assert "smtp.exemplo.com.br:587" in pagina and "s3nha" not in pagina
    assert com(lambda s: s.scalars(select(CanalEnvio)).one().url) == "smtp://crm%40x:s3nha%2F%23%40@smtp.exemplo.com.br:587?starttls=1"
    http.post("/mensagens/email/", data={**dados, "senha": "", "porta": "2525"})
    assert com(lambda s: s.scalars(select(CanalEnvio)).one().url) == "smtp://crm%40x:s3nha%2F%23%40@smtp.exemplo.com.br:2525?starttls=1"
    with app.app_context():
        cru = db.session.scalar(db.text("select url from canal_envio"))
        auditado = [str(a.depois) for a in db.session.scalars(select(UserAuditLog).where(UserAuditLog.resource == "canal_envio"))]
    assert "s3nha" not in cru and auditado and not any("s3nha" in a for a in auditado)


def test_a_test_message_leaves_and_its_refusal_is_told(app, http, entrar, com, caixa, monkeypatch) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", caixa.url)
    com(lambda s: f.uma_empresa(s))
    entrar("Admin")
    http.post("/mensagens/email/testar")
    assert len(caixa.mensagens) == 1 and "Mensagem de teste enviada" in http.get("/mensagens/email/").text
    caixa.senha_certa = "mudou"
    http.post("/mensagens/email/testar")
    assert "535" in http.get("/mensagens/email/").text


def test_stopped_mail_goes_on_by_a_button(http, entrar, com) -> None:
    com(lambda s: CanalService(s).parar(Canal.email, "535 senha errada", em=relogio.agora()))
    entrar("Admin")
    assert "Retomar o envio" in http.get("/mensagens/email/").text
    http.post("/mensagens/email/retomar")
    assert com(lambda s: s.scalars(select(CanalEnvio)).one().parado_em) is None
    entrar("Gerente")
    assert http.get("/mensagens/email/").status_code in (302, 403)


# ---- the bell


def test_the_bell_rings_for_its_owner_alone_until_he_has_read(http, entrar, com) -> None:
    outro = entrar("Gerente")
    eu = entrar("Atendente")
    for dono, assunto in ((eu, "meu aviso"), (outro, "aviso alheio")):
        com(lambda s, d=dono, a=assunto: uma(s, chave=a, canal=Canal.interno, usuario_id=d, status=S.enviada, enviada_em=relogio.agora(), assunto=a, corpo=a))
    assert [i["assunto"] for i in http.get("/notificacoes/sino?formato=json").json["itens"]] == ["meu aviso"]
    inicio = http.get("/mensagens/list/").text
    assert "1 aviso não lido" in inicio and "meu aviso" in inicio and "aviso alheio" not in inicio
    pagina = http.get("/notificacoes/sino").text
    assert "meu aviso" in pagina and "aviso alheio" not in pagina
    http.post("/notificacoes/sino/lidas")
    assert http.get("/notificacoes/sino?formato=json").json["total"] == 0 and "meu aviso" in http.get("/notificacoes/sino").text
    assert com(lambda s: s.scalar(select(func.count()).where(Notificacao.usuario_id == outro, Notificacao.lida_em.is_(None)))) == 1


def test_the_bell_is_not_for_strangers(http) -> None:
    assert http.get("/notificacoes/sino").status_code in (302, 401)
    assert http.post("/notificacoes/sino/lidas").status_code in (302, 401)


def test_the_customers_page_shows_his_last_messages(http, entrar, com) -> None:
    cliente = com(lambda s: f.um_cliente(s).id)
    com(lambda s: uma(s, cliente_id=cliente, assunto="Sua fatura de março", corpo="x", status=S.enviada, enviada_em=relogio.agora()))
    entrar("Atendente")
    assert "Sua fatura de março" in http.get(f"/clientes/{cliente}").text
    assert "Sua fatura de março" in http.get(f"/mensagens/list/?_flt_0_cliente_id={cliente}").text


@pytest.mark.parametrize(("por", "diz"), [(("diario",), True), (("smtp",), False), (("diario", "smtp"), False), ((), False)])
def test_a_message_that_only_went_to_the_journal_is_never_called_sent(http, entrar, com, por: tuple[str, ...], diz: bool) -> None:
    def gravar(s) -> tuple[int, int]:
        invoice = f.uma_invoice(s)
        enviada = {"status": S.enviada, "enviada_em": relogio.agora(), "assunto": "Sua fatura", "evento": "fatura_emitida"}
        numero = uma(s, cliente_id=invoice.cliente_id, invoice_id=invoice.id, **enviada)
        for quem in por:
            f.gravar(s, EnvioMensagem(notificacao_id=numero, canal=Canal.email, por=quem, resultado=ResultadoTentativa.enviada))
        return invoice.id, invoice.cliente_id

    invoice, cliente = com(gravar)
    entrar("Gerente")
    for pagina in ("/mensagens/list/", f"/faturamento/{invoice}", f"/clientes/{cliente}", "/mensagens/exportar/csv"):
        resposta = http.get(pagina)
        assert (resposta.status_code, "Só registrada" in resposta.text) == (200, diz), pagina


def test_the_list_shows_the_kind_of_message_by_its_title(http, entrar, com) -> None:
    com(lambda s: uma(s, evento="fatura_emitida"))
    entrar("Gerente")
    pagina = http.get("/mensagens/list/").text.split("<tbody")[1].split("</tbody>")[0]
    assert "Fatura emitida" in pagina and "fatura_emitida" not in pagina
