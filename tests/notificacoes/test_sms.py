"""How an SMS counts, and what it is without accents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import configuracao, relogio
from app.core.transacao import transacao
from app.notificacoes.canais.http import e164
from app.notificacoes.eventos_da_casa import MODELOS
from app.notificacoes.models import Canal
from app.notificacoes.regras import declarado, renderizar
from app.notificacoes.sms import BASICO, medir, sem_acentos
from tests.notificacoes.test_telas import com, entrar, modelo  # noqa: F401 - fixtures


@pytest.mark.parametrize(("texto", "esperado"), [
    ("", ("GSM-7", 0, 1)), ("a" * 160, ("GSM-7", 160, 1)), ("a" * 161, ("GSM-7", 161, 2)), ("a" * 306, ("GSM-7", 306, 2)), ("a" * 307, ("GSM-7", 307, 3)),
    ("€" * 80, ("GSM-7", 160, 1)), ("€" * 81, ("GSM-7", 162, 2)), ("a" * 152 + "€" * 77, ("GSM-7", 306, 3)),      # no escape is split from its character
    ("ã" * 70, ("UCS-2", 70, 1)), ("ã" * 71, ("UCS-2", 71, 2)), ("ã" * 134, ("UCS-2", 134, 2)), ("ã" * 135, ("UCS-2", 135, 3)),
    ("😀" * 35, ("UCS-2", 70, 1)), ("😀" * 36, ("UCS-2", 72, 2)), ("ã" * 66 + "😀" * 34, ("UCS-2", 134, 3)), ("é à ñ Ç", ("GSM-7", 7, 1)),
])
def test_a_text_counts_as_networks_count_it(texto: str, esperado: tuple) -> None:
    assert medir(texto) == esperado


def test_accents_that_cost_are_taken_off_and_the_others_stay() -> None:
    assert sem_acentos("João, “não” é à vista — R$ 99,90… ÇÃO çà ü 1º") == 'Joao, "nao" é à vista - R$ 99,90... ÇAO cà ü 1o'
    assert sem_acentos("oi 😀") == "oi 😀"


@given(st.text(max_size=400))
def test_without_accents_it_never_counts_more_parts(texto: str) -> None:
    feito = sem_acentos(texto)
    assert sem_acentos(feito) == feito
    if set(feito) <= BASICO:
        assert medir(feito).partes <= max(1, -(-len(feito) // 153))


@pytest.mark.parametrize(("evento", "corpo"), [(evento, corpo) for evento, canal, _assunto, corpo in MODELOS if canal is Canal.sms])
def test_the_houses_own_texts_fit_in_one_or_two_parts(app, evento: str, corpo: str) -> None:
    with app.app_context():
        texto = sem_acentos(renderizar("", corpo, declarado(evento).exemplo(), hoje=relogio.hoje())[1])
    assert medir(texto).alfabeto == "GSM-7" and medir(texto).partes <= 2


@pytest.mark.parametrize(("telefone", "esperado"), [
    ("(11) 99402-9275", "5511994029275"), ("+55 11 99402 9275", "5511994029275"), ("011 99402-9275", "5511994029275"), ("(16) 3501-4415", "551635014415"),
    ("5511994029275", "5511994029275"), ("123", ""), ("", ""), ("20 99402-9275", ""),
])
def test_a_telephone_in_digits_with_the_country(telefone: str, esperado: str) -> None:
    assert e164(telefone) == esperado


def test_the_preview_of_an_sms_is_what_leaves_and_says_its_size(http, entrar, com) -> None:  # noqa: F811
    from sqlalchemy import select

    from app.notificacoes.models import ModeloMensagem

    numero = com(lambda s: s.scalars(select(ModeloMensagem.id).where(ModeloMensagem.evento == "fatura_emitida", ModeloMensagem.canal == Canal.sms)).one())
    entrar("Gerente")
    previa = http.post(f"/mensagens/modelos/{numero}/previa", data={"assunto": "não sai", "corpo": "Não há {{ numero }}"}).text
    assert "Nao ha 000000123" in previa and "16 caracteres (GSM-7): 1 SMS" in previa and "não sai" not in previa.split("<body")[1]
    with http.application.app_context(), transacao() as s:
        configuracao.gravar(s, "notificacoes.sms_sem_acentos", False)
    previa = http.post(f"/mensagens/modelos/{numero}/previa", data={"assunto": "x", "corpo": "Não " * 20}).text
    assert "79 caracteres (UCS-2): 2 SMS" in previa


def test_a_text_for_another_channel_is_added_and_one_for_the_bell_is_not(http, entrar, com) -> None:  # noqa: F811
    entrar("Gerente")
    novo = {"evento": "convite_equipe", "canal": "whatsapp", "assunto": "Convite", "corpo": "{{ nome }}: {{ link }}", "ativo": "y"}
    assert "precisa trazer" in http.post("/mensagens/modelos/add", data={**novo, "corpo": "{{ nome }}"}).text
    assert http.post("/mensagens/modelos/add", data={**novo, "evento": "email_parado"}).status_code == 200
    assert http.post("/mensagens/modelos/add", data={**novo, "canal": "interno"}).status_code == 200
    resposta = http.post("/mensagens/modelos/add", data=novo)
    assert resposta.status_code == 302, resposta.text
    assert http.post("/mensagens/modelos/add", data=novo).status_code == 200      # one text for each kind and channel

    def guardados(s) -> list:
        from sqlalchemy import select

        from app.notificacoes.models import ModeloMensagem

        return s.scalars(select(ModeloMensagem.canal).where(ModeloMensagem.evento == "convite_equipe").order_by(ModeloMensagem.id)).all()

    assert com(guardados) == [Canal.email, Canal.whatsapp]
