"""Service begins: contracts become active, bill in a cycle and have their access, any number at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select

from app.contratos.criacao import ADIANTE_ATIVO
from app.contratos.models import Contrato
from app.core import configuracao, eventos, relogio
from app.core.datas import UM_ANO, primeiro_vencimento
from app.core.erros import NaoEncontrado, RegraViolada, ValorInvalido
from app.faturamento.models import Ciclo, CicloFaturamento, ContratoCiclo
from app.faturamento.services.acertos import Acertos
from app.faturamento.services.base import momento


class Inicio(NamedTuple):
    """A contract to activate; see ``Ativacao.ativar_contrato``."""

    contrato_id: int
    em: dt.date
    dia_vencimento: int
    ciclo_id: int | None = None
    ciclo_faturamento_id: int | None = None
    primeiro: dt.date | None = None
    faturar_desde: dt.date | None = None


class Ativacao(Acertos):
    """Activation."""

    def ativar_contrato(
        self, contrato_id: int, *, em: dt.date, dia_vencimento: int, ciclo_id: int | None = None, ciclo_faturamento_id: int | None = None,
        primeiro: dt.date | None = None, faturar_desde: dt.date | None = None,
    ) -> Contrato:
        """By hand (screen, API): service begins on ``em``, the access is released and the contract bills in a cycle of its due day.

        ``em`` may not be in the future, because the access is released now: until that day the contract stays a draft. The first day that
        is charged is ``faturar_desde`` (default ``em``), never earlier than ``em`` nor further back than the setting
        ``contratos.ativacao_retroativa_dias``, so that an old start is entered without billing the past. ``primeiro`` is the first due date
        to issue (default: the first on or after the first charged day). ``ciclo_faturamento_id`` joins an existing cycle of the customer
        (one invoice for several contracts). Raises ValorInvalido, NaoEncontrado, TransicaoInvalida.
        """
        _conferir_a_mao(em, faturar_desde)
        return self.ativar_contratos([Inicio(contrato_id, em, dia_vencimento, ciclo_id, ciclo_faturamento_id, primeiro, faturar_desde)])[0]

    def ativar_contratos(self, lote: Sequence[Inicio]) -> list[Contrato]:
        """``ativar_contrato`` for a lot, in its order, in the caller's transaction. Raises for the whole lot what one of them raises.

        Importers call it: what they bring may begin up to 60 days ahead, and they say themselves from when to bill (``faturar_desde``).
        """
        if not all(1 <= i.dia_vencimento <= 31 for i in lote):
            raise ValorInvalido(_("O dia de vencimento vai de 1 a 31."), campo="dia_vencimento")
        ativos = self.contratos.ativar_varios({i.contrato_id: i.em for i in lote})
        contratos = [ativos[i.contrato_id] for i in lote]
        ciclos = self._ciclos(lote, contratos)
        self.sessao.add_all([
            ContratoCiclo(contrato_id=i.contrato_id, ciclo_faturamento_id=c.id, desde=i.faturar_desde or i.em) for i, c in zip(lote, ciclos, strict=True)
        ])
        self.sessao.flush()
        for i, contrato in zip(lote, contratos, strict=True):
            if i.ciclo_faturamento_id:      # the cycle may have billed ahead the days that begin now
                self._comecar_a_cobrar(contrato, i.faturar_desde or i.em)
        por_momento: dict[dt.datetime, list[Contrato]] = defaultdict(list)
        for i, contrato in zip(lote, contratos, strict=True):
            por_momento[momento(i.em)].append(contrato)
        for em, deste in por_momento.items():
            self.bloqueios.reavaliar_varios(deste, em=em)
        eventos.registrar_varios(self.sessao, "contrato_ativado", [(c.cliente_id, {"contrato_id": c.id, "numero": c.numero}) for c in contratos])
        return contratos

    def _ciclos(self, lote: Sequence[Inicio], contratos: Sequence[Contrato]) -> list[CicloFaturamento]:
        """The cycle of each: the customer's that was named, or a new one."""
        tipos: dict[int | None, Ciclo] = {}
        ciclos = [
            self._ciclo_do_cliente(c, i.ciclo_faturamento_id) if i.ciclo_faturamento_id else self._novo_ciclo(c, i, tipos)
            for i, c in zip(lote, contratos, strict=True)
        ]
        self.sessao.add_all(ciclos)
        self.sessao.flush()
        return ciclos

    def _ciclo_do_cliente(self, contrato: Contrato, ciclo_faturamento_id: int) -> CicloFaturamento:
        ciclo = self.sessao.get(CicloFaturamento, ciclo_faturamento_id, with_for_update={"key_share": True})
        if ciclo is None or ciclo.cliente_id != contrato.cliente_id or not ciclo.ativo:
            raise NaoEncontrado(_("Este vencimento não é do cliente."), ciclo_faturamento_id=ciclo_faturamento_id)
        return ciclo

    def _novo_ciclo(self, contrato: Contrato, i: Inicio, tipos: dict[int | None, Ciclo]) -> CicloFaturamento:
        if i.ciclo_id not in tipos:
            tipos[i.ciclo_id] = self._tipo_de_ciclo(i.ciclo_id)
        desde = i.primeiro or i.faturar_desde or i.em
        return CicloFaturamento(
            cliente_id=contrato.cliente_id, ciclo_id=tipos[i.ciclo_id].id, dia_vencimento=i.dia_vencimento, data_inicio=desde,
            proximo_vencimento=primeiro_vencimento(desde, i.dia_vencimento),
        )

    def _tipo_de_ciclo(self, ciclo_id: int | None) -> Ciclo:
        padrao = select(Ciclo).where(Ciclo.ativo).order_by(Ciclo.id).limit(1)
        tipo = self.sessao.get(Ciclo, ciclo_id) if ciclo_id else self.sessao.scalar(padrao)
        if tipo is None:
            raise RegraViolada(_("Nenhum ciclo de cobrança está cadastrado."), codigo="sem_ciclo")
        return tipo


def _conferir_a_mao(em: dt.date, faturar_desde: dt.date | None) -> None:
    """Days typed by a person: see ``ativar_contrato``."""
    hoje, dias = relogio.hoje(), configuracao.ler("contratos.ativacao_retroativa_dias")
    if em > hoje:
        raise ValorInvalido(
            _("O serviço não pode começar no futuro: deixe o contrato como rascunho e ative no dia."), codigo="ativacao_futura", campo="em"
        )
    relogio.exigir_dia(em, ADIANTE_ATIVO, campo="em")
    desde = faturar_desde or em
    if desde < em:
        raise ValorInvalido(_("A cobrança não pode começar antes do serviço."), codigo="cobranca_antes", campo="faturar_desde")
    if desde < hoje - dt.timedelta(days=dias):
        raise ValorInvalido(
            _("Só se cobra de até %(n)d dias atrás: informe a partir de que dia faturar.", n=dias), codigo="ativacao_retroativa", campo="faturar_desde"
        )
    relogio.exigir_dia(desde, UM_ANO, campo="faturar_desde")
