"""Beginning contracts, any number at once: drafts with their number and first version, and drafts that become active.

One of them is a lot of one, so that an import of thousands and a form write the same rows.
"""

from __future__ import annotations

import datetime as dt
import secrets
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clientes.models import Endereco
from app.clientes.services import travar_clientes
from app.contratos.estados import SEM_SERVICO, Cobranca, StatusContrato
from app.contratos.models import Contrato, ContratoHistorico, ContratoItem
from app.core import numeracao, relogio
from app.core.ator import ator_id
from app.core.datas import UM_ANO, UM_DIA, mais_meses
from app.core.dinheiro import ZERO, reais
from app.core.erros import Conflito, NaoEncontrado, RegraViolada, ValorInvalido
from app.core.estados import exigir_origem
from app.core.idiomas import da_casa
from app.planos.models import Plano
from app.usuarios.limites_papel import Tipo, exigir_limite

_LETRAS = string.ascii_lowercase + string.digits
ADIANTE_ATIVO = dt.timedelta(days=60)


class NovoContrato(NamedTuple):
    """A contract to draft; see ``ContratoService.criar_contrato``. Money in reais a month."""

    cliente_id: int
    plano_id: int
    data_inicio: dt.date
    termo: str | None = None
    endereco_instalacao_id: int | None = None
    preco: Decimal | None = None
    desconto: Decimal = ZERO
    desconto_ate: dt.date | None = None
    cobranca: Cobranca = Cobranca.antecipada
    login_pppoe: str | None = None
    senha_pppoe: str | None = None
    itens: Iterable[Mapping[str, Any]] = ()


class Criacao:
    """Verbs that begin contracts."""

    sessao: Session

    def criar_contratos(self, novos: Sequence[NovoContrato]) -> list[Contrato]:
        """Draft contracts in their order, numbered within their years, each with version 1 of its history.

        All customers are locked at once. Raises for the whole lot what ``criar_contrato`` raises for one.
        """
        clientes = travar_clientes(self.sessao, {n.cliente_id for n in novos})
        planos, donos = self._planos(novos), self._donos(novos)
        for n in novos:
            if n.cliente_id not in clientes:
                raise NaoEncontrado(_("Cliente não encontrado."), cliente_id=n.cliente_id)
            _conferir(n, planos.get(n.plano_id), donos)
            dado = n.desconto + max(planos[n.plano_id].preco - _preco(n, planos[n.plano_id]), ZERO)
            exigir_limite(self.sessao, Tipo.desconto, dado, cliente_id=n.cliente_id, campo="desconto")
        contratos = [_rascunho(n, planos[n.plano_id], numero) for n, numero in zip(novos, self._numeros(novos), strict=True)]
        self._logins_livres([c.login_pppoe for c in contratos])
        self.sessao.add_all(contratos)
        self.sessao.flush()
        comum = {"motivo": da_casa("Contrato criado"), "autor_id": ator_id(), "data_criacao": relogio.agora()}
        self.sessao.add_all([
            ContratoHistorico(contrato_id=c.id, versao=1, termo=c.termo, plano_id=c.plano_id, preco=c.preco, **comum) for c in contratos
        ])
        self.sessao.flush()
        return contratos

    def ativar_varios(self, inicios: Mapping[int, dt.date]) -> dict[int, Contrato]:
        """Drafts or waiting ones become active; ``inicios``: contract → first day of service, whatever start was planned.

        The day is from 2000-01-01 to 60 days ahead. Raises NaoEncontrado, ValorInvalido, TransicaoInvalida.
        """
        for dia in set(inicios.values()):
            relogio.exigir_dia(dia, ADIANTE_ATIVO, campo="em")
        donos = dict(self.sessao.execute(select(Contrato.id, Contrato.cliente_id).where(Contrato.id.in_(list(inicios)))).all())
        if faltam := inicios.keys() - donos.keys():
            raise NaoEncontrado(_("Contrato não encontrado."), contrato_id=min(faltam))
        travar_clientes(self.sessao, set(donos.values()))
        consulta = select(Contrato).where(Contrato.id.in_(list(inicios))).order_by(Contrato.id).with_for_update(key_share=True)
        contratos = {c.id: c for c in self.sessao.scalars(consulta.execution_options(populate_existing=True))}
        for contrato in contratos.values():
            exigir_origem(contrato.status, SEM_SERVICO, StatusContrato.ativo)
            contrato.status = StatusContrato.ativo
            contrato.data_inicio = inicios[contrato.id]
        self.sessao.flush()
        return contratos

    def _planos(self, novos: Sequence[NovoContrato]) -> dict[int, Plano]:
        return {p.id: p for p in self.sessao.scalars(select(Plano).where(Plano.id.in_({n.plano_id for n in novos})))}

    def _donos(self, novos: Sequence[NovoContrato]) -> dict[int, int]:
        """Address → customer."""
        ids = {n.endereco_instalacao_id for n in novos} - {None}
        return dict(self.sessao.execute(select(Endereco.id, Endereco.cliente_id).where(Endereco.id.in_(ids))).all()) if ids else {}

    def _numeros(self, novos: Sequence[NovoContrato]) -> Iterator[str]:
        anos = [n.data_inicio.year for n in novos]
        livres = {ano: numeracao.proximo(self.sessao, f"contrato-{ano}", anos.count(ano)) for ano in sorted(set(anos))}
        for ano in anos:
            yield f"{ano}-{livres[ano]:05d}"
            livres[ano] += 1

    def _logins_livres(self, logins: Sequence[str]) -> None:
        tomados = set(self.sessao.scalars(select(Contrato.login_pppoe).where(Contrato.login_pppoe.in_(logins))))
        for login in logins:
            if login in tomados:
                raise Conflito(_("O login %(login)s já é de outro contrato.", login=login), codigo="login_repetido", campo="login_pppoe")
            tomados.add(login)


