"""Lines of a contract in an invoice: plan, discount and additional services, whole or by days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from app.faturamento.regras.periodos import Periodo, dias_usados, periodos, preco_do_periodo, proporcional
from app.faturamento.regras.registros import DadosCiclo, DadosContrato, DadosItem, Item

MAXIMO_DESCRICAO = 255
SEM_ITENS: Sequence[DadosItem] = ()
Cobrados = Container[tuple[str, int, dt.date]]
NADA: Cobrados = frozenset()


def itens_do_contrato(ciclo: DadosCiclo, contrato: DadosContrato, itens: Sequence[DadosItem] = SEM_ITENS, cobrados: Cobrados = NADA) -> list[Item]:
    """What the contract owes in the invoice due at ``ciclo.vencimento``.

    ``antecipada`` bills the period that begins then, ``vencida`` the one that has just ended. What began inside the period before after that was
    billed (not in ``cobrados``: ("plano", contract id, first day) or ("item", item id, first day)) comes proportionally as well, and what was
    ``atrasado`` with all its periods.
    """
    ps = periodos(ciclo.vencimento, ciclo.dia, ciclo.meses, ciclo.dias)
    linhas: list[Item] = []
    if not contrato.antecipada:
        _atrasados(linhas, ciclo, contrato, itens, ps.anterior.inicio, cobrados)
        _do_periodo(linhas, ciclo, contrato, itens, ps.anterior)
        return linhas
    if not itens and contrato.fim is None and not contrato.desconto and contrato.inicio < ps.anterior.inicio and not contrato.atrasado:
        descricao, valor, chave = _mensalidade(contrato.plano_id, contrato.plano_nome, contrato.preco, ciclo.meses, ciclo.dias, ps.atual)
        numero = contrato.id
        return [Item(numero, descricao, 1, valor, valor, "plano", ps.atual.inicio, ps.atual.fim, f"c{numero}{chave}")]
    if contrato.inicio < ps.atual.inicio or itens:
        _atrasados(linhas, ciclo, contrato, itens, ps.atual.inicio, cobrados)
    _do_periodo(linhas, ciclo, contrato, itens, ps.atual)
    return linhas


@lru_cache(maxsize=4096)
def _mensalidade(plano_id: int, nome: str, preco: Decimal, meses: int | None, dias: int, periodo: Periodo) -> tuple[str, Decimal, str]:
    """(description, value, end of the key) of a whole period: the line of almost every contract, the same for all of a plan."""
    return _curta(nome + _sufixo(periodo, periodo)), preco_do_periodo(preco, meses, dias), f":plano:{plano_id}:{periodo.inicio}"


def _atrasados(
    linhas: list[Item], ciclo: DadosCiclo, contrato: DadosContrato, itens: Sequence[DadosItem], antes: dt.date, cobrados: Cobrados
) -> None:
    """The days before ``antes``, where the invoice's own period begins, of what began after they were billed."""
    anterior = periodos(antes, ciclo.dia, ciclo.meses, ciclo.dias).anterior.inicio if contrato.antecipada else antes
    if ("plano", contrato.id, contrato.inicio) not in cobrados:
        for periodo in _desde(contrato.inicio, ciclo, anterior, antes, contrato.atrasado):
            linhas.extend(_plano(ciclo, contrato, periodo))
    for item in itens:
        inicio = max(item.de, contrato.inicio)
        if ("item", item.id, inicio) not in cobrados:
            for periodo in _desde(inicio, ciclo, anterior, antes, contrato.atrasado or item.atrasado):
                linhas.extend(_adicional(ciclo, contrato, item, periodo))


def _desde(inicio: dt.date, ciclo: DadosCiclo, anterior: dt.date, antes: dt.date, atrasado: bool) -> Sequence[Periodo]:
    """The periods from ``inicio`` until the day before ``antes``; only the last of them unless ``atrasado``."""
    if inicio >= antes or (inicio < anterior and not atrasado):
        return ()
    achados = []
    while antes > inicio:
        achados.append(periodos(antes, ciclo.dia, ciclo.meses, ciclo.dias).anterior)
        antes = achados[-1].inicio
    return achados[::-1]


