"""Screens of users, roles and groups. Only an administrator changes them, whatever boxes are ticked: else one ticked box makes an administrator.

He proves again who he is before what gives somebody rights or a way in.
"""

from __future__ import annotations

from flask import abort, flash, g, has_request_context, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder.hooks import before_request
from flask_appbuilder.security.sqla.models import Group, Role, User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect, or_
from sqlalchemy.orm import Query
from wtforms.validators import DataRequired, Email, Regexp

from app.core import confirmacao
from app.core.erros import RegraViolada, ValorInvalido
from app.core.transacao import transacao
from app.core.visoes import Botao, Fonte, Interface, Ligacao, VisaoBase, action, expose
from app.core.visoes.filtros import Diferente, Igual, SemEsse
from app.extensions import db
from app.usuarios import consultas
from app.usuarios.desligamento import DesligamentoService, exigir_que_sobre_quem_administre
from app.usuarios.limites_papel import limites_do_papel
from app.usuarios.papeis import FIXOS
from app.usuarios.services import NOME_DE_USUARIO, EntradaService, FatorService, UsuarioService
from app.usuarios.sessoes import entrou

CONVIDAR = Botao(_l("Convidar pessoa"), "ConviteView.novo", permissao=("can_novo", "ConviteView"))
_SEM_PUBLICO = {"roles": [["name", Diferente, "Public"]]}


class SoAdmin:
    """Mixin: everything that changes something is an administrator's, beside the permission."""

    provam = frozenset({"add", "edit", "delete"})       # pages and actions that ask who one is: forms when they are opened, so that nothing typed is lost

    @before_request
    def _exigir_admin(self) -> None:
        pagina, *resto = request.path.split("/")[2:4]
        muda = request.method != "GET" or pagina in ("add", "edit", "novo")
        if not muda or not g.user.is_authenticated:
            return
        if not consultas.e_admin(g.user):
            abort(403)
        if {pagina, *resto, request.form.get("action")} & self.provam:
            confirmacao.exigir()


