"""What everybody may do about the safety of the own account: password, second factor, trusted browsers, open sessions."""

from __future__ import annotations

from flask import flash, g, jsonify, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import no_cache
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from app.core import confirmacao, limites
from app.core.cifra import cifrar, decifrar
from app.core.documentos_pdf import qr_svg
from app.core.erros import DominioError, ValorInvalido
from app.core.numeros import MAIOR_ID
from app.core.transacao import transacao
from app.extensions import db
from app.usuarios import consultas, recuperacao, senhas, sessoes
from app.usuarios.models import Perfil
from app.usuarios.services import POR_CODIGO, FatorService, SessaoService, UsuarioService
from app.usuarios.services.fatores import endereco, novo_segredo
from app.usuarios.sessoes import entrou

_SEGREDO = "segundo_fator_novo"      # in the cookie, encrypted, until the telephone has shown its first code


class FormSenha(DynamicForm):
    """The present password and the new one, twice."""

    atual = PasswordField(_l("Senha atual"), validators=[DataRequired(_l("Informe a senha atual."))])
    nova = PasswordField(
        _l("Nova senha"), validators=[DataRequired(_l("Informe a nova senha."))],
        description=_l("Pelo menos 10 caracteres. Uma frase é melhor que uma palavra."),
    )
    repetida = PasswordField(_l("Repita a nova senha"), validators=[EqualTo("nova", message=_l("As senhas não são iguais."))])


class TrocarSenhaView(BaseView):
    """``/trocar-senha/``: also where a first entry is held until the password is one's own."""

    route_base = "/trocar-senha"
    default_view = "formulario"
    base_permissions: list[str] = []

    @expose("/", methods=["GET", "POST"])
    @no_cache
    @entrou
    def formulario(self) -> ResponseReturnValue:
        """Ask the present password, check the new one, end the other sessions."""
        form = FormSenha()
        if form.validate_on_submit() and self._trocar(form):
            flash(_("Senha trocada. As outras sessões desta conta foram encerradas."), "success")
            return redirect("/portal/" if consultas.e_cliente(g.user) else "/")
        return self.render_template("usuarios/trocar_senha.html", title=_("Trocar senha"), form=form, obrigatoria=g.get("trocar_senha"), minimo=senhas.MINIMO)

    @staticmethod
    def _trocar(form: FormSenha) -> bool:
        esta = sessoes.atual()
        try:
            with transacao() as sessao:
                UsuarioService(sessao).trocar_senha(g.user.id, atual=form.atual.data, nova=form.nova.data, sessao_id=esta.id if esta else None)
                recuperacao.avisar_troca(sessao, g.user)
        except ValorInvalido as erro:
            form[erro.campo or "nova"].errors = [str(erro)]
            return False
        sessoes.renovar(confirmada=True)
        return True


class FormFator(DynamicForm):
    """The first code the telephone shows."""

    codigo = StringField(_l("Código que aparece no aplicativo"), validators=[DataRequired(_l("Informe o código.")), Length(max=12)])


