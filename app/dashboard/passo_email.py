"""The step of the mail server: stored encrypted, then tried with a real message to the person who is setting it up."""

from __future__ import annotations

from flask import current_app, g
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import configuracao
from app.core.cifra import legivel
from app.core.tipos import N_
from app.core.transacao import transacao
from app.extensions import db
from app.notificacoes.formulario import FormServidorComTeste, guardado
from app.notificacoes.models import Canal, CanalEnvio
from app.notificacoes.services import CanalService, testar_smtp

configuracao.declarar("assistente.email", bool, False, N_("E-mail testado"))


def _canal(sessao: Session) -> CanalEnvio | None:
    return sessao.scalar(select(CanalEnvio).where(CanalEnvio.canal == Canal.email))


def formulario(sessao: Session) -> FormServidorComTeste:
    """The form with what is stored; never the password."""
    return FormServidorComTeste(data={**guardado(_canal(sessao)), "destinatario": g.user.email})


def testar(form: FormServidorComTeste) -> None:
    """Store the server, then send through it: what is stored stays when the test fails, so that only what is wrong is typed again."""
    with transacao() as sessao:
        CanalService(sessao).configurar(Canal.email, url=form.url(_canal(sessao)), remetente=form.remetente.data)
        configuracao.gravar(sessao, "assistente.email", False)
    db.session.rollback()       # no transaction stays open while the server is asked
    testar_smtp(form.destinatario.data)


def salvar(sessao: Session, _form: FormServidorComTeste) -> None:
    """The test message left: the step is done."""
    configuracao.gravar(sessao, "assistente.email", True)


def servidor(sessao: Session) -> dict[str, bool]:
    """Whether any server is known, typed or from the environment."""
    canal = _canal(sessao)
    return {"tem_smtp": bool(canal and legivel(lambda: canal.url)) or bool(current_app.config["SMTP_URL"])}
