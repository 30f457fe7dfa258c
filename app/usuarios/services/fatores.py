"""The second factor: a code of the telephone that changes every 30 seconds (TOTP, RFC 6238), codes on paper for when it is lost, browsers that are trusted."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets

import pyotp
from flask import current_app
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from app.core import auditoria, configuracao, relogio
from app.core.erros import NaoEncontrado, RegraViolada, ValorInvalido
from app.core.tipos import N_
from app.usuarios import consultas
from app.usuarios.models import DispositivoConfiavel, Perfil
from app.usuarios.services.sessoes import SessaoService, novo_nome, resumir
from app.usuarios.services.usuarios import garantir_perfil

PASSO = 30      # seconds a code is shown
DE_PAPEL = 10
_ALFABETO = "abcdefghjkmnpqrstuvwxyz23456789"      # nothing that looks like another
configuracao.declarar_grupo("acesso", N_("Acesso"))
configuracao.declarar(
    "acesso.dias_do_aparelho", int, 30, N_("Dias em que um aparelho de confiança não pede o código"), N_("Zero: o código é pedido em todo acesso."),
    minimo=0, maximo=365)


def novo_segredo() -> str:
    """160 random bits in base32, as authenticator applications read them."""
    return pyotp.random_base32()


def endereco(usuario: User, segredo: str) -> str:
    """What the QR code of the enrolment says (``otpauth://``)."""
    return pyotp.TOTP(segredo, interval=PASSO).provisioning_uri(usuario.username, issuer_name=current_app.config["APP_NAME"])


def passo_do_codigo(segredo: str, codigo: str, agora: dt.datetime) -> int | None:
    """The time step whose code this is, now or one before or after (clocks differ); None when it is none of them."""
    totp, agora_em = pyotp.TOTP(segredo, interval=PASSO), int(agora.timestamp()) // PASSO
    return next((n for n in (agora_em, agora_em - 1, agora_em + 1) if hmac.compare_digest(totp.generate_otp(n), codigo)), None)


class FatorService:
    """Verbs of the second factor."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def ligar(self, usuario_id: int, segredo: str, codigo: str) -> list[str]:
        """Switch it on once the telephone shows the right code. Returns the codes for paper, shown once. Raises ValorInvalido at ``codigo``."""
        passo = passo_do_codigo(segredo, _limpo(codigo), relogio.agora())
        if passo is None:
            raise ValorInvalido(_("Código incorreto. Confira se a hora do telefone está certa e digite o código que aparece agora."), campo="codigo")
        perfil = garantir_perfil(self.sessao, usuario_id)
        perfil.totp_secret, perfil.totp_desde, perfil.totp_passo = segredo, relogio.agora(), passo
        self.esquecer(usuario_id)
        auditoria.registrar(self.sessao, "ligar_2fa", "ab_user", usuario_id)
        return self._novos_codigos(perfil)

    def conferir(self, usuario_id: int, codigo: str) -> bool:
        """Whether this is the code of the telephone, or one of those on paper. Either is used up: no code counts twice."""
        perfil = garantir_perfil(self.sessao, usuario_id)
        if perfil.totp_desde is None:
            return False
        return self._do_telefone(perfil, _limpo(codigo)) or self._de_papel(perfil, _limpo(codigo))

    def novos_codigos(self, usuario_id: int) -> list[str]:
        """New codes for paper; the old ones no longer serve. Raises RegraViolada while the second factor is off."""
        perfil = garantir_perfil(self.sessao, usuario_id)
        if perfil.totp_desde is None:
            raise RegraViolada(_("Ligue antes a verificação em duas etapas."), codigo="sem_2fa")
        return self._novos_codigos(perfil)

    def desligar(self, usuario_id: int) -> None:
        """The person's own wish. Raises RegraViolada when one of the roles makes it obligatory."""
        if consultas.regra_da_sessao(self.sessao, usuario_id).exige_2fa:
            raise RegraViolada(_("O seu papel exige a verificação em duas etapas: ela pode ser refeita, mas não desligada."), codigo="2fa_obrigatoria")
        self._apagar(usuario_id)
        auditoria.registrar(self.sessao, "desligar_2fa", "ab_user", usuario_id)

    def redefinir(self, usuario_id: int) -> None:
        """An administrator's help for a lost telephone: off, no browser is trusted, every session ends. Raises NaoEncontrado."""
        if self.sessao.get(User, usuario_id) is None:
            raise NaoEncontrado(_("Usuário não encontrado."), usuario_id=usuario_id)
        self._apagar(usuario_id)
        SessaoService(self.sessao).encerrar_do_usuario(usuario_id, motivo="redefinir_2fa")
        auditoria.registrar(self.sessao, "redefinir_2fa", "ab_user", usuario_id)

    def confiar(self, usuario_id: int, *, nome: str, ip: str | None) -> tuple[int, str, dt.timedelta]:
        """Ask this browser for no code for a while: the row's id, what its cookie carries, and for how long."""
        cartao, prazo = novo_nome(), dt.timedelta(days=configuracao.ler("acesso.dias_do_aparelho"))
        linha = insert(DispositivoConfiavel).values(
            usuario_id=usuario_id, resumo=resumir(cartao), nome=nome[:120], ip=ip, created_at=relogio.agora(), expira_em=relogio.agora() + prazo)
        return self.sessao.execute(linha.returning(DispositivoConfiavel.id)).scalar_one(), cartao, prazo

    def esquecer(self, usuario_id: int, dispositivo_id: int | None = None) -> int:
        """Trust one browser of the person, or none at all, no longer. Returns how many."""
        quais = [DispositivoConfiavel.usuario_id == usuario_id] + ([DispositivoConfiavel.id == dispositivo_id] if dispositivo_id else [])
        return self.sessao.execute(delete(DispositivoConfiavel).where(*quais).execution_options(synchronize_session=False)).rowcount

    def _do_telefone(self, perfil: Perfil, codigo: str) -> bool:
        passo = passo_do_codigo(perfil.totp_secret, codigo, relogio.agora()) if codigo.isdigit() else None
        if passo is None or passo <= (perfil.totp_passo or 0):
            return False
        perfil.totp_passo = passo
        self.sessao.flush()
        return True

    def _de_papel(self, perfil: Perfil, codigo: str) -> bool:
        resumo, restam = resumir(codigo), list(perfil.codigos_recuperacao or [])
        if resumo not in restam:
            return False
        restam.remove(resumo)
        perfil.codigos_recuperacao = restam
        self.sessao.flush()
        return True

    def _novos_codigos(self, perfil: Perfil) -> list[str]:
        codigos = ["".join(secrets.choice(_ALFABETO) for _n in range(12)) for _vez in range(DE_PAPEL)]
        perfil.codigos_recuperacao = [resumir(codigo) for codigo in codigos]
        self.sessao.flush()
        return ["-".join(c[i : i + 4] for i in (0, 4, 8)) for c in codigos]

    def _apagar(self, usuario_id: int) -> None:
        perfil = garantir_perfil(self.sessao, usuario_id)
        perfil.totp_secret = perfil.totp_desde = perfil.totp_passo = perfil.codigos_recuperacao = None
        self.sessao.flush()
        self.esquecer(usuario_id)


def _limpo(codigo: str) -> str:
    return "".join(c for c in codigo.lower() if c.isascii() and c.isalnum())
