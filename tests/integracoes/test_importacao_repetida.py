"""What a file says of a price, of a day and of the same customer twice, and that the file sent again changes nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.clientes.models import Cliente
from app.contratos.models import Contrato
from app.integracoes import services
from app.planos.models import Plano
from tests import fabricas as f
from tests.integracoes import arquivos as a
from tests.integracoes.apoio import conferir, desfecho, importar


def contato(sessao) -> tuple[str | None, str | None]:
    """Of the only customer."""
    return tuple(sessao.execute(select(Cliente.email, Cliente.telefone)).one())


def test_a_price_of_zero_is_a_free_contract_and_the_preview_says_so(sessao) -> None:
    f.um_plano(sessao, nome="Fibra 500 Mega", preco=Decimal("99.90"))
    ((_n, _r, detalhe),) = desfecho(sessao, importar(sessao, a.csv(a.linha(1, Valor="0,00"))))
    assert sessao.scalars(select(Contrato.preco)).one() == 0 and "R$ 0,00" in detalhe
    assert sessao.scalars(select(Plano.preco)).one() == Decimal("99.90")


def test_a_plan_born_free_is_pointed_out(sessao) -> None:
    ((_n, _r, detalhe),) = desfecho(sessao, importar(sessao, a.csv(a.linha(1, Valor="0"))))
    assert sessao.scalars(select(Plano.preco)).one() == 0 and "entra de graça" in detalhe


@pytest.mark.parametrize("valor", ["1,234.56", "10.12.2026", "1e9", "10.000.000,00"])
def test_an_amount_that_could_be_another_is_refused_with_what_was_typed(sessao, valor: str) -> None:
    ((_n, resultado, detalhe),) = desfecho(sessao, importar(sessao, a.csv(a.linha(1, Valor=valor))))
    assert resultado == "rejeitada" and valor in detalhe
    assert sessao.scalar(select(Contrato.id)) is None is sessao.scalar(select(Plano.id))


@pytest.mark.parametrize(("ativacao", "motivo"), [("01/02/2090", "está longe demais"), ("31/12/1999", "é antiga demais")])
def test_an_activation_nobody_can_mean_is_refused_in_the_preview(sessao, ativacao: str, motivo: str) -> None:
    ((_n, resultado, detalhe),) = desfecho(sessao, conferir(sessao, a.csv(a.linha(1, **{"Data Ativação": ativacao}))))
    assert resultado == "rejeitada" and motivo in detalhe


def test_another_name_for_the_same_document_is_told_and_changes_nothing(sessao) -> None:
    """In the same file and in a later one; case, accents and blanks make no other name."""
    importar(sessao, a.csv(a.linha(1, Nome="José  da Silva")))
    for nome, difere in (("JOSE DA SILVA", False), ("Maria Souza", True)):
        ((_n, resultado, detalhe),) = desfecho(sessao, importar(sessao, a.csv(a.linha(1, Nome=nome))))
        assert (resultado, "o nome difere do cadastro, “José" in detalhe) == ("sem_mudanca", difere)
    assert sessao.scalars(select(Cliente.nome)).one().split() == ["José", "da", "Silva"]


@pytest.mark.parametrize("por_lote", [100, 1], ids=["one slice", "a slice for each line"])
def test_the_first_line_of_a_customer_decides_and_the_file_again_changes_nothing(sessao, monkeypatch, por_lote: int) -> None:
    monkeypatch.setattr(services, "LOTE_IMPORTACAO", por_lote)
    outro = {"E-mail": "outro@exemplo.com.br", "Telefone": "(19) 3200-1000"}
    dados = a.csv(a.linha(1), a.linha(1, **outro))
    primeira = desfecho(sessao, importar(sessao, dados))
    assert [r for _n, r, _d in primeira] == ["criada", "sem_mudanca"]
    assert "vale a primeira linha" in primeira[1][2] and "e-mail, telefone" in primeira[1][2]
    for _vez in range(2):
        assert [r for _n, r, _d in desfecho(sessao, importar(sessao, dados))] == ["sem_mudanca", "sem_mudanca"]
        assert contato(sessao) == ("cliente1@exemplo.com.br", "19987654321")


@pytest.mark.parametrize("por_lote", [100, 1], ids=["one slice", "a slice for each line"])
def test_a_known_customer_is_updated_by_its_first_line_only(sessao, monkeypatch, por_lote: int) -> None:
    monkeypatch.setattr(services, "LOTE_IMPORTACAO", por_lote)
    importar(sessao, a.csv(a.linha(1)))
    dados = a.csv(a.linha(1, **{"E-mail": "b@exemplo.com.br"}), a.linha(1, **{"E-mail": "c@exemplo.com.br"}))
    assert [r for _n, r, _d in desfecho(sessao, importar(sessao, dados))] == ["atualizada", "sem_mudanca"]
    assert [r for _n, r, _d in desfecho(sessao, importar(sessao, dados))] == ["sem_mudanca", "sem_mudanca"]
    assert contato(sessao)[0] == "b@exemplo.com.br"


def test_a_later_line_completes_what_the_first_does_not_say(sessao) -> None:
    dados = a.csv(a.linha(1, **{"E-mail": ""}), a.linha(1), a.linha(1, **{"E-mail": "c@exemplo.com.br"}))
    assert [r for _n, r, _d in desfecho(sessao, importar(sessao, dados))] == ["criada", "atualizada", "sem_mudanca"]
    assert {r for _n, r, _d in desfecho(sessao, importar(sessao, dados))} == {"sem_mudanca"}
    assert contato(sessao)[0] == "cliente1@exemplo.com.br"
