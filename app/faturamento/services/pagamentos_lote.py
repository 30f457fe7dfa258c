"""Many payments at once (a bank's return file, a day of the demonstration): the rules and rows of ``registrar_pagamento``, in sets.

The lot is cut into waves in which no customer and no receipt comes twice, so that each payment sees what the one before it left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select

from app.bloqueio.models import Bloqueio, MotivoBloqueio
from app.clientes.models import Cliente
from app.clientes.services import travar_clientes
from app.contratos.models import Contrato
from app.core import eventos, numeracao, relogio
from app.core.erros import DominioError, NaoEncontrado
from app.faturamento.models import Invoice, Pagamento
from app.faturamento.motor import leitura
from app.faturamento.motor.telefones import telefones_de
from app.faturamento.regras import Baixa
from app.faturamento.services.pagamentos import (
    RECEBIDO,
    Pagamentos,
    Recebido,
    Resultado,
    chave_de,
    conferir,
    exigir_aberta,
    exigir_mesmo,
    fato_do,
    liquidar,
    mensagem_do,
    novo_pagamento,
    repartir,
    serie_de_recibos,
)
from app.notificacoes.models import Canal


class _Aceito(NamedTuple):
    posicao: int
    recebido: Recebido
    invoice: Invoice
    baixa: Baixa


class PagamentosEmLote(Pagamentos):
    """Payments by the hundred."""

    def registrar_pagamentos(self, lote: Sequence[Recebido]) -> list[Resultado]:
        """Record a lot in the caller's transaction, in its order. Returns one Resultado for each, at the same place.

        What ``registrar_pagamento`` raises for one payment is its ``erro`` and stops no other. All customers are locked at once, ids
        ascending; some hundreds a call keep the locks short.
        """
        faturas = dict(self.sessao.execute(select(Invoice.id, Invoice.cliente_id).where(Invoice.id.in_({r.invoice_id for r in lote}))).all())
        clientes = travar_clientes(self.sessao, set(faturas.values()))
        travadas = self._travar_invoices(list(faturas))
        self._travar_referencias({r.referencia for r in lote})
        resultados: dict[int, Resultado] = {}
        for onda in _ondas(lote, faturas):
            self._registrar_onda(onda, travadas, clientes, resultados)
        return [resultados[n] for n in range(len(lote))]

    def _travar_invoices(self, ids: Sequence[int]) -> dict[int, Invoice]:
        consulta = select(Invoice).where(Invoice.id.in_(ids)).order_by(Invoice.id).with_for_update(key_share=True)
        return {i.id: i for i in self.sessao.scalars(consulta.execution_options(populate_existing=True))}

    def _registrar_onda(
        self, onda: Mapping[int, Recebido], travadas: Mapping[int, Invoice], clientes: Mapping[int, Cliente], resultados: dict[int, Resultado]
    ) -> None:
        existentes = self._existentes(onda.values())
        tolerancia = self.politica.tolerancia
        aceitos: list[_Aceito] = []
        for posicao, recebido in onda.items():
            try:
                if (invoice := travadas.get(recebido.invoice_id)) is None:
                    raise NaoEncontrado(_("Fatura não encontrada."), invoice_id=recebido.invoice_id)
                if repetido := existentes.get(chave_de(recebido)):
                    resultados[posicao] = Resultado(exigir_mesmo(repetido, recebido), repetido=True)
                    continue
                certo = conferir(recebido, invoice)
                exigir_aberta(invoice)
                aceitos.append(_Aceito(posicao, certo, invoice, repartir(invoice, certo, tolerancia)))
            except DominioError as erro:
                resultados[posicao] = Resultado(erro=erro)
        pagamentos = self._gravar(aceitos)
        self._completar(aceitos, pagamentos, clientes)
        resultados |= {a.posicao: Resultado(p) for a, p in zip(aceitos, pagamentos, strict=True)}

    def _gravar(self, aceitos: Sequence[_Aceito]) -> list[Pagamento]:
        """The rows, their receipts numbered in the lot's order, and the balances of their invoices."""
        recibos = self._recibos([serie_de_recibos(a.recebido.em) for a in aceitos])
        pagamentos = [novo_pagamento(a.recebido, a.baixa, recibo) for a, recibo in zip(aceitos, recibos, strict=True)]
        self.sessao.add_all(pagamentos)
        with self.sessao.no_autoflush:
            pagas = [a.invoice.id for a, p in zip(aceitos, pagamentos, strict=True) if liquidar(a.invoice, p)]
            if pagas:
                self._cancelar_cobrancas(pagas)
        self.sessao.flush()
        return pagamentos

    def _recibos(self, series: Sequence[str]) -> Iterator[int]:
        """The next number of each series, reserved in one go."""
        livres = {serie: numeracao.proximo(self.sessao, serie, series.count(serie)) for serie in sorted(set(series))}
        for serie in series:
            yield livres[serie]
            livres[serie] += 1

    def _completar(self, aceitos: Sequence[_Aceito], pagamentos: Sequence[Pagamento], clientes: Mapping[int, Cliente]) -> None:
        """Credit and charges that follow, the timeline, the messages, and the access of who was blocked."""
        pares = list(zip(aceitos, pagamentos, strict=True))
        for a, p in pares:
            self.sessao.add_all(self._sobras(a.invoice, p, a.baixa))
        eventos.registrar_varios(self.sessao, RECEBIDO, [(a.invoice.cliente_id, fato_do(p, a.invoice)) for a, p in pares])
        self.notificacoes.agendar_em_lote(self._avisos(pares, clientes))
        bloqueados = self._com_bloqueio({a.invoice.cliente_id for a in aceitos})
        for a in aceitos:
            if a.invoice.cliente_id in bloqueados:
                self.reavaliar_bloqueio(a.invoice.cliente_id, em=relogio.hoje())

    def _avisos(self, pares: Sequence[tuple[_Aceito, Pagamento]], clientes: Mapping[int, Cliente]) -> list[dict[str, Any]]:
        """The messages of the lot: by mail and by each telephone by which the customer is told."""
        telefones = telefones_de(leitura.cursor(self.sessao), RECEBIDO, {a.invoice.cliente_id for a, _p in pares})
        linhas = []
        for a, p in pares:
            cliente = clientes[a.invoice.cliente_id]
            comum = {
                "evento": RECEBIDO, "cliente_id": cliente.id, "invoice_id": a.invoice.id, "dados": {"nome": cliente.nome, **mensagem_do(p, a.invoice)},
                "anexos": [],
            }
            destinos = [(Canal.email, cliente.email, "")] if cliente.email else []
            destinos += [(Canal[nome], numero, f":{nome}") for nome, numero in telefones.get(cliente.id, ())]
            linhas += [{**comum, "canal": canal, "destinatario": para, "chave": f"{RECEBIDO}:{p.id}{vez}"} for canal, para, vez in destinos]
        return linhas

    def _com_bloqueio(self, cliente_ids: set[int]) -> set[int]:
        por_divida = (Bloqueio.fim.is_(None), Bloqueio.motivo == MotivoBloqueio.inadimplencia)
        return set(self.sessao.scalars(select(Contrato.cliente_id).join(Bloqueio).where(Contrato.cliente_id.in_(cliente_ids), *por_divida)))


def _ondas(lote: Sequence[Recebido], donos: Mapping[int, int]) -> Iterator[dict[int, Recebido]]:
    """The lot in its order, cut before the second payment of a customer or of a receipt."""
    onda: dict[int, Recebido] = {}
    vistos: set[object] = set()
    for posicao, recebido in enumerate(lote):
        marcas = {donos.get(recebido.invoice_id), chave_de(recebido)} - {None}
        if vistos & marcas:
            yield onda
            onda, vistos = {}, set()
        onda[posicao] = recebido
        vistos |= marcas
    if onda:
        yield onda
