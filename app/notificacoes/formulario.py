"""The form of the mail server, used by the settings screen and by the first-week wizard."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask_appbuilder.forms import DynamicForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, NumberRange, Optional, Regexp

from app.core.cifra import legivel
from app.core.erros import ValorInvalido
from app.core.visoes import CampoInteiro, CampoTexto
from app.core.visoes.campos import EntradaInteiro, EntradaTexto, Selecao
from app.notificacoes.canais import ServidorSmtp
from app.notificacoes.models import CanalEnvio

SEGURANCAS = (("starttls", _l("STARTTLS (porta 587)")), ("tls", _l("TLS (porta 465)")), ("nenhuma", _l("Nenhuma")))
_ENDERECO = Email(_l("Informe um e-mail válido."))


class FormServidor(DynamicForm):
    """The server and the sender. An empty server goes back to ``SMTP_URL``; an empty password keeps the present one."""

    servidor = CampoTexto(
        _l("Servidor de e-mail (SMTP)"), [Optional(), Length(max=255), Regexp(r"[\w.-]+$", message=_l("Só o nome do servidor, como smtp.seudominio.com.br."))],
        widget=EntradaTexto(), description=_l("Como smtp.seudominio.com.br."))
    porta = CampoInteiro(_l("Porta"), [DataRequired(_l("Informe a porta.")), NumberRange(1, 65535, _l("De 1 a 65535."))], widget=EntradaInteiro())
    seguranca = SelectField(_l("Segurança"), widget=Selecao(), choices=[SelectChoice(chave, texto) for chave, texto in SEGURANCAS])
    usuario = CampoTexto(_l("Usuário"), [Length(max=255)], widget=EntradaTexto())
    senha = PasswordField(
        _l("Senha"), [Length(max=500)], description=_l("Vazia mantém a atual. Guardada cifrada."), render_kw={"class": "form-control", "autocomplete": "off"})
    remetente = CampoTexto(_l("Endereço do remetente"), [Optional(), _ENDERECO], widget=EntradaTexto())

    def url(self, canal: CanalEnvio | None) -> str:
        """What was typed as the address of a server, with the stored password when none was typed; empty without a server."""
        if not self.servidor.data:
            return ""
        antes = ServidorSmtp.de_url(url) if (url := _url(canal)) else None
        if antes is not None and antes.senha and self.usuario.data and not self.senha.data and self.servidor.data != antes.host:
            raise ValorInvalido(_("O servidor é outro: digite a senha de novo."), campo="senha", codigo="senha_de_outro")
        senha = self.senha.data or (antes.senha if antes else "")
        conta = f"{quote(self.usuario.data, safe='')}:{quote(senha, safe='')}@" if self.usuario.data else ""
        esquema, starttls = ("smtps" if self.seguranca.data == "tls" else "smtp"), int(self.seguranca.data == "starttls")
        return f"{esquema}://{conta}{self.servidor.data}:{self.porta.data}?starttls={starttls}"


class FormServidorComTeste(FormServidor):
    """And where the test message goes."""

    destinatario = CampoTexto(_l("Enviar mensagem de teste para"), [DataRequired(_l("Informe o e-mail.")), _ENDERECO], widget=EntradaTexto())


def guardado(canal: CanalEnvio | None) -> dict[str, Any]:
    """Data of the form from what is stored; never the password."""
    atual: dict[str, Any] = {"porta": 587, "seguranca": "starttls", "remetente": canal.remetente if canal else None}
    if url := _url(canal):
        servidor = ServidorSmtp.de_url(url)
        seguranca = "tls" if servidor.tls else "starttls" if servidor.starttls else "nenhuma"
        atual |= {"servidor": servidor.host, "porta": servidor.porta, "usuario": servidor.usuario, "seguranca": seguranca}
    return atual


def _url(canal: CanalEnvio | None) -> str | None:
    return legivel(lambda: canal.url) if canal else None
