"""The first week: each step optional, done when the data say so, resumable, dismissible."""

from __future__ import annotations

import io
import re
import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, text

from app.core.models import Empresa
from app.core.transacao import transacao
from app.dashboard import passos
from app.faturamento.models import PoliticaCobranca
from app.notificacoes.canais.smtp import ServidorSmtp
from app.notificacoes.models import CanalEnvio
from app.planos.models import Plano
from tests import fabricas as f
from tests.core.test_telas import png

EMPRESA = {"razao_social": "Fibra Nova Ltda", "cnpj": "11.222.333/0001-81", "municipio": "Campinas", "uf": "SP", "cep": "13010-000"}


@pytest.fixture(autouse=True)
def admin(app, http) -> None:
    """An administrator, signed in."""
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
    http.entrar("chefe")


def feitos(app) -> set[str]:
    with app.app_context(), transacao() as s:
        return {nome for nome, feito in passos.feitos(s).items() if feito}


def test_the_first_week_from_nothing_to_done(app, http) -> None:
    assert feitos(app) == set()
    passo = "/primeiros-passos"
    assert http.post(f"{passo}/empresa", data={**EMPRESA, "logo": (io.BytesIO(png()), "logo.png")}).location == f"{passo}/pix"
    assert http.post(f"{passo}/pix", data={"chave_pix": "11.222.333/0001-81"}).location == f"{passo}/email"
    with app.app_context(), transacao() as s:
        politica = f.uma_politica(s, nome="A escolhida", padrao=False)
        chave = politica.id
    assert http.post(f"{passo}/politica", data={"politica": chave}).location == f"{passo}/plano"
    plano = {"nome": "Fibra 500", "download_mbps": "500", "upload_mbps": "250", "preco": "99,90"}
    assert http.post(f"{passo}/plano", data=plano).location == f"{passo}/usuarios"
    pessoa = {"first_name": "Rita", "last_name": "Souza", "email": "rita@exemplo.com.br", "papel": "Financeiro"}
    link = re.search(r'<code id="link-convite"[^>]*>http://localhost([^<]+)<', http.post(f"{passo}/usuarios", data=pessoa).text).group(1)
    assert "Rita Souza" in app.test_client().get(link).text
    assert feitos(app) == {"empresa", "pix", "politica", "plano", "usuarios"}
    with app.app_context(), transacao() as s:
        assert [p.nome for p in s.scalars(select(PoliticaCobranca).where(PoliticaCobranca.padrao))] == ["A escolhida"]
        assert (s.scalars(select(Empresa)).one().chave_pix, str(s.scalars(select(Plano)).one().preco)) == ("11222333000181", "99.90")


def test_the_pix_step_shows_a_code_to_be_checked_with_a_bank(http) -> None:
    http.post("/primeiros-passos/empresa", data=EMPRESA)
    http.post("/primeiros-passos/pix", data={"chave_pix": "Pix@Exemplo.com.br"})
    pagina = http.get("/primeiros-passos/pix").text
    assert "<svg" in pagina and 'value="pix@exemplo.com.br"' in pagina


@pytest.mark.parametrize(("passo", "dados", "motivo"), [
    ("empresa", {**EMPRESA, "cnpj": "1"}, "CNPJ inválido"), ("pix", {"chave_pix": "xyz"}, "Não é uma chave Pix"),
    ("pix", {"chave_pix": "a@exemplo.com.br"}, "Cadastre a empresa primeiro"), ("plano", {"nome": "x"}, "Informe o preço"),
    ("plano", {"nome": "x", "download_mbps": "0", "upload_mbps": "1", "preco": "1"}, "Informe a velocidade"),
    ("plano", {"nome": "x", "download_mbps": "1", "upload_mbps": "1", "preco": "1e9"}, "Informe um valor como"),
    ("plano", {"nome": "x", "download_mbps": "1", "upload_mbps": "1", "preco": "10.000.000"}, "de 0,00 a 9.999.999,00"),
    ("politica", {"politica": "999999"}, "erro"),
    ("usuarios", {"first_name": "A", "last_name": "B", "email": "chefe@exemplo.com.br", "papel": "Gerente"}, "Já existe um usuário"),
    ("usuarios", {"first_name": "A", "last_name": "B", "username": "novo", "email": "x@exemplo.com.br", "papel": "Admin"}, "erro"),
])
def test_a_refused_step_says_why_and_saves_nothing(app, http, passo: str, dados: dict, motivo: str) -> None:
    antes = feitos(app)
    resposta = http.post(f"/primeiros-passos/{passo}", data=dados)
    assert resposta.status_code == 200 and motivo in resposta.text and feitos(app) == antes


