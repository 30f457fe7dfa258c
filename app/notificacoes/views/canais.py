"""By which channels messages leave: the state of each, the providers of WhatsApp and SMS, a real test message, and going on after a stop."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound

from app.core import confirmacao
from app.core.erros import DominioError, ValorInvalido
from app.core.transacao import transacao
from app.core.visoes.formularios import recusar
from app.extensions import db
from app.notificacoes import consultas
from app.notificacoes.canais import ResultadoEnvio
from app.notificacoes.formulario_provedor import FormProvedor, FormTesteDeCanal, dados_do, guardado_no
from app.notificacoes.modelos_prontos import PRONTOS
from app.notificacoes.models import TELEFONES, Canal, ResultadoTentativa
from app.notificacoes.services import CanalService
from app.notificacoes.teste_de_canal import testar_canal

PAGINA = "notificacoes/canal.html"


class CanaisView(BaseView):
    """``/mensagens/canais``."""

    route_base = "/mensagens/canais"
    default_view = "pagina"
    titulo_da_permissao = _l("Canais de envio")

    @expose("/")
    @has_access
    @permission_name("configurar")
    def pagina(self) -> ResponseReturnValue:
        """One card for each channel."""
        return self.render_template("notificacoes/canais.html", title=_("Canais de envio"), situacoes=consultas.situacao_dos_canais(db.session()))

    @expose("/<nome>", methods=["GET", "POST"])
    @has_access
    @permission_name("configurar")
    @confirmacao.exigida
    def canal(self, nome: str) -> ResponseReturnValue:
        """The provider of a channel; ``?modelo=`` begins with one of the known ones."""
        canal = _canal(nome)
        guardado = guardado_no(consultas.canal_de_envio(db.session(), canal))
        pronto = PRONTOS.get(request.args.get("modelo", ""))
        form = FormProvedor(data=dados_do(pronto.provedor if pronto and pronto.canal is canal else guardado))
        if form.validate_on_submit():
            try:
                with transacao() as sessao:
                    CanalService(sessao).configurar_provedor(canal, form.provedor())
            except DominioError as erro:
                recusar(form, erro)
            else:
                flash(_("Provedor salvo. Envie uma mensagem de teste."), "success")
                return redirect(url_for("CanaisView.canal", nome=nome))
        return self._mostrar(canal, form, FormTesteDeCanal(formdata=None))

    @expose("/<nome>/testar", methods=["POST"])
    @has_access
    @permission_name("configurar")
    def testar(self, nome: str) -> ResponseReturnValue:
        """A real message to a telephone, and what the provider answered in words; success lets a stopped channel go on."""
        canal, form = _canal(nome), FormTesteDeCanal()
        provedor = guardado_no(consultas.canal_de_envio(db.session(), canal))
        if form.validate_on_submit():
            db.session.rollback()      # nothing stays open while the provider is asked
            try:
                resultado = testar_canal(canal, form.telefone.data)
                flash(_frase(resultado), "success" if resultado.enviada else "danger")
            except ValorInvalido as erro:
                recusar(form, erro, senao="telefone")
            except DominioError as erro:
                flash(str(erro), "danger")
            if not form.errors:
                return redirect(url_for("CanaisView.canal", nome=nome))
        return self._mostrar(canal, FormProvedor(formdata=None, data=dados_do(provedor)), form)

    @expose("/<nome>/retomar", methods=["POST"])
    @has_access
    @permission_name("configurar")
    def retomar(self, nome: str) -> ResponseReturnValue:
        """Try again what waits."""
        canal = _canal(nome)
        with transacao() as sessao:
            CanalService(sessao).retomar(canal)
        flash(_("As mensagens que esperavam começam a sair em instantes."), "success")
        return redirect(url_for("CanaisView.canal", nome=nome))

    @expose("/<nome>/esquecer", methods=["POST"])
    @has_access
    @permission_name("configurar")
    @confirmacao.exigida
    def esquecer(self, nome: str) -> ResponseReturnValue:
        """No provider any more: messages are only written down."""
        canal = _canal(nome)
        with transacao() as sessao:
            CanalService(sessao).esquecer_provedor(canal)
        flash(_("Provedor retirado: as mensagens deste canal ficam só registradas."), "success")
        return redirect(url_for("CanaisView.canal", nome=nome))

    def _mostrar(self, canal: Canal, form: FormProvedor, teste: FormTesteDeCanal) -> ResponseReturnValue:
        prontos = [(chave, pronto) for chave, pronto in PRONTOS.items() if pronto.canal is canal]
        escolhido = PRONTOS.get(request.args.get("modelo", ""))
        return self.render_template(
            PAGINA, title=_("Envio por %(canal)s", canal=canal.rotulo), canal=canal, form=form, teste=teste, prontos=prontos, escolhido=escolhido,
            situacao=consultas.situacao_do_canal(db.session(), canal))


def _canal(nome: str) -> Canal:
    achado = next((canal for canal in TELEFONES if canal.name == nome), None)
    if achado is None:
        raise NotFound
    return achado


def _frase(resultado: ResultadoEnvio) -> str:
    """What the provider answered, for the person who asked it."""
    dito = {"resposta": resultado.resposta}
    if resultado.enviada:
        return _("O provedor aceitou a mensagem de teste. Ele respondeu: %(resposta)s", **dito)
    if resultado.endereco_recusado:
        return _("O provedor diz que este número não recebe mensagens: %(resposta)s", **dito)
    if resultado.resultado is ResultadoTentativa.configuracao:
        return _("O provedor não aceitou o acesso: confira o segredo e os cabeçalhos. Ele respondeu: %(resposta)s", **dito)
    if resultado.resultado is ResultadoTentativa.temporaria:
        return _("O provedor não atendeu agora: %(resposta)s", **dito)
    return _("O provedor recusou a mensagem: %(resposta)s", **dito)
