"""The step of the mail server: stored encrypted, then tried with a real message to the person who is setting it up."""

from __future__ import annotations

from urllib.parse import quote

from flask import current_app, g
from flask_appbuilder.forms import DynamicForm
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import PasswordField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, NumberRange, Optional, Regexp

from app.core import configuracao
from app.core.tipos import N_
from app.core.transacao import transacao
from app.core.visoes import CampoInteiro, CampoTexto
from app.core.visoes.campos import EntradaInteiro, EntradaTexto, Selecao
from app.extensions import db
from app.notificacoes.canais.smtp import ServidorSmtp
from app.notificacoes.models import Canal, CanalEnvio
from app.notificacoes.services import CanalService, testar_smtp

configuracao.declarar("assistente.email", bool, False, N_("E-mail testado"))

SEGURANCAS = (("starttls", _l("STARTTLS (porta 587)")), ("tls", _l("TLS (porta 465)")), ("nenhuma", _l("Nenhuma")))
_ENDERECO = Email(_l("Informe um e-mail válido."))


class FormEmail(DynamicForm):
    """The server, and where the test message goes. An empty server goes back to ``SMTP_URL``; an empty password keeps the present one."""

    servidor = CampoTexto(
        _l("Servidor de e-mail (SMTP)"), [Optional(), Length(max=255), Regexp(r"[\w.-]+$", message=_l("Só o nome do servidor, como smtp.seudominio.com.br."))],
        widget=EntradaTexto(), description=_l("Como smtp.seudominio.com.br."))
    porta = CampoInteiro(_l("Porta"), [DataRequired(_l("Informe a porta.")), NumberRange(1, 65535, _l("De 1 a 65535."))], widget=EntradaInteiro())
    seguranca = SelectField(_l("Segurança"), widget=Selecao(), choices=[SelectChoice(chave, texto) for chave, texto in SEGURANCAS])
    usuario = CampoTexto(_l("Usuário"), [Length(max=255)], widget=EntradaTexto())
    senha = PasswordField(
        _l("Senha"), [Length(max=500)], description=_l("Vazia mantém a atual. Guardada cifrada."), render_kw={"class": "form-control", "autocomplete": "off"})
    remetente = CampoTexto(_l("Endereço do remetente"), [Optional(), _ENDERECO], widget=EntradaTexto())
    destinatario = CampoTexto(_l("Enviar mensagem de teste para"), [DataRequired(_l("Informe o e-mail.")), _ENDERECO], widget=EntradaTexto())


def _canal(sessao: Session) -> CanalEnvio | None:
    return sessao.scalar(select(CanalEnvio).where(CanalEnvio.canal == Canal.email))


def formulario(sessao: Session) -> FormEmail:
    """The form with what is stored; never the password."""
    canal = _canal(sessao)
    atual = {"porta": 587, "seguranca": "starttls", "destinatario": g.user.email, "remetente": canal.remetente if canal else None}
    if canal and canal.url:
        guardado = ServidorSmtp.de_url(canal.url)
        seguranca = "tls" if guardado.tls else "starttls" if guardado.starttls else "nenhuma"
        atual |= {"servidor": guardado.host, "porta": guardado.porta, "usuario": guardado.usuario, "seguranca": seguranca}
    return FormEmail(data=atual)


def testar(form: FormEmail) -> None:
    """Store the server, then send through it: what is stored stays when the test fails, so that only what is wrong is typed again."""
    with transacao() as sessao:
        CanalService(sessao).configurar(Canal.email, url=_url(form, _canal(sessao)), remetente=form.remetente.data)
        configuracao.gravar(sessao, "assistente.email", False)
    db.session.rollback()       # no transaction stays open while the server is asked
    testar_smtp(form.destinatario.data)


def _url(form: FormEmail, canal: CanalEnvio | None) -> str:
    if not form.servidor.data:
        return ""
    senha = form.senha.data or (ServidorSmtp.de_url(canal.url).senha if canal and canal.url else "")
    conta = f"{quote(form.usuario.data, safe='')}:{quote(senha, safe='')}@" if form.usuario.data else ""
    esquema, starttls = ("smtps" if form.seguranca.data == "tls" else "smtp"), int(form.seguranca.data == "starttls")
    return f"{esquema}://{conta}{form.servidor.data}:{form.porta.data}?starttls={starttls}"


def salvar(sessao: Session, _form: FormEmail) -> None:
    """The test message left: the step is done."""
    configuracao.gravar(sessao, "assistente.email", True)


def servidor(sessao: Session) -> dict[str, bool]:
    """Whether any server is known, typed or from the environment."""
    canal = _canal(sessao)
    return {"tem_smtp": bool(canal and canal.url) or bool(current_app.config["SMTP_URL"])}
