"""The staff's side of the portal: giving a customer his way in, linking an account that exists, taking it back."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms.validators import DataRequired, Email, Length, Regexp

from app.clientes.models import AcessoPortal, Cliente
from app.core import sigilo
from app.core.erros import DominioError
from app.core.permissoes import dar
from app.core.registro import BlocoCliente
from app.core.transacao import transacao
from app.core.visoes import CampoTexto, recusar
from app.core.visoes.campos import EntradaTexto
from app.core.visoes.relacoes import CampoRemoto
from app.extensions import db
from app.portal.services import PortalService
from app.usuarios import consultas

dar("Gerente", "AcessoPortalView", "can_(dar|retirar)")
dar("Atendente", "AcessoPortalView", "can_(dar|retirar)")


class DarAcessoForm(FlaskForm):
    """The account to be made."""

    usuario = CampoTexto(
        _l("Usuário"), [DataRequired(_l("Informe o usuário.")), Regexp(r"[\w.@+-]{3,64}$", message=_l("Use de 3 a 64 letras, números, ponto, hífen ou @."))],
        widget=EntradaTexto(), description=_l("Com ele ou com o e-mail o cliente entra. O costume é o CPF ou CNPJ, só os números."),
    )
    email = CampoTexto(
        _l("E-mail"), [DataRequired(_l("Informe o e-mail.")), Email(_l("Informe um e-mail válido.")), Length(max=320)], widget=EntradaTexto(),
    )


class LigarUsuarioForm(FlaskForm):
    """An account that exists."""

    usuario = CampoRemoto(_l("Usuário do portal"), [DataRequired(_l("Escolha o usuário."))], fonte="usuario")


class AcessoPortalView(BaseView):
    """``/clientes/…/portal``: outside ``/portal``, which is the customers' alone."""

    route_base = "/acessos-do-portal"
    titulo_da_permissao = _l("Acesso dos clientes ao portal")
    default_view = "dar"

    @expose("/<int:cliente_id>/dar", methods=["GET", "POST"])
    @has_access
    @permission_name("dar")
    def dar(self, cliente_id: int) -> ResponseReturnValue:
        """Make the customer's account; its password is shown once."""
        cliente = db.session.get(Cliente, cliente_id) or abort(404)
        form = DarAcessoForm()
        if form.validate_on_submit() and (feito := self._fazer(form, lambda s: s.dar_acesso(cliente_id, usuario=form.usuario.data, email=form.email.data))):
            pessoa, senha = feito
            return self.render_template(
                "usuarios/senha_nova.html", title=_("Acesso ao portal"), usuario=pessoa, senha=senha, volta=url_for("ClienteView.show", pk=cliente_id))
        if not form.is_submitted() and sigilo.pode("documento"):
            sigilo.viu(cliente.cpf_cnpj)
            form.usuario.data, form.email.data = cliente.cpf_cnpj, cliente.email
        ligar = url_for("AcessoPortalView.ligar", cliente_id=cliente_id) if consultas.e_admin(g.user) else None
        return self._pagina(cliente, form, _("Dar acesso ao portal"), template="portal/dar_acesso.html", ligar=ligar)

    @expose("/<int:cliente_id>/ligar", methods=["GET", "POST"])
    @has_access
    @permission_name("ligar")
    def ligar(self, cliente_id: int) -> ResponseReturnValue:
        """Link an account of the role Cliente that exists: an administrator's, who may see accounts."""
        cliente = db.session.get(Cliente, cliente_id) or abort(404)
        form = LigarUsuarioForm()
        if form.validate_on_submit() and self._fazer(form, lambda s: s.ligar_usuario(cliente_id, form.usuario.data.id)):
            flash(_("Usuário ligado ao cliente."), "success")
            return redirect(url_for("ClienteView.show", pk=cliente_id))
        return self._pagina(cliente, form, _("Ligar usuário do portal"), botao=_("Ligar"))

    @expose("/<int:acesso_id>/retirar", methods=["POST"])
    @has_access
    @permission_name("retirar")
    def retirar(self, acesso_id: int) -> ResponseReturnValue:
        """Take the way in back."""
        if db.session.get(AcessoPortal, acesso_id) is None:
            abort(404)
        with transacao() as sessao:
            cliente_id = PortalService(sessao).retirar_acesso(acesso_id).id
        flash(_("Acesso ao portal retirado."), "success")
        return redirect(url_for("ClienteView.show", pk=cliente_id))

    def _pagina(self, cliente: Cliente, form: FlaskForm, titulo: str, template: str = "crm/formulario.html", **mais: Any) -> ResponseReturnValue:
        volta = url_for("ClienteView.show", pk=cliente.id)
        return self.render_template(
            template, form=form, titulo=titulo, subtitulo=f"{cliente.nome} · {cliente.documento}", voltar=volta,
            trilha=[(_("Clientes"), url_for("ClienteView.list")), (cliente.nome, volta)], **mais)

    @staticmethod
    def _fazer(form: FlaskForm, fazer: Any) -> Any:
        try:
            with transacao() as sessao:
                return fazer(PortalService(sessao))
        except DominioError as erro:
            return recusar(form, erro, senao="usuario")


def acessos_do_cliente(cliente_id: int) -> dict[str, Any]:
    """Who enters the portal for the customer."""
    consulta = select(AcessoPortal.id, User.username, User.email, User.last_login).join(User, User.id == AcessoPortal.usuario_id)
    acessos = db.session.execute(consulta.where(AcessoPortal.cliente_id == cliente_id).order_by(AcessoPortal.id)).all()
    return {"cliente_id": cliente_id, "acessos": acessos}


BLOCO = BlocoCliente("lateral", "ConsentimentoView", "portal/_bloco_cliente.html", acessos_do_cliente)
