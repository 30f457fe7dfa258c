"""Somebody leaves the team: the way in ends at once, and the work he answered for goes to others, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.core import auditoria, registro, relogio
from app.core.erros import NaoEncontrado, RegraViolada, ValorInvalido
from app.core.models import FiltroSalvo
from app.core.registro import Trabalho
from app.core.tipos import N_
from app.usuarios import consultas
from app.usuarios.models import ChaveApi, Convite, SessaoUsuario
from app.usuarios.services import UsuarioService


@dataclass(frozen=True)
class Posse:
    """What somebody holds: ways in, and work by kind (only kinds of which there is some)."""

    sessoes: int
    chaves: int
    trabalhos: list[tuple[Trabalho, int]]


class DesligamentoService:
    """Verbs of leaving."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def posse(self, usuario_id: int) -> Posse:
        """What the person holds now."""
        contados = [(t, t.contar(self.sessao, usuario_id)) for t in registro.trabalhos()]
        return Posse(self._contar(_sessoes_abertas(usuario_id)), self._contar(_chaves_validas(usuario_id)), [(t, n) for t, n in contados if n])

    def desligar(self, usuario_id: int, *, por_id: int, para: Mapping[str, int]) -> int:
        """Make somebody of the team inactive: sessions and keys end; work of the kinds in ``para`` goes to that person. Returns how much of it.

        For who is inactive already only the work is handed on. Raises NaoEncontrado, RegraViolada (oneself, the last administrator, a customer's
        account), ValorInvalido (``para_<kind>``) for who cannot take it.
        """
        pessoa = self._da_equipe(usuario_id)
        exigir_que_sobre_quem_administre(self.sessao, pessoa, por_id=por_id, ativo=False)
        for nome, outro_id in para.items():
            self._exigir_quem_receba(nome, usuario_id, outro_id)
        passados = {t.nome: t.repassar(self.sessao, usuario_id, para[t.nome]) for t in registro.trabalhos() if t.nome in para}
        UsuarioService(self.sessao).desativar(usuario_id)
        if quantos := sum(passados.values()):
            dados = {nome: {"para": para[nome], "quantos": n} for nome, n in passados.items() if n}
            auditoria.registrar(self.sessao, "repassar_trabalho", "ab_user", usuario_id, depois=dados)
        return quantos

    def _da_equipe(self, usuario_id: int) -> User:
        pessoa = self.sessao.get(User, usuario_id, with_for_update={"key_share": True})
        if pessoa is None:
            raise NaoEncontrado(_("Usuário não encontrado."), usuario_id=usuario_id)
        if consultas.PAPEL_CLIENTE in consultas.papeis_de(pessoa):
            raise RegraViolada(_("Esta é a conta de um cliente: retire o acesso ao portal na página dele."))
        return pessoa

    def _exigir_quem_receba(self, nome: str, usuario_id: int, outro_id: int) -> None:
        outro = self.sessao.get(User, outro_id)
        if outro is None or not outro.active or outro.id == usuario_id or consultas.PAPEL_CLIENTE in consultas.papeis_de(outro):
            raise ValorInvalido(_("Escolha outra pessoa ativa da equipe."), campo=f"para_{nome}")

    def _contar(self, consulta: object) -> int:
        return self.sessao.scalar(select(func.count()).select_from(consulta.subquery())) or 0


def exigir_que_sobre_quem_administre(sessao: Session, pessoa: User, *, por_id: int, ativo: bool) -> None:
    """Nobody locks himself out, and somebody stays able to administer. Raises RegraViolada at ``active`` or ``roles``."""
    if not ativo and pessoa.id == por_id:
        raise RegraViolada(_("Você não pode tirar o próprio acesso."), campo="active")
    administra = ativo and consultas.e_admin(pessoa)
    if not administra and not consultas.existe_admin(sessao, alem_de=[pessoa.id]):
        raise RegraViolada(_("O sistema precisa de pelo menos um administrador ativo."), campo="roles" if ativo else "active")


def _sessoes_abertas(usuario_id: int):
    return select(SessaoUsuario).where(SessaoUsuario.usuario_id == usuario_id, SessaoUsuario.encerrada_em.is_(None), SessaoUsuario.expira_em > relogio.agora())


def _chaves_validas(usuario_id: int):
    dela = or_(ChaveApi.usuario_id == usuario_id, ChaveApi.criado_por_id == usuario_id)
    return select(ChaveApi).where(dela, ChaveApi.revogada_em.is_(None))


def _convites(usuario_id: int):
    abertos = (Convite.aceito_em.is_(None), Convite.revogado_em.is_(None), Convite.expira_em > relogio.agora())
    return select(Convite).where(Convite.criado_por_id == usuario_id, *abertos)


def _visoes(usuario_id: int):
    return select(FiltroSalvo).where(FiltroSalvo.usuario_id == usuario_id).order_by(FiltroSalvo.id)


def _contador(consulta):
    return lambda sessao, usuario_id: sessao.scalar(select(func.count()).select_from(consulta(usuario_id).subquery())) or 0


def _repassar_convites(sessao: Session, de_id: int, para_id: int) -> int:
    convites = sessao.scalars(_convites(de_id)).all()
    for convite in convites:
        convite.criado_por_id = para_id
    return len(convites)


def _repassar_visoes(sessao: Session, de_id: int, para_id: int) -> int:
    """A view of a name the other has already gets the leaver's name behind it; one that still clashes stays."""
    tem = set(sessao.execute(select(FiltroSalvo.visao, FiltroSalvo.nome).where(FiltroSalvo.usuario_id == para_id)).all())
    dono, passadas = sessao.get_one(User, de_id), 0
    for filtro in sessao.scalars(_visoes(de_id)).all():
        nomes = (filtro.nome, f"{filtro.nome} ({dono.first_name})"[:60])
        livre = next((nome for nome in nomes if (filtro.visao, nome) not in tem), None)
        if livre is not None:
            filtro.nome, filtro.usuario_id = livre, para_id
            tem.add((filtro.visao, livre))
            passadas += 1
    return passadas


def declarar() -> None:
    """Kinds of work of this floor and of the one below."""
    registro.trabalho_de(Trabalho("convites", N_("Convites que a pessoa fez e ainda valem"), _contador(_convites), _repassar_convites))
    registro.trabalho_de(Trabalho("visoes", N_("Visões de listas salvas"), _contador(_visoes), _repassar_visoes))
