"""Signing in: three statements beside the hash. Attempts are counted before the password is checked, so that many at once are not free."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from app.core import auditoria, limites, relogio
from app.core.tipos import N_
from app.usuarios import consultas
from app.usuarios.conhecidos import Navegador
from app.usuarios.consultas import RegraDaSessao
from app.usuarios.models import Perfil, TipoSessao
from app.usuarios.services.sessoes import SessaoService

POR_CONTA = limites.declarar(limites.Limite("entrada_conta", N_("Senha errada nesta conta"), livres=5, de=limites.Quem.conta))
POR_ENDERECO = limites.declarar(limites.Limite(
    "entrada_endereco", N_("Senhas erradas deste endereço"), livres=30, maxima=dt.timedelta(minutes=15), esquece=dt.timedelta(hours=1)))
POR_CODIGO = limites.declarar(limites.Limite("codigo_conta", N_("Código errado nesta conta"), livres=5, de=limites.Quem.conta))


@dataclass(frozen=True)
class Conta:
    """What is known of whoever that name or e-mail is, on its own (no session reads it again). ``resumo`` is None when nobody may enter now."""

    usuario: User | None = None
    perfil: Perfil | None = None
    resumo: str | None = field(default=None, repr=False)
    regra: RegraDaSessao = field(default_factory=RegraDaSessao)
    dispositivo_id: int | None = None
    cliente: bool = False
    navegador: str = ""

    @property
    def chave(self) -> str:
        """Whose attempts are counted together: an account; from a browser it trusts or has signed in with before, that browser's alone, so that
        strangers lock nobody out."""
        aparelho = self.dispositivo_id or self.navegador
        return f"{self.usuario.id}.{aparelho}" if aparelho else str(self.usuario.id)

    @property
    def pede_codigo(self) -> bool:
        """Whether the second factor is on and this browser is not trusted."""
        return self.perfil is not None and self.perfil.totp_desde is not None and self.dispositivo_id is None


class EntradaService:
    """Verbs of the entry."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def procurar(self, entrada: str, dispositivo: str | None = None, navegador: Navegador | None = None) -> Conta:
        """Whoever this user name, e-mail or document is, counted as an attempt. Nobody, somebody inactive and an account that waits give no hash."""
        conta = consultas.conta_de(self.sessao, entrada, dispositivo)
        if conta is None or not conta[0].is_active:
            return Conta()
        usuario, perfil, regra, dispositivo_id = conta
        conhecido = navegador.nome if navegador is not None and navegador.conhece(usuario) else ""
        sem = Conta(usuario, perfil, None, regra, dispositivo_id, consultas.e_cliente(usuario), conhecido)
        for lido in filter(None, (usuario, perfil)):
            self.sessao.expunge(lido)
        tentativa = limites.tentar(POR_CONTA, sem.chave)
        if tentativa.travou:
            auditoria.registrar(self.sessao, "trava", "ab_user", usuario.id)
        return sem if tentativa.espera else replace(sem, resumo=usuario.password)

    def recusar(self, conta: Conta) -> None:
        """The password was wrong, or the account is nobody's: told without the name, which may be a password typed in the wrong field."""
        auditoria.registrar(self.sessao, "falha_entrada", "ab_user", conta.usuario.id if conta.usuario else None)
        if conta.usuario is None:
            return
        self._contar(conta.usuario.id, fail_login_count=func.coalesce(User.fail_login_count, 0) + 1)

    def entrar(self, conta: Conta, tipo: TipoSessao, *, dispositivo_id: int | None = None) -> str:
        """Everything asked was right: count the entry, open the session. Returns its name."""
        usuario = conta.usuario
        # the framework's column has no zone
        agora = relogio.local(relogio.agora()).replace(tzinfo=None)
        self._contar(usuario.id, login_count=func.coalesce(User.login_count, 0) + 1, fail_login_count=0, last_login=agora)
        limites.esquecer(POR_CONTA, conta.chave)
        falta = conta.regra.exige_2fa and (conta.perfil is None or conta.perfil.totp_desde is None)
        return SessaoService(self.sessao).abrir(
            usuario.id, conta.regra, tipo=tipo, falta_2fa=falta, dispositivo_id=dispositivo_id or conta.dispositivo_id)

    def liberar(self, usuario_id: int) -> None:
        """An administrator's word: the account may try again at once."""
        for limite in (POR_CONTA, POR_CODIGO):
            limites.esquecer(limite, usuario_id)
        for trava in limites.travas():      # those of browsers the account is known in
            if trava.limite is POR_CONTA and trava.chave.startswith(f"{usuario_id}."):
                limites.esquecer(POR_CONTA, trava.chave)
        auditoria.registrar(self.sessao, "destravar", "ab_user", usuario_id)

    def _contar(self, usuario_id: int, **valores: object) -> None:
        # by statement: counters are no news for the audit trail, which has its own rows for entries
        self.sessao.execute(update(User).where(User.id == usuario_id).values(**valores).execution_options(synchronize_session=False))
