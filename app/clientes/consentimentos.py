"""Consents (LGPD, arts. 7 and 8): for what each channel may be used, on which legal basis, and what the customer said last.

Billing and service messages are the execution of the contract and ask for no consent; offers and surveys do. A yes or no is a new row; none is changed.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clientes.models import CanalContato, Consentimento
from app.clientes.services import travar_cliente
from app.core import relogio
from app.core.erros import ValorInvalido
from app.core.tipos import N_


@dataclass(frozen=True)
class Finalidade:
    """A purpose: ``base`` is its legal basis in words; with ``pede`` it needs a yes. ``versao`` names the text the customer was shown."""

    rotulo: str
    base: str
    pede: bool = True
    texto: str = ""
    versao: str = ""


FINALIDADES = {
    "cobranca": Finalidade(N_("Cobrança e avisos do serviço"), N_("Execução do contrato (LGPD, art. 7º, V): não pede consentimento"), pede=False),
    "marketing": Finalidade(
        N_("Ofertas e novidades"), N_("Consentimento (LGPD, art. 7º, I)"), texto=N_("Aceito receber ofertas e novidades do provedor por este canal."),
        versao="marketing-2026-11"),
    "pesquisa": Finalidade(
        N_("Pesquisas de satisfação"), N_("Consentimento (LGPD, art. 7º, I)"),
        texto=N_("Aceito responder a pesquisas de satisfação do provedor por este canal."), versao="pesquisa-2026-11"),
}


@dataclass(frozen=True)
class Linha:
    """A channel and purpose, with the row in force; None: never asked."""

    canal: CanalContato
    finalidade: str
    vigente: Consentimento | None

    @property
    def concedido(self) -> bool:
        """Whether the channel may be used for it."""
        return self.vigente is not None and self.vigente.concedido


def vigente(sessao: Session, cliente_id: int, canal: CanalContato, finalidade: str) -> bool:
    """Whether a channel may be used for a purpose now: what needs no consent always, else by the newest row; never asked is no."""
    declarada = FINALIDADES.get(finalidade)
    if declarada is not None and not declarada.pede:
        return True
    ultima = select(Consentimento.concedido).where(
        Consentimento.cliente_id == cliente_id, Consentimento.canal == canal, Consentimento.finalidade == finalidade)
    return bool(sessao.scalar(ultima.order_by(Consentimento.id.desc()).limit(1)))


def registrar(
    sessao: Session, cliente_id: int, canal: CanalContato, finalidade: str, *, concedido: bool, origem: str, evidencia: str = "",
) -> Consentimento:
    """Write a yes or no down, with the version of the text; saying again what is in force adds nothing.

    ``origem``: how it was given; ``evidencia``: what proves it. Raises NaoEncontrado, or ValorInvalido without an origin and for a purpose that asks for none.
    """
    declarada = FINALIDADES.get(finalidade)
    if declarada is None or not declarada.pede:
        raise ValorInvalido(_("Esta finalidade não pede consentimento."), campo="finalidade")
    if not origem.strip():
        raise ValorInvalido(_("Informe como foi dado."), campo="origem")
    travar_cliente(sessao, cliente_id)
    consulta = select(Consentimento).where(
        Consentimento.cliente_id == cliente_id, Consentimento.canal == canal, Consentimento.finalidade == finalidade)
    ultimo = sessao.scalar(consulta.order_by(Consentimento.id.desc()).limit(1))
    if ultimo is not None and ultimo.concedido == concedido and ultimo.versao_texto == declarada.versao:
        return ultimo
    novo = Consentimento(
        cliente_id=cliente_id, canal=canal, finalidade=finalidade, concedido=concedido, origem=origem.strip()[:60], em=relogio.agora(),
        versao_texto=declarada.versao, evidencia=evidencia.strip() or None)
    sessao.add(novo)
    sessao.flush()
    return novo


def datar(consentimento: Consentimento) -> None:
    """A row filled in by hand is of now, and of the text in force."""
    declarada = FINALIDADES.get(consentimento.finalidade)
    consentimento.em, consentimento.versao_texto = relogio.agora(), declarada.versao if declarada else None


def quadro(sessao: Session, cliente_id: int) -> list[Linha]:
    """Every channel for every purpose that asks for consent, with what is in force."""
    linhas = sessao.scalars(select(Consentimento).where(Consentimento.cliente_id == cliente_id).order_by(Consentimento.id))
    ultimas = {(c.canal, c.finalidade): c for c in linhas}
    pedem = [nome for nome, f in FINALIDADES.items() if f.pede]
    return [Linha(canal, nome, ultimas.get((canal, nome))) for nome in pedem for canal in CanalContato]


def historico(sessao: Session, cliente_id: int) -> list[Consentimento]:
    """Everything the customer said, newest first."""
    return list(sessao.scalars(select(Consentimento).where(Consentimento.cliente_id == cliente_id).order_by(Consentimento.id.desc())))


def rotulo(finalidade: str) -> str:
    """A purpose in words; one typed by hand before there was a list as it was typed."""
    return _(FINALIDADES[finalidade].rotulo) if finalidade in FINALIDADES else finalidade
