"""Codes sent to an address on file: six digits, fifteen minutes, five tries, once, the newest."""

from __future__ import annotations

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.core import relogio
from app.core.transacao import transacao
from app.notificacoes.models import Notificacao
from app.usuarios.codigos import CodigoService
from app.usuarios.models import CodigoConfirmacao

AGORA = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


def enviar(alvo: str = "cliente:1") -> str:
    with transacao() as s:
        linha = CodigoService(s).enviar("cadastro", alvo, destino="maria@exemplo.com.br")
        segredos = s.scalar(select(Notificacao.segredos).where(Notificacao.chave == f"codigo:{linha.id}"))
        codigo = json.loads(segredos)["codigo"]
        assert codigo not in linha.resumo and len(codigo) == 6 and codigo.isdigit()
        return codigo


def conferir(codigo: str, alvo: str = "cliente:1", finalidade: str = "cadastro") -> int | None:
    with transacao() as s:
        return CodigoService(s).conferir(finalidade, alvo, codigo)


def errado(codigo: str) -> str:
    return f"{(int(codigo) + 1) % 10**6:06}"


def test_a_code_is_right_for_its_end_alone_and_serves_once(sessao) -> None:
    codigo = enviar()
    assert conferir(codigo, "cliente:2") is None and conferir(codigo, finalidade="outra") is None and conferir(errado(codigo)) is None
    chave = conferir(codigo)
    assert chave and conferir(codigo) == chave      # looking uses nothing up
    with transacao() as s:
        assert [CodigoService(s).usar(chave), CodigoService(s).usar(chave)] == [True, False]
    assert conferir(codigo) is None


def test_after_five_errors_the_right_one_is_wrong_and_a_new_code_helps(sessao) -> None:
    codigo = enviar()
    for _n in range(5):
        assert conferir(errado(codigo)) is None
    assert conferir(codigo) is None and conferir(enviar())


def test_a_right_one_costs_no_try(sessao) -> None:
    codigo = enviar()
    assert all(conferir(codigo) for _n in range(8))


def test_of_several_the_newest_counts(sessao) -> None:
    primeiro, segundo = enviar(), enviar()
    assert primeiro == segundo or conferir(primeiro) is None
    assert conferir(segundo)


@pytest.mark.parametrize(("minutos", "vale"), [(14.9, True), (15, False)])
def test_a_code_lasts_fifteen_minutes(sessao, minutos: float, vale: bool) -> None:
    with relogio.mover_para(AGORA):
        codigo = enviar()
    with relogio.mover_para(AGORA + dt.timedelta(minutes=minutos)):
        assert bool(conferir(codigo)) is vale


def test_many_tries_at_once_are_five(app_real) -> None:
    with app_real.app_context():
        codigo = enviar()

    def tentar(n: int) -> int | None:
        with app_real.app_context():
            return conferir(f"{(int(codigo) + n) % 10**6:06}")

    with ThreadPoolExecutor(8) as juntos:
        assert list(juntos.map(tentar, range(1, 17))) == [None] * 16
    with app_real.app_context(), transacao() as s:
        assert s.scalar(select(CodigoConfirmacao.tentativas)) == 5
