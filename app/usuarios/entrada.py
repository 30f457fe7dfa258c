"""Entry and exit of the browser: password, then the second factor where it is on; and proving again who one is before what is worth stealing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import flash, g, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import logout_user
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from app.core import auditoria, configuracao, limites, relogio
from app.core.textos import guardavel
from app.core.transacao import transacao
from app.extensions import db
from app.usuarios import conhecidos, consultas, senhas, sessoes, ver_como
from app.usuarios.models import TipoSessao
from app.usuarios.services import POR_CODIGO, POR_CONTA, POR_ENDERECO, Conta, EntradaService, FatorService, SessaoService
from app.usuarios.services.sessoes import resumir
from app.usuarios.sessoes import entrou

RECUSADA = _l("Usuário ou senha incorretos. Depois de várias tentativas erradas a conta espera alguns minutos.")
CODIGO_RECUSADO = _l("Código incorreto ou já usado. Depois de várias tentativas erradas a conta espera alguns minutos.")
ESPERA_DO_CODIGO = dt.timedelta(minutes=5)
_METADE = "segundo_passo"      # in the cookie between the password and the code: whose, and since when


@dataclass(frozen=True)
class Tentativa:
    """How the password was judged. ``conta`` when it was right; ``espera`` in seconds when the address has to wait and nothing was judged."""

    conta: Conta | None = None
    espera: int = 0


def conferir_senha(entrada: str, senha: str, *, dispositivo: str | None = None, navegador: conhecidos.Navegador | None = None) -> Tentativa:
    """Judge a user name, e-mail or document and a password, with the limits of account and address. No transaction is open during the hash."""
    if not entrada or not senha or not guardavel(entrada + senha):
        return Tentativa()
    endereco = limites.endereco(request.remote_addr)
    if espera := limites.tentar(POR_ENDERECO, endereco).espera:
        return Tentativa(espera=espera)
    with transacao() as sessao:
        conta = EntradaService(sessao).procurar(entrada.strip(), dispositivo, navegador)
    if senhas.confere(conta.resumo, senha):
        limites.devolver(POR_ENDERECO, endereco)
        return Tentativa(conta)
    with transacao() as sessao:
        EntradaService(sessao).recusar(conta)
    return Tentativa()


def conferir_codigo(usuario_id: int, codigo: str) -> bool:
    """Judge the second factor of an account, with its limit. False also while it waits."""
    if limites.tentar(POR_CODIGO, usuario_id).espera:
        return False
    with transacao() as sessao:
        certo = FatorService(sessao).conferir(usuario_id, codigo)
        if not certo:
            auditoria.registrar(sessao, "falha_codigo", "ab_user", usuario_id)
    if certo:
        limites.esquecer(POR_CODIGO, usuario_id)
    return certo


class FormEntrada(DynamicForm):
    """User name or e-mail, and password."""

    username = StringField(_l("Usuário ou e-mail"), validators=[DataRequired(_l("Informe o usuário ou e-mail.")), Length(max=320)])
    password = PasswordField(_l("Senha"), validators=[DataRequired(_l("Informe a senha.")), Length(max=1000)])


class FormCodigo(DynamicForm):
    """The code of the telephone, or one of those on paper."""

    codigo = StringField(_l("Código"), validators=[DataRequired(_l("Informe o código.")), Length(max=40)])
    confiar = BooleanField(_l("Confiar neste aparelho"))


class EntradaView(AuthDBView):
    """``/login/``, ``/login/codigo`` and ``/logout/``."""

    title = _l("Entrar")
    base_permissions: list[str] = []

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> ResponseReturnValue:
        """Sign in. A refusal keeps the name typed and says the same for every reason."""
        if g.user.is_authenticated:
            return redirect(_destino(consultas.e_cliente(g.user), request.args.get("next", "/")))
        form = FormEntrada()
        if request.method == "GET":
            sessoes.dizer_o_fim()
        if not form.validate_on_submit():
            return self.render_template(self.login_template, title=self.title, form=form)
        tentativa = conferir_senha(form.username.data, form.password.data, dispositivo=sessoes.aparelho(), navegador=conhecidos.ler())
        if tentativa.conta is None:
            return self._recusar(form, tentativa.espera)
        if tentativa.conta.pede_codigo:
            marca = resumir(tentativa.conta.usuario.password)
            session[_METADE] = [tentativa.conta.usuario.id, relogio.agora().timestamp(), request.args.get("next", "/"), marca]
            return redirect(url_for("EntradaView.codigo"))
        return redirect(_entrar(tentativa.conta, request.args.get("next", "/")))

    def _recusar(self, form: FormEntrada, espera: int) -> ResponseReturnValue:
        if not espera:
            flash(str(RECUSADA), "warning")
            return self.render_template(self.login_template, title=self.title, form=form)
        flash(_("Tentativas demais deste endereço. Espere %(tempo)s e tente de novo.", tempo=limites.em_minutos(espera)), "warning")
        resposta = make_response(self.render_template(self.login_template, title=self.title, form=form), 429)
        resposta.headers["Retry-After"] = str(espera)
        return resposta

    @expose("/login/codigo", methods=["GET", "POST"])
    @no_cache
    def codigo(self) -> ResponseReturnValue:
        """The second factor, within five minutes of the password."""
        usuario_id, destino = _na_metade()
        if usuario_id is None:
            session.pop(_METADE, None)
            flash(_("O tempo para informar o código passou. Entre de novo."), "info")
            return redirect(url_for("EntradaView.login"))
        form = FormCodigo()
        if form.validate_on_submit():
            if conferir_codigo(usuario_id, form.codigo.data):
                return self._terminar(usuario_id, destino, confia=form.confiar.data)
            form.codigo.errors = [str(CODIGO_RECUSADO)]
        dias = configuracao.ler("acesso.dias_do_aparelho")
        return self.render_template("usuarios/codigo.html", title=_("Verificação em duas etapas"), form=form, dias=dias)

    @staticmethod
    def _terminar(usuario_id: int, destino: str, *, confia: bool) -> ResponseReturnValue:
        achado = consultas.por_id(db.session(), usuario_id)
        if achado is None or resumir(achado[0].password) != session[_METADE][3]:      # gone, or the password is another since
            return redirect(url_for("EntradaView.login"))
        usuario, perfil = achado
        regra = consultas.regra_da_sessao(db.session(), usuario_id)
        dispositivo = sessoes.confiar(usuario_id) if confia and configuracao.ler("acesso.dias_do_aparelho") else None
        conta = Conta(usuario, perfil, None, regra, cliente=consultas.e_cliente(usuario))
        return redirect(_entrar(conta, destino, dispositivo_id=dispositivo))

    @expose("/logout/", methods=["GET", "POST"])
    @no_cache
    def logout(self) -> ResponseReturnValue:
        """Sign out by POST; a followed link only asks, so that another site's picture cannot sign anybody out."""
        if not g.user.is_authenticated:
            return redirect(url_for("EntradaView.login"))
        if request.method == "GET":
            return self.render_template("usuarios/sair.html", title=_("Sair"))
        esta = sessoes.atual()
        with transacao() as sessao:
            ver_como.terminar(sessao)
            SessaoService(sessao).sair(g.user.id, esta.id if esta else None)
        logout_user()
        session.clear()
        return redirect(url_for("EntradaView.login"))