class UsuarioView(SoAdmin, VisaoBase):
    """``/usuarios``: accounts of staff and customers. People of the staff are invited; nobody is deleted, people are made inactive."""

    datamodel = Interface(User, carregar=("roles",))
    route_base = "/usuarios"
    rotas_fechadas = frozenset({"download", "add", "delete"})
    provam = SoAdmin.provam | {"redefinir_senha"}
    links_da_linha = (
        Ligacao(_l("Desligar da equipe"), "DesligamentoView.pagina", "power", permissao=("can_edit", "UsuarioView"), vale_para=lambda pessoa: _desliga(pessoa)),
        Ligacao(_l("Passar adiante o trabalho"), "DesligamentoView.pagina", "users", permissao=("can_edit", "UsuarioView"),
                vale_para=lambda pessoa: not pessoa.active and consultas.e_admin(g.user) and not consultas.e_cliente(pessoa)),
    )
    fonte = "usuario"
    list_title, show_title, edit_title = _l("Usuários"), _l("Usuário"), _l("Editar usuário")
    list_columns = ["username", "first_name", "last_name", "email", "roles", "active", "last_login"]
    show_columns = ["username", "first_name", "last_name", "email", "roles", "groups", "active", "last_login", "login_count", "fail_login_count", "created_on"]
    edit_columns = ["first_name", "last_name", "username", "email", "roles", "groups", "active"]
    search_columns = ["username", "first_name", "last_name", "email", "roles", "groups", "active", "last_login"]
    order_columns = ["username", "first_name", "last_name", "email", "active", "last_login"]
    base_order = ("username", "asc")
    label_columns = {
        "username": _l("Usuário"), "first_name": _l("Nome"), "last_name": _l("Sobrenome"), "email": _l("E-mail"), "roles": _l("Papéis"), "groups": _l("Grupos"),
        "active": _l("Ativo"), "last_login": _l("Último acesso"), "login_count": _l("Acessos"), "fail_login_count": _l("Falhas seguidas"),
        "created_on": _l("Criado em"), "password": _l("Senha"),
    }
    description_columns = {
        "username": _l("Com ele ou com o e-mail a pessoa entra."), "active": _l("Desmarque para tirar o acesso: as sessões abertas terminam na hora."),
        "roles": _l("O que a pessoa pode ver e fazer."), "groups": _l("Um grupo dá os seus papéis a todos os que estão nele."),
    }
    validators_columns = {
        "first_name": [DataRequired(_l("Informe o nome."))], "last_name": [DataRequired(_l("Informe o sobrenome."))],
        "username": [Regexp(f"{NOME_DE_USUARIO.pattern}$", message=_l("Use de 3 a 128 letras, números, ponto, hífen ou @, sem espaços."))],
        "email": [Email(_l("Informe um e-mail válido."))],
    }
    edit_form_query_rel_fields = _SEM_PUBLICO
    botoes_da_lista = (CONVIDAR,)

    def como_fonte(self) -> Fonte:
        """People as options of remote selects, found by name, user name or e-mail."""
        permissoes = (("can_list", self.class_permission_name), ("can_list", "AuditoriaView"))
        return Fonte(self.fonte, User, busca=_buscar_pessoa, rotulo=self.rotulo_da_opcao, permissoes=permissoes, ordem=User.username)

    def rotulo_da_opcao(self, item: User) -> str:
        """``Maria Silva (maria)``."""
        return f"{item.get_full_name()} ({item.username})"

    @property
    def visoes(self) -> list[tuple[object, str]]:
        """The team, those who left it, the customers, everybody (who lacks the role that nobody has)."""
        if not has_request_context():      # asked for when the screen is registered, before there are roles
            return []
        cliente, publico = consultas.papel_id(consultas.PAPEL_CLIENTE), consultas.papel_id("Public")
        return [
            (_("Equipe"), ""), (_("Desligados"), f"_flt_0_active=0&_flt_1_roles={cliente}"), (_("Clientes do portal"), f"_flt_0_roles={cliente}"),
            (_("Todos"), f"_flt_1_roles={publico}"),
        ]

    def _ler_filtros(self) -> None:
        """Without a filter the list is the team's."""
        super()._ler_filtros()
        if not any(nome.startswith("_flt_") for nome in request.args):
            self._filters.add_filter("active", Igual, "1")
            self._filters.add_filter("roles", SemEsse, consultas.papel_id(consultas.PAPEL_CLIENTE))

    @expose("/userinfo/")
    @entrou
    def userinfo(self) -> ResponseReturnValue:
        """The framework's address of the own account."""
        return redirect(url_for("MeuPerfilView.pagina"))

    # ---- changes

    def pre_update(self, item: User) -> None:
        """Somebody must stay able to administer, and nobody locks himself out. An inactive person's sessions and keys end."""
        self._acertar(item)
        exigir_que_sobre_quem_administre(db.session(), item, por_id=g.user.id, ativo=item.active)
        g.desligou = not item.active and inspect(item).attrs.active.history.has_changes()
        if not item.active:
            UsuarioService(db.session()).desativar(item.id)

    def post_edit_redirect(self) -> ResponseReturnValue:
        """Where the work of somebody just made inactive is handed on, when there is any."""
        pk = int(request.view_args["pk"])
        if g.get("desligou") and DesligamentoService(db.session()).posse(pk).trabalhos:
            return redirect(url_for("DesligamentoView.pagina", pk=pk))
        return super().post_edit_redirect()

    def _acertar(self, item: User) -> None:
        item.username, item.email = item.username.lower(), item.email.lower()
        if not item.roles and not item.groups:
            raise ValorInvalido(_("Escolha um papel ou um grupo."), campo="roles")

    @action("redefinir_senha", _l("Nova senha provisória"), _l("Gerar uma senha provisória? A atual deixa de valer e as sessões abertas terminam."), "fa-key",
            multiple=False)
    def redefinir_senha(self, item: User) -> ResponseReturnValue:
        """A new provisional password, shown once."""
        with transacao() as sessao:
            senha = UsuarioService(sessao).redefinir_senha(item.id)
        return self._mostrar_senha(item, senha)

    @action("destravar", _l("Liberar tentativas"), _l("Liberar a entrada desta conta agora?"), "fa-unlock", multiple=False)
    def destravar(self, item: User) -> ResponseReturnValue | None:
        """Forget failed attempts: the account may try again at once."""
        with transacao() as sessao:
            EntradaService(sessao).liberar(item.id)
        flash(_("A conta pode tentar entrar de novo."), "success")
        return None

    @action("redefinir_2fa", _l("Refazer duas etapas"), _l("Desligar a verificação em duas etapas desta pessoa? As sessões e os aparelhos de confiança "
            "dela terminam, e ela a configura de novo quando entrar."), "fa-lock", multiple=False)
    def redefinir_2fa(self, item: User) -> ResponseReturnValue | None:
        """For somebody who lost the telephone."""
        confirmacao.exigir()
        with transacao() as sessao:
            FatorService(sessao).redefinir(item.id)
        flash(_("A verificação em duas etapas foi desligada: a pessoa a configura de novo quando entrar."), "success")
        return None

    @action("encerrar_sessoes", _l("Encerrar sessões"), _l("Encerrar todas as sessões abertas desta pessoa?"), "fa-ban", multiple=False)
    def encerrar_sessoes(self, item: User) -> ResponseReturnValue | None:
        """Sign the person out everywhere."""
        with transacao() as sessao:
            n = UsuarioService(sessao).encerrar_sessoes(item.id)
        flash(_("Sessões encerradas: %(n)d.", n=n), "success")
        return None

    def _mostrar_senha(self, usuario: User, senha: str) -> ResponseReturnValue:
        return self.render_template("usuarios/senha_nova.html", title=_("Senha provisória"), usuario=usuario, senha=senha)


