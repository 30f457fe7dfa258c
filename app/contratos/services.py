"""Contracts: creating and editing them. Activation, plan change and end with their money and access are FaturamentoService verbs that call this."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from app.clientes.services import travar_cliente
from app.contratos.criacao import Criacao, NovoContrato, exigir_a_venda, senha_nova
from app.contratos.estados import SEM_SERVICO, Cobranca, StatusContrato
from app.contratos.models import Contrato, ContratoHistorico, SuspensaoVoluntaria
from app.core import relogio
from app.core.ator import ator_id
from app.core.datas import UM_ANO
from app.core.dinheiro import PRECO_MAXIMO, ZERO, reais
from app.core.erros import Conflito, NaoEncontrado, ValorInvalido
from app.core.estados import exigir_mudanca, exigir_origem
from app.core.formatos import datahora_br, faixa
from app.core.idiomas import da_casa
from app.core.modelos import versao_de
from app.planos.models import Plano
from app.usuarios.limites_papel import Tipo, exigir_limite

__all__ = ["ContratoService", "NovoContrato", "senha_nova"]



RENOVACAO_MAXIMA = 10 * UM_ANO


class ContratoService(Criacao):
    """Verbs of contracts; each locks the customer, then the contract, and writes a new version of its history when text, plan or price change."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def criar_contrato(
        self, cliente_id: int, plano_id: int, termo_template: str | None = None, *, data_inicio: dt.date, endereco_instalacao_id: int | None = None,
        preco: Decimal | None = None, desconto: Decimal = ZERO, desconto_ate: dt.date | None = None, cobranca: Cobranca = Cobranca.antecipada,
        login_pppoe: str | None = None, senha_pppoe: str | None = None, itens: Iterable[Mapping[str, Any]] = (),
    ) -> Contrato:
        """A draft contract numbered ``AAAA-00001`` with version 1 of its history; price in reais a month, the plan's when not given.

        ``itens`` are mappings of ContratoItem columns. Login and password of PPPoE are generated when missing. Fidelity runs from the start
        for the plan's months. Raises NaoEncontrado, RegraViolada (plan not sold any more), ValorInvalido (discount above the price,
        somebody else's address), Conflito (login taken).
        """
        return self.criar_contratos([NovoContrato(
            cliente_id, plano_id, data_inicio, termo_template, endereco_instalacao_id, preco, desconto, desconto_ate, cobranca, login_pppoe, senha_pppoe, itens,
        )])[0]

    def ativar(self, contrato_id: int, *, em: dt.date) -> Contrato:
        """Draft or waiting becomes active; ``em`` is the first day of service, whatever start was planned."""
        return self.ativar_varios({contrato_id: em})[contrato_id]

    def suspender(self, contrato_id: int, *, em: dt.date) -> Contrato:
        """Active becomes suspended at the customer's request; ``em`` is the first day without service."""
        contrato = self._passar(contrato_id, StatusContrato.ativo, StatusContrato.suspenso)
        self.sessao.add(SuspensaoVoluntaria(contrato_id=contrato.id, de=em))
        self.sessao.flush()
        return contrato

    def retomar(self, contrato_id: int, *, em: dt.date) -> Contrato:
        """Suspended becomes active again; ``em`` is the first day with service."""
        contrato = self._passar(contrato_id, StatusContrato.suspenso, StatusContrato.ativo)
        aberta = select(SuspensaoVoluntaria).where(SuspensaoVoluntaria.contrato_id == contrato.id, SuspensaoVoluntaria.volta.is_(None))
        for pausa in self.sessao.scalars(aberta):
            pausa.volta = em
        self.sessao.flush()
        return contrato

    def cancelar(self, contrato_id: int, *, em: dt.date, motivo: str) -> Contrato:
        """End a contract; ``em`` is its last day of service. Raises TransicaoInvalida when it already ended, ValorInvalido before its start.

        A draft may be given up before the day it was to begin.
        """
        contrato = self.travar(contrato_id)
        if em < contrato.data_inicio and contrato.status not in SEM_SERVICO:
            raise ValorInvalido(_("O contrato não pode terminar antes de começar."), campo="em")
        exigir_mudanca(contrato.status, StatusContrato.cancelado)
        contrato.status = StatusContrato.cancelado
        contrato.data_fim, contrato.motivo_cancelamento = max(em, contrato.data_inicio), motivo
        self.sessao.flush()
        return contrato

    def mudar_plano(self, contrato_id: int, plano_id: int, *, em: dt.date, preco: Decimal | None = None) -> Contrato:
        """Another plan from ``em`` on, at its price or the given one (reais a month); the old price stays in the history."""
        contrato = self.travar(contrato_id)
        plano = self._plano_a_venda(plano_id)
        dado = ZERO if preco is None else plano.preco - reais(preco)
        exigir_limite(self.sessao, Tipo.desconto, dado, cliente_id=contrato.cliente_id, campo="preco")
        contrato.plano_id, contrato.preco = plano.id, reais(plano.preco if preco is None else preco)
        self._versionar(contrato, da_casa("Mudança para o plano %(plano)s", plano=plano.nome), None if contrato.status in SEM_SERVICO else em)
        self.sessao.expire(contrato, ["plano"])
        return contrato

    def conferir_edicao(self, contrato: Contrato) -> None:
        """Check what a form or a program changed in a contract beside its verbs. Raises ValorInvalido for a day or an amount nobody can mean."""
        mudou = inspect(contrato).attrs
        if contrato.nao_bloquear_ate is not None and mudou.nao_bloquear_ate.history.has_changes():
            relogio.exigir_dia(contrato.nao_bloquear_ate, UM_ANO, campo="nao_bloquear_ate")
        if contrato.data_renovacao is not None and mudou.data_renovacao.history.has_changes():
            relogio.exigir_dia(contrato.data_renovacao, RENOVACAO_MAXIMA, campo="data_renovacao")
        if contrato.beneficio_fidelidade is not None and not 0 <= contrato.beneficio_fidelidade <= PRECO_MAXIMO:
            raise ValorInvalido(faixa(ZERO, PRECO_MAXIMO), campo="beneficio_fidelidade")
        antes = mudou.beneficio_fidelidade.history.deleted
        if antes and antes[0]:      # the fine is a part of it: less of it is money given up
            with self.sessao.no_autoflush:
                travar_cliente(self.sessao, contrato.cliente_id)
            dado = antes[0] - (contrato.beneficio_fidelidade or ZERO)
            exigir_limite(self.sessao, Tipo.dispensa, dado, cliente_id=contrato.cliente_id, campo="beneficio_fidelidade")

    def travar(self, contrato_id: int, *, versao: str = "") -> Contrato:
        """Lock the contract's customer, then the contract, and read it again. Raises NaoEncontrado.

        ``versao``: ``versao_de(contrato)`` when somebody decided what to do with it; Conflito (``versao_antiga``) when it has changed since.
        """
        dono = self.sessao.scalar(select(Contrato.cliente_id).where(Contrato.id == contrato_id))
        if dono is None:
            raise NaoEncontrado(_("Contrato não encontrado."), contrato_id=contrato_id)
        travar_cliente(self.sessao, dono)
        consulta = select(Contrato).where(Contrato.id == contrato_id).with_for_update(key_share=True).execution_options(populate_existing=True)
        contrato = self.sessao.scalars(consulta).one()
        if versao and versao != versao_de(contrato):
            texto = _("O contrato mudou depois que esta página foi aberta, em %(quando)s. Nada foi feito: confira como ele está agora e envie de novo.",
                      quando=datahora_br(contrato.updated_at))
            raise Conflito(texto, codigo="versao_antiga", contrato_id=contrato.id)
        return contrato

    def _passar(self, contrato_id: int, de: StatusContrato, para: StatusContrato) -> Contrato:
        contrato = self.travar(contrato_id)
        exigir_origem(contrato.status, (de,), para)
        contrato.status = para
        self.sessao.flush()
        return contrato

    def _plano_a_venda(self, plano_id: int) -> Plano:
        return exigir_a_venda(self.sessao.get(Plano, plano_id), plano_id)

    def _versionar(self, contrato: Contrato, motivo: str, desde: dt.date | None) -> None:
        self.sessao.flush()
        ultima = self.sessao.scalar(select(func.max(ContratoHistorico.versao)).where(ContratoHistorico.contrato_id == contrato.id)) or 0
        versao = ContratoHistorico(
            contrato_id=contrato.id, versao=ultima + 1, termo=contrato.termo, plano_id=contrato.plano_id, preco=contrato.preco, desde=desde,
            motivo=motivo, autor_id=ator_id(), data_criacao=relogio.agora(),
        )
        self.sessao.add(versao)
        self.sessao.flush()
