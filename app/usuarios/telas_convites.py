"""``/convites``, the administrator's list of invitations, and ``/convite/<token>``, where the person invited makes the account."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import Group, Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import Query
from wtforms.validators import DataRequired, Email, Length

from app.core import confirmacao, limites
from app.core.erros import DominioError, NaoEncontrado
from app.core.transacao import transacao
from app.core.visoes import CampoTexto, Interface, VisaoSomenteLeitura, action, expose, has_access, recusar
from app.core.visoes.campos import EntradaTexto
from app.core.visoes.relacoes import SelecaoMultipla
from app.extensions import db
from app.usuarios.convites import FORA_DA_EQUIPE, ConviteService
from app.usuarios.links import LINK_ENDERECO, exigir_vez
from app.usuarios.models import Convite, SituacaoConvite
from app.usuarios.porta import DuasSenhas, Porta
from app.usuarios.telas import CONVIDAR, SoAdmin

_OPCOES = {"get_pk_func": lambda linha: linha.id, "get_label": str}


def _da_equipe() -> Query:
    return db.session.query(Role).filter(Role.name.not_in(FORA_DA_EQUIPE)).order_by(Role.id)


def _grupos() -> Query:
    return db.session.query(Group).filter(~Group.roles.any(Role.name.in_(FORA_DA_EQUIPE))).order_by(Group.name)


class FormConvite(DynamicForm):
    """Who is invited, and to what."""

    nome = CampoTexto(_l("Nome"), [DataRequired(_l("Informe o nome.")), Length(max=64)], widget=EntradaTexto())
    sobrenome = CampoTexto(_l("Sobrenome"), [DataRequired(_l("Informe o sobrenome.")), Length(max=64)], widget=EntradaTexto())
    email = CampoTexto(
        _l("E-mail"), [DataRequired(_l("Informe o e-mail.")), Email(_l("Informe um e-mail válido.")), Length(max=320)], widget=EntradaTexto(),
        description=_l("Para onde vai o link do convite; depois é o e-mail da conta."))
    papeis = SelecaoMultipla(_l("Papéis"), query_func=_da_equipe, **_OPCOES, description=_l("O que a pessoa pode ver e fazer."))
    grupos = SelecaoMultipla(_l("Grupos"), query_func=_grupos, **_OPCOES, description=_l("Um grupo dá os seus papéis a todos os que estão nele."))


class ConviteView(SoAdmin, VisaoSomenteLeitura):
    """``/convites``."""

    datamodel = Interface(Convite, carregar=("papeis", "grupos"))
    route_base = "/convites"
    servico = ConviteService
    exporta = False
    list_title, show_title = _l("Convites"), _l("Convite")
    texto_vazio = _l("Convide quem trabalha com você: a pessoa recebe um link e escolhe a própria senha.")
    list_columns = ["email", "nome", "sobrenome", "papeis", "grupos", "situacao", "expira_em", "created_at"]
    show_columns = [*list_columns, "aceito_em", "revogado_em"]
    search_columns = ["email", "nome", "sobrenome", "expira_em", "created_at"]
    order_columns = ["email", "created_at"]
    base_order = ("created_at", "desc")
    botoes_da_lista = (CONVIDAR,)
    label_columns = {
        "email": _l("E-mail"), "nome": _l("Nome"), "sobrenome": _l("Sobrenome"), "papeis": _l("Papéis"), "grupos": _l("Grupos"), "situacao": _l("Situação"),
        "expira_em": _l("Vale até"), "created_at": _l("Criado em"), "aceito_em": _l("Aceito em"), "revogado_em": _l("Revogado em"),
    }
    acoes_valem = {
        "reenviar": lambda c: c.situacao in (SituacaoConvite.aberto, SituacaoConvite.vencido),
        "revogar": lambda c: c.situacao in (SituacaoConvite.aberto, SituacaoConvite.vencido),
    }

    @expose("/novo", methods=["GET", "POST"])
    @has_access
    @permission_name("novo")
    @confirmacao.exigida
    def novo(self) -> ResponseReturnValue:
        """Invite somebody; the link is shown once, beside being mailed."""
        form = FormConvite()
        if form.validate_on_submit() and (feito := self._convidar(form)):
            return self._mostrar(*feito)
        return self.render_template(
            "crm/formulario.html", form=form, titulo=_("Convidar pessoa"), trilha=[(_("Convites"), url_for("ConviteView.list"))],
            voltar=url_for("ConviteView.list"), botao=_("Enviar convite"))

    @action("reenviar", _l("Reenviar"), _l("Enviar outro link? O anterior deixa de valer."), "fa-send", multiple=False)
    def reenviar(self, convite: Convite) -> ResponseReturnValue:
        """Another link, shown once."""
        confirmacao.exigir()
        try:
            with transacao() as sessao:
                feito = ConviteService(sessao).reenviar(convite.id)
        except DominioError as erro:
            flash(str(erro), "danger")
            return redirect(url_for("ConviteView.list"))
        return self._mostrar(*feito)

    @action("revogar", _l("Revogar"), _l("Revogar o convite? O link deixa de valer."), "fa-ban")
    def revogar(self, convites: Any) -> ResponseReturnValue:
        """The links serve no more."""
        return self.executar(ConviteService.revogar, convites)

    @staticmethod
    def _convidar(form: FormConvite) -> tuple[Convite, str] | None:
        try:
            with transacao() as sessao:
                return ConviteService(sessao).convidar(
                    email=form.email.data, nome=form.nome.data, sobrenome=form.sobrenome.data, papeis=form.papeis.data, grupos=form.grupos.data)
        except DominioError as erro:
            return recusar(form, erro)

    def _mostrar(self, convite: Convite, link: str) -> ResponseReturnValue:
        return self.render_template("usuarios/convite_feito.html", title=_("Convite enviado"), convite=convite, link=link)


class FormAceite(DuasSenhas):
    """The new person's user name and password."""

    usuario = CampoTexto(_l("Nome de usuário"), [DataRequired(_l("Informe o usuário."))], description=_l("Com ele ou com o e-mail você entra."))


