"""What other systems say of a contract, and what became of it here: nothing ended is billed, nothing is made twice."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.clientes.models import Cliente
from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato
from app.contratos.services import ContratoService
from app.core.erros import ValorInvalido
from app.integracoes import valores
from tests import fabricas as f
from tests.integracoes import arquivos as a
from tests.integracoes.apoio import desfecho, importar

SEM_LOGIN = {"Login PPPoE": "", "Senha PPPoE": ""}


def com_situacao(n: int, situacao: str) -> list[str]:
    return [*a.linha(n), situacao]


def quantos_contratos(sessao) -> int:
    return sessao.scalar(select(func.count()).select_from(Contrato))


@pytest.mark.parametrize(("texto", "lida"), [
    ("Ativo", "ativo"), ("HABILITADO", "ativo"), ("Sim", "ativo"), ("Bloqueado", "bloqueado"), ("Financeiro em Atraso", "bloqueado"),
    ("Cancelado", "encerrado"), ("inativo.", "encerrado"), ("Não", "encerrado"),
])
def test_words_of_other_systems(app, texto: str, lida: str) -> None:
    assert valores.situacao(texto) == lida


def test_a_word_nobody_knows_is_refused(app) -> None:
    with app.test_request_context(), pytest.raises(ValorInvalido, match="Azul"):
        valores.situacao("Azul")


def test_an_ended_contract_of_the_other_system_is_only_a_customer(sessao) -> None:
    dados = a.csv(com_situacao(1, "Ativo"), com_situacao(2, "Cancelado"), com_situacao(3, "Bloqueado"), com_situacao(4, "Azul"),
                  cabecalho=[*a.CABECALHO, "Status"])
    linhas = desfecho(sessao, importar(sessao, dados))
    assert [r for _n, r, _d in linhas] == ["criada", "criada", "criada", "rejeitada"]
    assert "só o cadastro" in linhas[1][2] and "bloqueado" in linhas[2][2] and "Situação desconhecida" in linhas[3][2]
    assert (sessao.scalar(select(func.count()).select_from(Cliente)), quantos_contratos(sessao)) == (3, 2)


@pytest.mark.parametrize("login", [{}, SEM_LOGIN], ids=["com login", "sem login"])
def test_a_contract_that_changed_its_plan_here_is_still_the_same(sessao, login: dict[str, str]) -> None:
    dados = a.csv(a.linha(1, **login))
    importar(sessao, dados)
    contrato = sessao.scalars(select(Contrato)).one()
    ContratoService(sessao).mudar_plano(contrato.id, f.um_plano(sessao, preco=Decimal("2000.00")).id, em=a.HOJE)
    ((_n, resultado, detalhe),) = desfecho(sessao, importar(sessao, dados))
    assert (resultado, quantos_contratos(sessao)) == ("sem_mudanca", 1) and "plano do contrato é outro" in detalhe


@pytest.mark.parametrize("login", [{}, SEM_LOGIN], ids=["com login", "sem login"])
def test_a_contract_that_was_ended_here_does_not_come_back(sessao, login: dict[str, str]) -> None:
    dados = a.csv(a.linha(1, **login))
    importar(sessao, dados)
    sessao.scalars(select(Contrato)).one().status = StatusContrato.cancelado
    sessao.flush()
    ((_n, resultado, detalhe),) = desfecho(sessao, importar(sessao, dados))
    assert (resultado, quantos_contratos(sessao)) == ("sem_mudanca", 1) and "não foi reativado" in detalhe