def _entrar(conta: Conta, pedido: str, *, dispositivo_id: int | None = None) -> str:
    """Open the session and say where to go."""
    idioma = conta.perfil.idioma if conta.perfil else None
    destino = _destino(conta.cliente, pedido)
    with transacao() as sessao:
        nome = EntradaService(sessao).entrar(conta, TipoSessao.navegador, dispositivo_id=dispositivo_id)
        sessoes.abrir(conta.usuario, nome, idioma)
    conhecidos.lembrar(conta.usuario)
    return destino


def _na_metade() -> tuple[int | None, str]:
    """Whose password was right a moment ago in this browser, and where to go after the code."""
    usuario_id, desde, destino, _marca = session.get(_METADE) or (None, 0.0, "/", "")
    passou = relogio.agora().timestamp() - desde > ESPERA_DO_CODIGO.total_seconds()
    return (None if passou else usuario_id), destino


def _destino(cliente: bool, pedido: str) -> str:
    """Where the person wanted to go, when that is here and for that kind of person; else the own first page."""
    pedido = get_safe_redirect(pedido)
    if cliente:
        return pedido if pedido.startswith("/portal") else "/portal/"
    return "/" if pedido.startswith("/portal") else pedido


class FormConfirmar(DynamicForm):
    """The password, or the code of the second factor."""

    prova = PasswordField(_l("Senha ou código"), validators=[DataRequired(_l("Informe a senha ou o código.")), Length(max=1000)])


class ConfirmarView(BaseView):
    """``/confirmar/``: who is signed in proves it again; for ten minutes nothing more is asked."""

    route_base = "/confirmar"
    default_view = "pagina"
    base_permissions: list[str] = []

    @expose("/", methods=["GET", "POST"])
    @no_cache
    @entrou
    def pagina(self) -> ResponseReturnValue:
        """Ask for the password or a code, with the same limits as at the entry; then back to where it was asked for."""
        form = FormConfirmar()
        if form.validate_on_submit():
            if self._certa(form.prova.data):
                sessoes.renovar(confirmada=True)
                return redirect(get_safe_redirect(request.args.get("next", "/")))
            form.prova.errors = [_("Senha ou código incorreto. Depois de várias tentativas erradas a conta espera alguns minutos.")]
        return self.render_template("usuarios/confirmar.html", title=_("Confirme que é você"), form=form)

    @staticmethod
    def _certa(prova: str) -> bool:
        if prova.replace(" ", "").isdigit() and len(prova.replace(" ", "")) == 6 and conferir_codigo(g.user.id, prova):
            return True
        desta = f"{g.user.id}.{g.sessao.resumo[:16]}"      # strangers who type wrong passwords stop nobody who is in
        if limites.tentar(POR_CONTA, desta).espera:
            return False
        certa = senhas.confere(g.user.password, prova)
        with transacao() as sessao:
            auditoria.registrar(sessao, "confirmar_identidade" if certa else "falha_entrada", "ab_user", g.user.id)
        if certa:
            limites.esquecer(POR_CONTA, desta)
        return certa
