"""Screens speak the reader's language; what stays, or reaches a customer, is in the house's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from flask import session
from flask_babel import gettext
from sqlalchemy import select

from app.contratos.models import ContratoHistorico
from app.contratos.services import ContratoService
from app.core.idiomas import da_casa, na_lingua_da_casa
from app.faturamento import documentos
from tests import fabricas as f


@pytest.fixture
def em_ingles(app):
    """A request of somebody who reads English."""
    with app.test_request_context():
        session["locale"] = "en"
        assert gettext("Salvar") == "Save"
        yield


def test_what_stays_is_in_the_language_of_the_house(em_ingles) -> None:
    assert da_casa("Multa e juros da fatura %(numero)s", numero="7") == "Multa e juros da fatura 7"
    assert gettext("Multa e juros da fatura %(numero)s", numero="7") == "Late fee and interest of invoice 7"


def test_the_reader_has_the_own_language_back_after_an_error(em_ingles) -> None:
    with pytest.raises(ZeroDivisionError), na_lingua_da_casa():
        assert gettext("Salvar") == "Salvar"
        raise ZeroDivisionError
    assert gettext("Salvar") == "Save"


def test_without_an_application_the_text_is_itself() -> None:
    assert da_casa("Contrato %(numero)s até %(em)s", numero=1, em=2) == "Contrato 1 até 2"


def test_the_invoice_of_an_english_operator_is_portuguese(em_ingles, sessao) -> None:
    f.uma_empresa(sessao)
    pagina = documentos.html(documentos.ler(sessao, f.uma_invoice(sessao, valor=Decimal("99.90")).id))
    assert "Vencimento" in pagina and 'lang="pt-BR"' in pagina
    assert "Due date" not in pagina


def test_the_history_of_an_english_operator_is_portuguese(em_ingles, sessao) -> None:
    contrato, outro = f.um_contrato(sessao), f.um_plano(sessao, nome="Fibra 900")
    ContratoService(sessao).mudar_plano(contrato.id, outro.id, em=dt.date(2026, 3, 1))
    motivos = sessao.scalars(select(ContratoHistorico.motivo).where(ContratoHistorico.contrato_id == contrato.id)).all()
    assert "Mudança para o plano Fibra 900" in motivos