def _desliga(pessoa: User) -> bool:
    return pessoa.active and pessoa.id != g.user.id and consultas.e_admin(g.user) and not consultas.e_cliente(pessoa)


def _buscar_pessoa(query: Query, texto: str) -> Query:
    for palavra in texto.split():
        molde = palavra.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.filter(or_(*(c.ilike(molde) for c in (User.first_name, User.last_name, User.username, User.email))))
    return query


class PapelView(SoAdmin, VisaoBase):
    """``/papeis``: roles. Their rights are edited in the matrix; the six of the house keep their names."""

    datamodel = Interface(Role)
    route_base = "/papeis"
    list_title, show_title, add_title, edit_title = _l("Papéis"), _l("Papel"), _l("Novo papel"), _l("Editar papel")
    list_columns = show_columns = ["__str__", "name"]
    add_columns = edit_columns = search_columns = order_columns = ["name"]
    base_order = ("name", "asc")
    label_columns = {"__str__": _l("Papel"), "name": _l("Nome interno")}
    links_da_linha = (Ligacao(_l("Permissões"), "PermissoesView.papel", "checklist", permissao=("can_show", "PapelView")),)
    acoes_visiveis = True

    def pre_add(self, item: Role) -> None:
        """A role starts without rights, and may give nothing away."""
        db.session.add(item)
        db.session.flush()
        limites_do_papel(db.session(), item.id)

    def post_add(self, item: Role) -> None:
        """Its rights come next."""
        g.papel_novo = item.id

    def post_add_redirect(self) -> ResponseReturnValue:
        """On to its rights."""
        return redirect(url_for("PermissoesView.papel", pk=g.papel_novo)) if "papel_novo" in g else super().post_add_redirect()

    def pre_update(self, item: Role) -> None:
        """The rules of the code name the fixed roles."""
        antigo = inspect(item).attrs.name.history.deleted
        if antigo and antigo[0] in FIXOS:
            raise RegraViolada(_("Este papel é do sistema e não pode mudar de nome."), campo="name")

    def pre_delete(self, item: Role) -> None:
        """Fixed roles and roles in use stay."""
        if item.name in FIXOS:
            raise RegraViolada(_("Este papel é do sistema e não pode ser excluído."))
        if item.user:
            raise RegraViolada(_("Há usuários com este papel."))


class GrupoView(SoAdmin, VisaoBase):
    """``/grupos``: groups of people who share roles."""

    datamodel = Interface(Group, carregar=("roles",))
    route_base = "/grupos"
    list_title, show_title, add_title, edit_title = _l("Grupos"), _l("Grupo"), _l("Novo grupo"), _l("Editar grupo")
    list_columns = ["name", "label", "roles"]
    show_columns = ["name", "label", "description", "roles", "users"]
    add_columns = edit_columns = ["name", "label", "description", "roles"]
    search_columns = order_columns = ["name", "label"]
    base_order = ("name", "asc")
    label_columns = {"name": _l("Nome"), "label": _l("Título"), "description": _l("Descrição"), "roles": _l("Papéis"), "users": _l("Pessoas")}
    add_form_query_rel_fields = edit_form_query_rel_fields = _SEM_PUBLICO

    def pre_update(self, item: Group) -> None:
        """Somebody must stay able to administer."""
        db.session.flush()
        if not consultas.existe_admin(db.session()):
            raise RegraViolada(_("O sistema precisa de pelo menos um administrador ativo."), campo="roles")

    def pre_delete(self, item: Group) -> None:
        """A group with people stays."""
        if item.users:
            raise RegraViolada(_("Há pessoas neste grupo."))