class SegurancaView(BaseView):
    """``/perfil/seguranca`` and ``/perfil/segundo-fator``."""

    route_base = "/perfil"
    default_view = "pagina"
    base_permissions: list[str] = []

    @expose("/seguranca")
    @entrou
    def pagina(self) -> ResponseReturnValue:
        """How the account is protected, and where it is signed in."""
        sessao, regra = db.session(), consultas.regra_da_sessao(db.session(), g.user.id)
        perfil, esta = sessao.get(Perfil, g.user.id), sessoes.atual()
        return self.render_template(
            "usuarios/seguranca.html", title=_("Sessões e segurança"), perfil=perfil, regra=regra, restam=len((perfil and perfil.codigos_recuperacao) or ()),
            sessoes=consultas.sessoes_abertas(sessao, g.user.id), aparelhos=consultas.aparelhos(sessao, g.user.id), esta=esta.id if esta else 0,
            nome_do_navegador=sessoes.nome_do_navegador)

    @expose("/sessao")
    @entrou
    def sessao(self) -> ResponseReturnValue:
        """How long the session still lasts: ``{"segundos": 1800}``."""
        return jsonify(segundos=sessoes.segundos())

    # ---- second factor

    @expose("/segundo-fator", methods=["GET", "POST"])
    @no_cache
    @entrou
    def segundo_fator(self) -> ResponseReturnValue:
        """Enrol a telephone: show the secret as QR code and text, ask for the first code, show the codes for paper once."""
        confirmacao.exigir()
        segredo, form = self._segredo(), FormFator()
        if form.validate_on_submit() and (codigos := self._ligar(form, segredo)):
            return self.render_template("usuarios/codigos.html", title=_("Códigos de recuperação"), codigos=codigos)
        qr = qr_svg(endereco(g.user, segredo), titulo=_("QR Code para o aplicativo de autenticação"))
        obrigatorio = (esta := sessoes.atual()) is not None and esta.falta_2fa
        return self.render_template(
            "usuarios/segundo_fator.html", title=_("Verificação em duas etapas"), form=form, qr=qr, segredo=segredo, obrigatorio=obrigatorio)

    @staticmethod
    def _segredo() -> str:
        guardado = session.get(_SEGREDO)
        if not guardado:
            guardado = session[_SEGREDO] = cifrar(novo_segredo())
        return decifrar(guardado)

    @staticmethod
    def _ligar(form: FormFator, segredo: str) -> list[str]:
        if limites.tentar(POR_CODIGO, g.user.id).espera:
            form.codigo.errors = [_("Tentativas demais. Espere alguns minutos.")]
            return []
        try:
            with transacao() as sessao:
                codigos = FatorService(sessao).ligar(g.user.id, segredo, form.codigo.data)
                SessaoService(sessao).encerrar_do_usuario(g.user.id, motivo="redefinir_2fa", menos=esta.id if (esta := sessoes.atual()) else None)
        except ValorInvalido as erro:
            form.codigo.errors = [str(erro)]
            return []
        limites.esquecer(POR_CODIGO, g.user.id)
        session.pop(_SEGREDO, None)
        sessoes.renovar(confirmada=True)
        return codigos

    @expose("/segundo-fator/codigos", methods=["POST"])
    @no_cache
    @entrou
    def codigos(self) -> ResponseReturnValue:
        """New codes for paper."""
        confirmacao.exigir()
        try:
            with transacao() as sessao:
                codigos = FatorService(sessao).novos_codigos(g.user.id)
        except DominioError as erro:
            flash(str(erro), "danger")
            return redirect(url_for("SegurancaView.pagina"))
        return self.render_template("usuarios/codigos.html", title=_("Códigos de recuperação"), codigos=codigos)

    @expose("/segundo-fator/desligar", methods=["POST"])
    @entrou
    def desligar(self) -> ResponseReturnValue:
        """Switch it off, where no role makes it obligatory."""
        confirmacao.exigir()
        try:
            with transacao() as sessao:
                FatorService(sessao).desligar(g.user.id)
            flash(_("Verificação em duas etapas desligada."), "success")
        except DominioError as erro:
            flash(str(erro), "danger")
        return redirect(url_for("SegurancaView.pagina"))

    # ---- browsers and sessions

    @expose(f"/aparelhos/<int(max={MAIOR_ID}):pk>/esquecer", methods=["POST"])
    @entrou
    def esquecer(self, pk: int) -> ResponseReturnValue:
        """Ask that browser for the code again."""
        with transacao() as sessao:
            FatorService(sessao).esquecer(g.user.id, pk)
        flash(_("Este aparelho volta a pedir o código."), "success")
        return redirect(url_for("SegurancaView.pagina"))

    @expose(f"/sessoes/<int(max={MAIOR_ID}):pk>/encerrar", methods=["POST"])
    @entrou
    def encerrar(self, pk: int) -> ResponseReturnValue:
        """End one of the own sessions; 404 for anybody else's."""
        with transacao() as sessao:
            SessaoService(sessao).encerrar(pk, usuario_id=g.user.id)
        flash(_("Sessão encerrada."), "success")
        return redirect(url_for("SegurancaView.pagina"))

    @expose("/sessoes/encerrar-outras", methods=["POST"])
    @entrou
    def encerrar_outras(self) -> ResponseReturnValue:
        """End all the own sessions but this one."""
        esta = sessoes.atual()
        with transacao() as sessao:
            n = SessaoService(sessao).encerrar_do_usuario(g.user.id, motivo="encerrada", menos=esta.id if esta else None)
        flash(_("Outras sessões encerradas: %(n)d.", n=n), "success")
        return redirect(url_for("SegurancaView.pagina"))
