"""Invitations: the only way into the staff. An administrator says who and with which roles; the person chooses user name and password by the link."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from flask_appbuilder.security.sqla.models import Group, Role, User
from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.core import configuracao, relogio
from app.core.ator import agindo_como, ator_id
from app.core.erros import Conflito, NaoEncontrado, RegraViolada, ValorInvalido
from app.core.tipos import N_
from app.notificacoes.services import NotificacaoService
from app.usuarios import consultas, links, senhas
from app.usuarios.models import Convite
from app.usuarios.services import UsuarioService

VALIDADE_HORAS = "usuarios.convite_horas"
FORA_DA_EQUIPE = frozenset({consultas.PAPEL_CLIENTE, "Public"})
configuracao.declarar_grupo("usuarios", N_("Usuários e acesso"))
configuracao.declarar(
    VALIDADE_HORAS, int, 72, N_("Validade de um convite (horas)"), N_("Depois disso o link não vale e pode ser reenviado."), minimo=1, maximo=720,
)


class ConviteService:
    """Verbs of invitations. Whoever makes or sends one gets the link too: a provider without mail hands it over."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def convidar(self, *, email: str, nome: str, sobrenome: str, papeis: Sequence[Role], grupos: Sequence[Group] = ()) -> tuple[Convite, str]:
        """An open invitation, and its link. One that ran out for the same address is replaced.

        Raises ValorInvalido at ``papeis`` without any or with one that is no employee's, Conflito at ``email`` for somebody who has an account or
        an open invitation.
        """
        email, agora = email.strip().lower(), relogio.agora()
        self._exigir_papeis(papeis, grupos)
        if consultas.achar(self.sessao, email) is not None:
            raise Conflito(_("Já existe um usuário com este e-mail."), campo="email")
        antigo = self._aberto(email)
        if antigo is not None and antigo.expira_em > agora:
            raise Conflito(_("Já há um convite aberto para este e-mail: reenvie ou revogue aquele."), campo="email")
        if antigo is not None:
            antigo.revogado_em = agora
            self.sessao.flush()
        convite = Convite(email=email, nome=nome.strip(), sobrenome=sobrenome.strip(), resumo="", expira_em=agora, papeis=list(papeis), grupos=list(grupos))
        self.sessao.add(convite)
        return convite, self._enviar(convite)

    def reenviar(self, convite_id: int) -> tuple[Convite, str]:
        """Send it again with another link and its time anew; the old link is dead. Raises RegraViolada for one that was accepted or taken back."""
        convite = self._travar(convite_id)
        if convite.aceito_em is not None or convite.revogado_em is not None:
            raise RegraViolada(_("Só um convite aberto ou vencido pode ser reenviado."), codigo="convite_fechado")
        return convite, self._enviar(convite)

    def revogar(self, convite_id: int) -> Convite:
        """Its link serves no more; again changes nothing. Raises RegraViolada when it was accepted: then the account is what to close."""
        convite = self._travar(convite_id)
        if convite.aceito_em is not None:
            raise RegraViolada(_("Este convite já foi aceito: tire o acesso da pessoa em Usuários."), codigo="convite_aceito")
        convite.revogado_em = convite.revogado_em or relogio.agora()
        self.sessao.flush()
        return convite

    def achar(self, token: str) -> Convite | None:
        """The open invitation of a link. Reading uses nothing up."""
        return self.sessao.scalar(self._do_link(token))

    def aceitar(self, token: str, *, usuario: str, senha: str) -> User:
        """Use the link up and make the account. Of two at once one wins.

        Raises NaoEncontrado for a link that is used, old, replaced, taken back or of nobody; Conflito or ValorInvalido at the field (then it still serves).
        """
        convite = self.sessao.scalar(self._do_link(token).with_for_update().execution_options(populate_existing=True))
        if convite is None:
            raise NaoEncontrado(_("Este convite não vale mais."), codigo="link_invalido")
        senhas.conferir(senha, dados=(usuario, convite.email, convite.nome, convite.sobrenome))
        if not convite.papeis and not convite.grupos:
            raise RegraViolada(_("Os papéis deste convite não existem mais: peça outro."), codigo="convite_sem_papel")
        with agindo_como(convite.criado_por_id):      # the account is that administrator's doing; the person behind the link has no other name yet
            return self._criar(convite, usuario, senha)

    def _criar(self, convite: Convite, usuario: str, senha: str) -> User:
        servico = UsuarioService(self.sessao)
        novo, _provisoria = servico.criar(
            usuario=usuario.lower(), email=convite.email, nome=convite.nome, sobrenome=convite.sobrenome, papeis=[p.name for p in convite.papeis],
            trocar_senha=False)
        novo.groups = list(convite.grupos)
        self.sessao.flush()
        servico.gravar_senha(novo.id, senha)
        convite.aceito_em, convite.usuario_id = relogio.agora(), novo.id
        self.sessao.flush()
        return novo

    def sugestao(self, convite: Convite) -> str:
        """A free user name for the person: what stands before the @, numbered when it is taken."""
        base = re.sub(r"[^\w.+-]+", "", convite.email.partition("@")[0])[:100].ljust(3, "_")
        tomados = set(self.sessao.scalars(select(func.lower(User.username)).where(func.lower(User.username).like(f"{base.replace('_', '!_')}%", escape="!"))))
        return next(nome for n in range(1, len(tomados) + 2) if (nome := base if n == 1 else f"{base}{n}") not in tomados)

    def _enviar(self, convite: Convite) -> str:
        token, convite.resumo = links.novo()
        convite.expira_em = relogio.agora() + dt.timedelta(hours=configuracao.ler(VALIDADE_HORAS))
        self.sessao.flush()
        link, quem = links.endereco(f"/convite/{token}"), self.sessao.get(User, ator_id() or 0)
        dados = {"nome": convite.nome, "quem": quem.get_full_name() if quem else _("A administração"), "validade": _hora(convite.expira_em)}
        NotificacaoService(self.sessao).agendar(
            "convite_equipe", chave=f"convite:{convite.id}:{convite.resumo[:16]}", destinatario=convite.email, dados=dados, segredos={"link": link},
            vale_ate=convite.expira_em)
        return link

    @staticmethod
    def _exigir_papeis(papeis: Sequence[Role], grupos: Sequence[Group]) -> None:
        if not papeis and not grupos:
            raise ValorInvalido(_("Escolha um papel ou um grupo."), campo="papeis")
        nomes = {p.name for p in papeis} | {p.name for g in grupos for p in g.roles}
        if nomes & FORA_DA_EQUIPE:
            raise ValorInvalido(_("O acesso de um cliente ao portal é dado na página do cliente."), campo="papeis")

    @staticmethod
    def _do_link(token: str) -> Select[tuple[Convite]]:
        aberto = (Convite.aceito_em.is_(None), Convite.revogado_em.is_(None), Convite.expira_em > relogio.agora())
        return select(Convite).where(Convite.resumo == links.resumir(token), *aberto)

    def _aberto(self, email: str) -> Convite | None:
        consulta = select(Convite).where(Convite.email == email, Convite.aceito_em.is_(None), Convite.revogado_em.is_(None))
        return self.sessao.scalar(consulta.with_for_update())

    def _travar(self, convite_id: int) -> Convite:
        convite = self.sessao.get(Convite, convite_id, with_for_update=True, populate_existing=True)
        if convite is None:
            raise NaoEncontrado(_("Convite não encontrado."), convite_id=convite_id)
        return convite


def _hora(instante: dt.datetime) -> str:
    return f"{relogio.local(instante):%d/%m/%Y %H:%M}"
