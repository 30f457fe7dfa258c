"""The API answers in Portuguese whatever library refuses, and in English to whoever asks in English."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask_appbuilder.api import BaseApi
from marshmallow import Schema, fields, validate

from app.core.visoes.mensagens_api import RespostasTraduzidas, traduzida
from tests.programas import programa

CAMPOS = (
    fields.Field, fields.Boolean, fields.Integer, fields.Number, fields.Decimal, fields.String, fields.List, fields.Mapping, fields.Date, fields.Time,
    fields.DateTime, fields.Enum, fields.Email, fields.Url, fields.Nested,
)
JAMAIS = {"format", "invalid_awareness"}      # of writing, and of instants with a rule of their own
VALIDADORES = (
    validate.Length(1, 3), validate.Length(min=2), validate.Length(max=2), validate.Length(equal=2), validate.OneOf(["a"]), validate.Equal(1),
    validate.Regexp("a"), validate.Email(), validate.URL(), validate.Range(1, 2), validate.Range(min=Decimal("0.01")), validate.Range(max=2),
    validate.Range(min=1, min_inclusive=False), validate.Range(max=1, max_inclusive=False),
)


def _frases() -> set[str]:
    chaves = {(c.__name__, k): m for c in CAMPOS for base in c.__mro__ for k, m in getattr(base, "default_error_messages", {}).items() if k not in JAMAIS}
    frases = {m.format(obj_type=o, input="x", choices="a, b") for m in chaves.values() for o in ("date", "time", "datetime")}
    return frases | set(Schema._default_error_messages.values()) | {_de(v) for v in VALIDADORES}


def _de(validador: validate.Validator) -> str:
    for valor in ("", "abcd", -1, 9):
        try:
            validador(valor)
        except validate.ValidationError as erro:
            return erro.messages[0]
        except TypeError:
            continue
    raise AssertionError(validador)


def test_every_sentence_of_the_library_has_a_translation(app) -> None:
    with app.test_request_context():
        assert sorted(f for f in _frases() if traduzida(f) == f) == []


def test_what_is_already_ours_stays(app) -> None:
    with app.test_request_context():
        assert traduzida("No máximo 2 casas depois da vírgula.") == "No máximo 2 casas depois da vírgula."


def test_bounds_and_choices_are_kept(app) -> None:
    with app.test_request_context():
        assert traduzida("Must be greater than or equal to 0.01.") == "Precisa ser maior ou igual a 0.01."
        assert traduzida("Must be one of: pix, boleto.") == "Precisa ser um destes: pix, boleto."


@pytest.mark.parametrize(("metodo", "caminho", "corpo", "frase"), [
    ("GET", "/cliente/999999", None, "Registro não encontrado."),
    ("GET", "/cliente/?q=((", None, "O parâmetro q não é rison nem JSON válido."),
    ("POST", "/cliente/", {"cpf_cnpj": "52998224725"}, "Campo obrigatório."),
    ("POST", "/cliente/", {"nome": 1, "cpf_cnpj": "52998224725"}, "Informe um texto."),
    ("POST", "/lancamento/lancar", {"cliente_id": 1, "valor": "0", "descricao": "x", "a_partir_de": "ontem"}, "Informe um valor de 0,01 a 9.999.999,00."),
    ("POST", "/lancamento/lancar", {"cliente_id": 1, "valor": "1", "descricao": "x", "a_partir_de": "ontem"}, "Informe uma data como 2026-12-31."),
])
def test_the_refusals_of_the_api_are_in_portuguese(app, metodo, caminho, corpo, frase) -> None:
    resposta = programa(app)(metodo, caminho, json=corpo)
    assert frase in str(resposta.json), resposta.json


def test_who_may_not_is_told_so_in_portuguese(app) -> None:
    resposta = programa(app, "Tecnico")("POST", "/cliente/", json={})
    assert (resposta.status_code, resposta.json["message"]) == (403, "Você não tem permissão para isto.")


def test_no_api_of_ours_answers_with_the_frameworks_words(app) -> None:
    nossas = [v for v in app.extensions["appbuilder_crm"].baseviews if isinstance(v, BaseApi) and type(v).__module__.startswith("app.")]
    assert [type(v).__name__ for v in nossas if not isinstance(v, RespostasTraduzidas)] == []
