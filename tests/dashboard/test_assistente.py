"""The first week: each step optional, done when the data say so, resumable, dismissible."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import select

from app.core.models import Empresa
from app.core.transacao import transacao
from app.dashboard import passos
from app.faturamento.models import PoliticaCobranca
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
    pessoa = {"first_name": "Rita", "last_name": "Souza", "username": "rita", "email": "rita@exemplo.com.br", "papel": "Financeiro"}
    resposta = http.post(f"{passo}/usuarios", data=pessoa)
    senha = re.search(r'<code id="senha-nova">([^<]+)<', resposta.text).group(1)
    assert app.test_client().entrar("rita", senha).status_code == 302
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
    ("plano", {"nome": "x", "download_mbps": "0", "upload_mbps": "1", "preco": "1"}, "Informe a velocidade"), ("politica", {"politica": "999999"}, "erro"),
    ("usuarios", {"first_name": "A", "last_name": "B", "username": "chefe", "email": "x@exemplo.com.br", "papel": "Gerente"}, "Já existe um usuário"),
    ("usuarios", {"first_name": "A", "last_name": "B", "username": "novo", "email": "x@exemplo.com.br", "papel": "Admin"}, "erro"),
])
def test_a_refused_step_says_why_and_saves_nothing(app, http, passo: str, dados: dict, motivo: str) -> None:
    antes = feitos(app)
    resposta = http.post(f"/primeiros-passos/{passo}", data=dados)
    assert resposta.status_code == 200 and motivo in resposta.text and feitos(app) == antes


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
