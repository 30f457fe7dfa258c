"""Contracts: numbered, versioned, created on the screen as drafts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato, ContratoHistorico
from app.contratos.services import ContratoService
from app.core.erros import RegraViolada, TransicaoInvalida, ValorInvalido
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.extensions import db
from tests import fabricas as f

DIA = dt.date(2026, 5, 4)


@pytest.fixture
def rascunho(sessao) -> Contrato:
    """A draft."""
    return ContratoService(sessao).criar_contrato(f.um_cliente(sessao).id, f.um_plano(sessao, fidelidade_meses=12).id, data_inicio=DIA)


def test_a_contract_is_numbered_within_its_year_and_copies_the_price(sessao, rascunho) -> None:
    outro = ContratoService(sessao).criar_contrato(rascunho.cliente_id, rascunho.plano_id, data_inicio=DIA)
    assert (rascunho.numero[:5], int(outro.numero[5:]) - int(rascunho.numero[5:])) == ("2026-", 1)
    assert (rascunho.preco, rascunho.status, rascunho.fidelidade_ate) == (Decimal("99.90"), StatusContrato.rascunho, dt.date(2027, 5, 3))
    assert rascunho.login_pppoe and len(rascunho.senha_pppoe) == 10


def test_every_change_of_plan_is_a_version_with_the_old_price_kept(sessao, rascunho) -> None:
    novo = f.um_plano(sessao, preco=Decimal("149.90"))
    ContratoService(sessao).mudar_plano(rascunho.id, novo.id, em=DIA)
    versoes = sessao.execute(select(ContratoHistorico.versao, ContratoHistorico.preco).order_by(ContratoHistorico.versao)).all()
    assert versoes == [(1, Decimal("99.90")), (2, Decimal("149.90"))]


def test_a_plan_not_sold_any_more_is_refused(sessao) -> None:
    with pytest.raises(RegraViolada):
        ContratoService(sessao).criar_contrato(f.um_cliente(sessao).id, f.um_plano(sessao, ativo=False).id, data_inicio=DIA)


def test_a_discount_above_the_price_is_refused(sessao) -> None:
    with pytest.raises(ValorInvalido):
        ContratoService(sessao).criar_contrato(f.um_cliente(sessao).id, f.um_plano(sessao).id, data_inicio=DIA, desconto=Decimal("100.00"))


def test_an_ended_contract_does_not_come_back(sessao, rascunho) -> None:
    servico = ContratoService(sessao)
    servico.ativar(rascunho.id, em=DIA)
    servico.cancelar(rascunho.id, em=DIA, motivo="mudou")
    with pytest.raises(TransicaoInvalida):
        servico.ativar(rascunho.id, em=DIA)


def test_a_contract_does_not_end_before_it_begins(sessao, rascunho) -> None:
    ContratoService(sessao).ativar(rascunho.id, em=DIA)
    with pytest.raises(ValorInvalido):
        ContratoService(sessao).cancelar(rascunho.id, em=DIA - dt.timedelta(days=1), motivo="x")


# ---- screens


def test_a_draft_is_created_in_two_steps(app, http) -> None:
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Atendente").username
        cliente_id, plano_id = f.um_cliente(s, nome="Bia").id, f.um_plano(s).id
    http.entrar(nome)
    passo = http.post("/contratos/novo", data={"cliente": cliente_id})
    assert passo.status_code == 302 and f"cliente={cliente_id}" in passo.location
    assert "Bia" in http.get(passo.location).text
    dados = {"plano_id": plano_id, "endereco_id": 0, "data_inicio": "2026-05-04", "cobranca": "antecipada", "desconto": "10,00", "chave": "uma-abertura"}
    paginas = [http.post(passo.location, data=dados, follow_redirects=True) for _vez in range(2)]      # pressed twice
    assert paginas[0].request.path == paginas[1].request.path
    assert "Contrato criado como rascunho" in paginas[0].text and "Este contrato já estava criado" in paginas[1].text
    with app.app_context():
        contrato = db.session.scalars(select(Contrato)).one()
        assert (contrato.desconto, contrato.status) == (Decimal("10.00"), StatusContrato.rascunho)


def test_nobody_chooses_the_first_plan_by_not_looking(app, http) -> None:
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Atendente").username
        contrato_id, cliente_id = f.um_contrato(s).id, f.um_cliente(s).id
        f.um_plano(s, nome="A mais cara")
    http.entrar(nome)
    for endereco in (f"/contratos/novo?cliente={cliente_id}", f"/contratos/{contrato_id}/mudar-plano"):
        assert '<option selected value="">' in http.get(endereco).text
        recusado = http.post(endereco, data={"plano_id": "", "endereco_id": 0, "data_inicio": "2026-05-04", "em": "2026-05-04", "cobranca": "antecipada"})
        assert recusado.status_code == 200 and 'id="plano_id-erro"' in recusado.text and "Escolha o plano." in recusado.text


@pytest.mark.parametrize(("campo", "valor", "dito"), [
    ("preco", "1e9", "Informe um valor como"), ("preco", "10.000.000,00", "de 0,00 a 9.999.999,00"), ("desconto", "1e9", "Informe um valor como"),
    ("preco", "1,234.56", "Informe um valor como"),
])
def test_a_price_is_read_strictly_and_has_the_limit_of_the_api(app, http, campo: str, valor: str, dito: str) -> None:
    with app.app_context(), transacao() as s:
        nome, cliente_id, plano_id = f.um_usuario(s, "Atendente").username, f.um_cliente(s).id, f.um_plano(s).id
    http.entrar(nome)
    dados = {"plano_id": plano_id, "endereco_id": 0, "data_inicio": "2026-05-04", "cobranca": "antecipada", campo: valor}
    resposta = http.post(f"/contratos/novo?cliente={cliente_id}", data=dados)
    assert resposta.status_code == 200 and dito in resposta.text
    with app.app_context():
        assert db.session.scalar(select(Contrato.id)) is None


def test_a_taken_login_is_refused_at_the_form(app, http) -> None:
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Atendente").username
        existente = f.um_contrato(s, login_pppoe="joao")
        cliente_id, plano_id = existente.cliente_id, existente.plano_id
    http.entrar(nome)
    dados = {"plano_id": plano_id, "endereco_id": 0, "data_inicio": "2026-05-04", "cobranca": "antecipada", "login_pppoe": "joao"}
    resposta = http.post(f"/contratos/novo?cliente={cliente_id}", data=dados)
    assert resposta.status_code == 200 and "já" in resposta.text


def test_seeing_the_password_is_audited_and_finance_may_not(app, http) -> None:
    with app.app_context(), transacao() as s:
        tecnico, financeiro = f.um_usuario(s, "Tecnico").username, f.um_usuario(s, "Financeiro").username
        pk = f.um_contrato(s, senha_pppoe="segredo").id
    http.entrar(financeiro)
    assert http.post(f"/contratos/{pk}/senha").status_code == 403
    http.post("/logout/")
    http.entrar(tecnico)
    assert http.post(f"/contratos/{pk}/senha").json == {"senha": "segredo"}
    with app.app_context():
        assert db.session.scalars(select(UserAuditLog.action).where(UserAuditLog.action == "ver_senha")).all() == ["ver_senha"]