def itens_do_periodo(ciclo: DadosCiclo, contrato: DadosContrato, itens: Sequence[DadosItem], periodo: Periodo) -> list[Item]:
    """Lines of the days of one period between the contract's ``inicio`` and ``fim``."""
    linhas: list[Item] = []
    _do_periodo(linhas, ciclo, contrato, itens, periodo)
    return linhas


def _do_periodo(linhas: list[Item], ciclo: DadosCiclo, contrato: DadosContrato, itens: Sequence[DadosItem], periodo: Periodo) -> None:
    linhas.extend(_plano(ciclo, contrato, periodo))
    for item in itens:
        linhas.extend(_adicional(ciclo, contrato, item, periodo))


def _plano(ciclo: DadosCiclo, contrato: DadosContrato, periodo: Periodo) -> Iterator[Item]:
    """The plan's line and the contract's discount, at most the price, for those of its days on which it runs."""
    usados = dias_usados(periodo, contrato.inicio, contrato.fim)
    if usados is None:
        return
    valor = _valor(contrato.preco, ciclo, periodo, usados)
    sufixo, inicio = _sufixo(usados, periodo), usados.inicio
    chave = f"c{contrato.id}:plano:{contrato.plano_id}:{inicio}"
    yield Item(contrato.id, _curta(contrato.plano_nome + sufixo), 1, valor, valor, "plano", inicio, usados.fim, chave)
    com_desconto = contrato.desconto and dias_usados(usados, inicio, contrato.desconto_ate)
    if com_desconto:
        desconto, sufixo = -_valor(min(contrato.preco, contrato.desconto), ciclo, periodo, com_desconto), _sufixo(com_desconto, periodo)
        yield Item(contrato.id, "Desconto" + sufixo, 1, desconto, desconto, "desconto", inicio, com_desconto.fim, f"c{contrato.id}:desconto:{inicio}")


def _adicional(ciclo: DadosCiclo, contrato: DadosContrato, item: DadosItem, periodo: Periodo) -> Iterator[Item]:
    fim = min((f for f in (contrato.fim, item.ate) if f is not None), default=None)
    usados = dias_usados(periodo, max(contrato.inicio, item.de), fim)
    if usados is None:
        return
    valor = _valor(item.preco * item.quantidade, ciclo, periodo, usados)
    unitario, nome, quantidade = preco_do_periodo(item.preco, ciclo.meses, ciclo.dias), item.nome, item.quantidade
    if unitario * quantidade != valor:      # by days: one line worth the whole
        unitario, nome, quantidade = valor, f"{quantidade} × {nome}" if quantidade > 1 else nome, 1
    chave = f"c{contrato.id}:item:{item.id}:{usados.inicio}"
    yield Item(contrato.id, _curta(nome + _sufixo(usados, periodo)), quantidade, unitario, valor, "servico", usados.inicio, usados.fim, chave)


def _valor(preco: Decimal, ciclo: DadosCiclo, periodo: Periodo, usados: Periodo) -> Decimal:
    total = preco_do_periodo(preco, ciclo.meses, ciclo.dias)
    return total if usados == periodo else proporcional(total, periodo, usados.inicio, usados.fim)


@lru_cache(maxsize=4096)
def _sufixo(usados: Periodo, periodo: Periodo) -> str:
    """`` – 12/11/2026 a 09/12/2026 (28/30 dias)``; the day count only when it is not the whole period."""
    texto = f" – {usados.inicio:%d/%m/%Y} a {usados.fim:%d/%m/%Y}"
    return texto if usados == periodo else f"{texto} ({usados.dias}/{periodo.dias} dias)"


def _curta(texto: str) -> str:
    """The column holds 255 characters: the dates at the end stay, the name is cut."""
    return texto if len(texto) <= MAXIMO_DESCRICAO else f"{texto[: MAXIMO_DESCRICAO - 60]}…{texto[-59:]}"