class AceitarConviteView(Porta):
    """``/convite/<token>``: for whoever has the link."""

    route_base = "/convite"
    default_view = "aceitar"

    @expose("/<string:token>", methods=["GET", "POST"])
    def aceitar(self, token: str) -> ResponseReturnValue:
        """Show who is invited to what; make the account, once."""
        exigir_vez(LINK_ENDERECO, limites.endereco(request.remote_addr))
        servico = ConviteService(db.session())
        convite = servico.achar(token)
        if convite is None:
            return self._invalido()
        limites.devolver(LINK_ENDERECO, limites.endereco(request.remote_addr))
        outra_pessoa = current_user.get_full_name() if current_user.is_authenticated else ""
        if outra_pessoa and request.method == "POST":
            abort(403)
        form = FormAceite(usuario=servico.sugestao(convite))
        if form.validate_on_submit() and (resposta := self._aceitar(token, form)):
            return resposta
        papeis = sorted({str(p) for p in (*convite.papeis, *(p for grupo in convite.grupos for p in grupo.roles))})
        return self.pagina("usuarios/convite.html", _("Convite para a equipe"), form=form, convite=convite, papeis=papeis, outra_pessoa=outra_pessoa)

    def _aceitar(self, token: str, form: FormAceite) -> ResponseReturnValue | None:
        try:
            with transacao() as sessao:
                nome = ConviteService(sessao).aceitar(token, usuario=form.usuario.data, senha=form.senha.data).first_name
        except NaoEncontrado:
            return self._invalido()
        except DominioError as erro:
            return recusar(form, erro, nome=lambda campo: {"username": "usuario"}.get(campo, campo))
        flash(_("Conta criada. Boas-vindas, %(nome)s! Entre com o usuário e a senha que você escolheu.", nome=nome), "success")
        return redirect(url_for("EntradaView.login"))

    def _invalido(self) -> ResponseReturnValue:
        return self.invalido(_("Este convite não vale mais"), _("Ele já foi aceito, venceu ou foi substituído. Peça outro a quem convidou você."))
