"""Plain records that the rules take and give: tuples as they come from the database, never mapped entities (4x slower to read)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple


class DadosCiclo(NamedTuple):
    """A customer's cycle at one due date. ``meses`` counts when present, else ``dias``. ``vencimento`` is nominal."""

    id: int
    cliente_id: int
    dia: int
    meses: int | None
    dias: int
    vencimento: dt.date


class DadosContrato(NamedTuple):
    """An active contract. ``preco`` and ``desconto`` (until ``desconto_ate``, inclusive) in reais a month.

    ``inicio`` is the later of its start and of its entry in the cycle; ``atrasado``: the cycle had left its first days behind by then.
    """

    id: int
    plano_id: int
    plano_nome: str
    preco: Decimal
    desconto: Decimal
    desconto_ate: dt.date | None
    antecipada: bool
    inicio: dt.date
    fim: dt.date | None
    empresa_id: int | None = None
    atrasado: bool = False


class DadosItem(NamedTuple):
    """An additional service: ``quantidade`` × ``preco`` reais a month, from ``de`` until ``ate`` inclusive; ``atrasado`` as its contract's."""

    id: int
    contrato_id: int
    nome: str
    quantidade: int
    preco: Decimal
    de: dt.date
    ate: dt.date | None
    atrasado: bool = False


class DadosLancamento(NamedTuple):
    """An open one-off charge (``acrescimo``) or discount; ``item_tipo`` is the name of the TipoItem it becomes."""

    id: int
    contrato_id: int | None
    acrescimo: bool
    item_tipo: str
    descricao: str
    valor: Decimal
    parcela: int = 1
    parcelas: int = 1


class DadosCredito(NamedTuple):
    """What the customer has in hand."""

    id: int
    saldo: Decimal
    motivo: str


class Item(NamedTuple):
    """A line of an invoice; ``tipo`` is the name of a TipoItem, discounts and credits are negative. ``chave``: see ItemInvoice."""

    contrato_id: int | None
    descricao: str
    quantidade: int
    valor_unitario: Decimal
    valor_total: Decimal
    tipo: str
    inicio: dt.date | None
    fim: dt.date | None
    chave: str | None


class Fatura(NamedTuple):
    """A calculated invoice. ``lancamentos`` and ``creditos``: (id, amount consumed). ``divididos``: (lançamento id, discount that did not fit)."""

    itens: Sequence[Item]
    total: Decimal
    lancamentos: Sequence[tuple[int, Decimal]] = ()
    creditos: Sequence[tuple[int, Decimal]] = ()
    divididos: Sequence[tuple[int, Decimal]] = ()

    @property
    def sem_valor(self) -> bool:
        """Nothing to charge and nothing consumed: the cycle advances without an invoice."""
        return not self.total and not self.lancamentos and not self.creditos