def exigir_a_venda(plano: Plano | None, plano_id: int) -> Plano:
    """The plan itself. Raises NaoEncontrado, or RegraViolada for one that is not sold any more."""
    if plano is None:
        raise NaoEncontrado(_("Plano não encontrado."), plano_id=plano_id)
    if not plano.ativo:
        raise RegraViolada(_("O plano %(plano)s não é mais vendido.", plano=plano.nome), codigo="plano_inativo", campo="plano")
    return plano


def senha_nova(tamanho: int = 10) -> str:
    """A random password of letters and digits for PPPoE."""
    return "".join(secrets.choice(_LETRAS) for _n in range(tamanho))


def _conferir(n: NovoContrato, plano: Plano | None, donos: Mapping[int, int]) -> None:
    preco = _preco(n, exigir_a_venda(plano, n.plano_id))
    relogio.exigir_dia(n.data_inicio, UM_ANO, campo="data_inicio")
    if n.endereco_instalacao_id is not None and donos.get(n.endereco_instalacao_id) != n.cliente_id:
        raise ValorInvalido(_("O endereço não é deste cliente."), campo="endereco_instalacao_id")
    if n.desconto_ate is not None and n.desconto_ate < n.data_inicio:
        raise ValorInvalido(_("O desconto termina antes de o contrato começar."), campo="desconto_ate")
    if not ZERO <= n.desconto <= preco:
        raise ValorInvalido(_("O desconto não pode passar do preço."), campo="desconto")


def _preco(n: NovoContrato, plano: Plano) -> Decimal:
    return reais(plano.preco if n.preco is None else n.preco)


def _rascunho(n: NovoContrato, plano: Plano, numero: str) -> Contrato:
    return Contrato(
        numero=numero, cliente_id=n.cliente_id, plano_id=plano.id, endereco_instalacao_id=n.endereco_instalacao_id, preco=_preco(n, plano),
        desconto=reais(n.desconto), desconto_ate=n.desconto_ate, cobranca=n.cobranca, data_inicio=n.data_inicio, termo=n.termo,
        fidelidade_ate=mais_meses(n.data_inicio, plano.fidelidade_meses) - UM_DIA if plano.fidelidade_meses else None,
        data_renovacao=mais_meses(n.data_inicio, 12), senha_pppoe=n.senha_pppoe or senha_nova(), status=StatusContrato.rascunho,
        login_pppoe=n.login_pppoe or f"c{numero.replace('-', '')}", itens=[ContratoItem(**item) for item in n.itens],
    )
