"""``/cadastrar``: the customer's document, then the code and a password."""

from __future__ import annotations

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.forms import DynamicForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from app.brasil.documentos import formatar_documento, normalizar_documento, tipo_documento
from app.core import limites
from app.core.erros import DominioError, NaoEncontrado
from app.core.transacao import transacao
from app.core.visoes import CampoTexto, recusar
from app.extensions import db
from app.notificacoes.models import Canal
from app.portal import cadastro
from app.portal.cadastro import CADASTRO_ENDERECO, CODIGO_ENDERECO, CadastroService
from app.usuarios import senhas
from app.usuarios.codigos import VALIDADE
from app.usuarios.porta import DuasSenhas, Porta

_NA_SESSAO = "cadastro"      # the document and the channel, from the first page to the second
_MINUTOS = int(VALIDADE.total_seconds()) // 60


class FormDocumento(DynamicForm):
    """Who registers, and where the code goes."""

    documento = CampoTexto(_l("CPF ou CNPJ"), [DataRequired(_l("Informe o CPF ou o CNPJ.")), Length(max=30)])
    canal = RadioField(_l("Receber o código por"), default=Canal.email.name)

    def validate_documento(self, campo: CampoTexto) -> None:
        """Its check digits, which say nothing of whose it is."""
        if tipo_documento(campo.data) is None:
            raise ValidationError(_("CPF ou CNPJ inválido."))


class FormCodigo(DuasSenhas):
    """The code and the new password."""

    codigo = CampoTexto(_l("Código"), [DataRequired(_l("Informe o código.")), Length(max=20)])


def _prometido(canal: str) -> str:
    """What is said whoever it is."""
    if canal == Canal.email.name:
        return _("Se este CPF ou CNPJ for de um cliente com e-mail no cadastro, enviamos um código. Ele vale %(n)d minutos.", n=_MINUTOS)
    return _("Se este CPF ou CNPJ for de um cliente com telefone no cadastro, enviamos um código. Ele vale %(n)d minutos.", n=_MINUTOS)


class CadastrarView(Porta):
    """``/cadastrar``."""

    route_base = "/cadastrar"
    default_view = "documento"

    @expose("/", methods=["GET", "POST"])
    def documento(self) -> ResponseReturnValue:
        """Which document, and where the code goes; the same answer for every document."""
        form = FormDocumento()
        form.canal.choices = [SelectChoice(canal.name, canal.rotulo) for canal in cadastro.canais(db.session())]
        if form.validate_on_submit() and self.na_vez(CADASTRO_ENDERECO):
            cadastro.pedir_codigo(form.documento.data, Canal[form.canal.data])
            session[_NA_SESSAO] = [normalizar_documento(form.documento.data), form.canal.data]
            return redirect(url_for("CadastrarView.codigo"))
        return self.pagina("portal/cadastrar.html", _("Criar acesso de cliente"), form=form)

    @expose("/codigo", methods=["GET", "POST"])
    def codigo(self) -> ResponseReturnValue:
        """The code that came, and a password: the account is made."""
        if _NA_SESSAO not in session:
            return redirect(url_for("CadastrarView.documento"))
        documento, canal = session[_NA_SESSAO]
        form = FormCodigo()
        if form.validate_on_submit() and self._registrar(form, documento):
            session.pop(_NA_SESSAO)
            flash(_("Acesso criado. Entre com o CPF ou CNPJ e a senha que você escolheu."), "success")
            return redirect(url_for("EntradaView.login"))
        return self.pagina(
            "portal/cadastrar_codigo.html", _("Criar acesso de cliente"), form=form, documento=formatar_documento(documento), canal=canal,
            prometido=_prometido(canal))

    def _registrar(self, form: FormCodigo, documento: str) -> bool:
        try:
            senhas.conferir(form.senha.data, dados=(documento,))      # before the code: a weak password costs no try
            if not self.na_vez(CODIGO_ENDERECO):
                return False
            with transacao() as sessao:
                certo = CadastroService(sessao).conferir(documento, "".join(form.codigo.data.split()))
            if certo is None:
                raise NaoEncontrado(_("Código errado ou vencido. Depois de cinco erros, peça outro."), campo="codigo")
            limites.devolver(CODIGO_ENDERECO, limites.endereco(request.remote_addr))
            with transacao() as sessao:
                CadastroService(sessao).concluir(*certo, senha=form.senha.data)
        except DominioError as erro:
            recusar(form, erro, senao="codigo")
            return False
        return True