@pytest.fixture
def servidor_smtp() -> Iterator[Controller]:
    """A mail server on loopback that keeps what it gets."""

    class Caixa:
        recebidas: list[str] = []

        async def handle_DATA(self, _servidor, _sessao, envelope) -> str:
            self.recebidas.append(envelope.rcpt_tos[0])
            return "250 OK"

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        porta = s.getsockname()[1]
    controlador = Controller(Caixa(), hostname="127.0.0.1", port=porta)
    controlador.start()
    yield controlador
    controlador.stop()


def test_the_mail_step_stores_the_server_and_sends_a_test(app, http, servidor_smtp) -> None:
    dados = {"servidor": "127.0.0.1", "porta": servidor_smtp.port, "seguranca": "nenhuma", "destinatario": "dono@exemplo.com.br"}
    dados["remetente"] = "faturas@exemplo.com.br"
    resposta = http.post("/primeiros-passos/email", data=dados)
    assert resposta.location == "/primeiros-passos/politica", re.findall(r"resumo-erros.*?</div>", resposta.text, re.S)
    assert servidor_smtp.handler.recebidas == ["dono@exemplo.com.br"] and "email" in feitos(app)


def test_a_mail_server_that_does_not_answer_is_said_and_the_step_stays_open(app, http) -> None:
    dados = {"servidor": "127.0.0.1", "porta": "1", "seguranca": "nenhuma", "destinatario": "dono@exemplo.com.br"}
    resposta = http.post("/primeiros-passos/email", data=dados)
    assert resposta.status_code == 200 and "resumo-erros" in resposta.text and "email" not in feitos(app)
    assert 'value="127.0.0.1"' in http.get("/primeiros-passos/email").text


def test_the_mail_password_is_kept_when_not_typed_again_and_never_shown(app, http) -> None:
    dados = {"servidor": "127.0.0.1", "porta": "1", "seguranca": "nenhuma", "usuario": "conta@x.com.br", "senha": "s3gr:do/@"}
    dados["destinatario"] = "d@exemplo.com.br"
    http.post("/primeiros-passos/email", data=dados)
    http.post("/primeiros-passos/email", data={**dados, "senha": "", "porta": "2"})
    with app.app_context(), transacao() as s:
        guardado = ServidorSmtp.de_url(s.scalars(select(CanalEnvio)).one().url)
        assert (guardado.senha, guardado.usuario, guardado.porta) == ("s3gr:do/@", "conta@x.com.br", 2)
        assert "s3gr" not in str(s.execute(text("select url from canal_envio")).all())
    assert "s3gr" not in http.get("/primeiros-passos/email").text


def test_a_plan_may_be_free(app, http) -> None:
    """Partners and test accounts have a contract at nothing."""
    plano = {"nome": "Cortesia", "download_mbps": "50", "upload_mbps": "50", "preco": "0,00"}
    assert http.post("/primeiros-passos/plano", data=plano).status_code == 302
    with app.app_context(), transacao() as s:
        assert s.scalars(select(Plano.preco).where(Plano.nome == "Cortesia")).one() == 0
    assert "plano" in feitos(app)


def test_the_same_plan_twice_is_refused_at_its_name(http) -> None:
    plano = {"nome": "Fibra 500", "download_mbps": "500", "upload_mbps": "250", "preco": "99,90"}
    assert http.post("/primeiros-passos/plano", data=plano).status_code == 302
    assert "Já existe um plano" in http.post("/primeiros-passos/plano", data=plano).text


def test_the_checklist_leaves_the_home_page_when_dismissed(http) -> None:
    assert "Falta:" in http.get("/").text
    http.post("/primeiros-passos/dispensar")
    assert "Falta:" not in http.get("/").text
    assert http.get("/primeiros-passos/").status_code == 200


@pytest.mark.parametrize("passo", sorted(passos.PASSOS))
def test_every_step_opens(http, passo: str) -> None:
    assert http.get(f"/primeiros-passos/{passo}").status_code == 200


def test_only_administrators_take_the_first_steps(app, http) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Gerente", usuario="ana")
    outra = app.test_client()
    outra.entrar("ana")
    assert [outra.get("/primeiros-passos/").status_code, outra.post("/primeiros-passos/plano").status_code] == [403, 403]
    assert outra.post("/primeiros-passos/dispensar").status_code == 403
    assert app.test_client().get("/primeiros-passos/").status_code == 302


def test_no_policy_promises_a_reduction_that_nothing_does(app, http) -> None:
    with app.app_context(), transacao() as s:
        chave = f.uma_politica(s, dias_reducao=7).id
    paginas = (f"/faturamento/politicas/edit/{chave}", f"/faturamento/politicas/show/{chave}", "/primeiros-passos/politica")
    assert not any(re.search("redução", http.get(p).text.split("<main")[1], re.IGNORECASE) for p in paginas)
