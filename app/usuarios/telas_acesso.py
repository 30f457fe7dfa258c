"""What an administrator sees of access: who is signed in and where, who has to wait after wrong passwords, which programs have a key."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import foreign, relationship
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.core import auditoria, confirmacao, limites, sigilo
from app.core.erros import DominioError
from app.core.transacao import transacao
from app.core.visoes import Botao, CampoRemoto, CampoTexto, Interface, VisaoSomenteLeitura, action, interface, recusar
from app.core.visoes.campos import EntradaTexto, Selecao
from app.core.visoes.condicoes import FiltroVazio
from app.extensions import db
from app.usuarios import escopos
from app.usuarios.models import ChaveApi, SessaoUsuario
from app.usuarios.services import ChaveApiService, SessaoService
from app.usuarios.sessoes import nome_do_navegador
from app.usuarios.telas import SoAdmin

PRAZOS = ((30, _l("30 dias")), (90, _l("90 dias")), (365, _l("1 ano")), (0, _l("Sem prazo")))
_FIM = {
    "saida": _l("Saiu"), "encerrada": _l("Encerrada"), "senha_trocada": _l("Senha trocada"), "desativada": _l("Acesso desativado"),
    "redefinir_2fa": _l("Duas etapas refeitas"), "repetida": _l("Token usado duas vezes"), "vencida": _l("Tempo máximo"), "ociosa": _l("Falta de uso"),
}
ABERTAS = "_flt_6_encerrada_em=sim"
SessaoUsuario.pessoa = relationship(User, primaryjoin=foreign(SessaoUsuario.usuario_id) == User.id, viewonly=True)


class FiltroServe(FiltroVazio):
    """Whether the session serves now: ended by nobody, its time not over."""

    name = _l("Ainda não")

    def apply(self, query: Any, value: str) -> Any:
        """Anything but ``nao`` means yes."""
        return query.filter(~SessaoUsuario.serve() if str(value) == "nao" else SessaoUsuario.serve())


class SessaoUsuarioView(SoAdmin, VisaoSomenteLeitura):
    """``/sessoes``: where everybody is signed in, and was in the last months."""

    datamodel = interface(SessaoUsuario, {"encerrada_em": FiltroServe}, carregar=("pessoa",))
    route_base = "/sessoes"
    list_title, show_title = _l("Sessões"), _l("Sessão")
    subtitulo = _l("Quem entrou, de onde, e quando foi visto pela última vez.")
    list_columns = ["pessoa", "agente", "tipo", "ip", "aberta_em", "vista_em", "fim"]
    show_columns = [*list_columns, "expira_em", "confirmada_em", "encerrada_em"]
    search_columns = ["pessoa", "tipo", "ip", "aberta_em", "encerrada_em"]
    order_columns = []
    base_order = ("id", "desc")
    remotos = {"pessoa": "usuario"}
    visoes = ((_l("Abertas"), ABERTAS), (_l("Todas"), ""))
    botoes_da_lista = (Botao(_l("Esperas"), "TravasView.pagina", "clock", ("can_list", "TravasView")),)
    label_columns = {
        "pessoa": _l("Pessoa"), "agente": _l("Onde"), "tipo": _l("Por"), "ip": _l("Endereço IP"), "aberta_em": _l("Aberta em"), "vista_em": _l("Vista em"),
        "fim": _l("Como terminou"), "expira_em": _l("Termina em"), "confirmada_em": _l("Identidade confirmada em"), "encerrada_em": _l("Encerrada em"),
    }
    acoes_valem = {"encerrar": lambda sessao: not sessao.fim}

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.formatters_columns = {"agente": nome_do_navegador, "fim": lambda fim: str(_FIM.get(fim, fim))}

    @action("encerrar", _l("Encerrar"), _l("Encerrar as sessões marcadas?"), "fa-ban")
    def encerrar(self, itens: Any) -> ResponseReturnValue:
        """Sign out there."""
        return self.executar(SessaoService.encerrar, itens)


class TravasView(BaseView):
    """``/esperas``: accounts and addresses that have to wait after too many wrong attempts."""

    route_base = "/esperas"
    default_view = "pagina"
    titulo_da_permissao = _l("Esperas por tentativas erradas")

    @expose("/")
    @has_access
    @permission_name("list")
    def pagina(self) -> ResponseReturnValue:
        """Who waits, for what, until when."""
        travas = limites.travas()
        contas = {t.chave: int(t.chave.split(".")[0]) for t in travas if t.limite.de is limites.Quem.conta and t.chave.split(".")[0].isdigit()}
        nomes = dict(db.session.execute(select(User.id, User.username).where(User.id.in_(set(contas.values())))).all()) if contas else {}
        return self.render_template("usuarios/travas.html", title=_("Esperas"), linhas=[(t, _quem(t, nomes.get(contas.get(t.chave)))) for t in travas])

    @expose("/liberar", methods=["POST"])
    @has_access
    @permission_name("liberar")
    def liberar(self) -> ResponseReturnValue:
        """Let them try again at once."""
        limite, chave = limites.LIMITES.get(request.form.get("limite", "")), request.form.get("chave", "")[:200]
        if limite is not None and chave:
            with transacao() as sessao:
                auditoria.registrar(sessao, "destravar", limite.nome, chave)
            limites.esquecer(limite, chave)
            flash(_("Pode tentar de novo."), "success")
        return redirect(url_for("TravasView.pagina"))


def _quem(trava: limites.Trava, usuario: str | None) -> str:
    """Who waits, as a person reads it: an account by its user name, a document by its mask; what is nobody's account is said so."""
    if trava.limite.de is limites.Quem.endereco:
        return trava.chave
    if trava.limite.de is limites.Quem.documento:
        return trava.chave.rpartition(" ")[0]
    if usuario is None:
        return _("Conta que não existe")
    nome = sigilo.no_texto(usuario)
    return _("%(usuario)s, num aparelho conhecido", usuario=nome) if "." in trava.chave else nome


class FormChave(DynamicForm):
    """A program and what it may."""

    nome = CampoTexto(
        _l("Programa"), [DataRequired(_l("Diga que programa vai usar a chave.")), Length(max=80)], widget=EntradaTexto(),
        description=_l("Como “ERP contábil” ou “Site: consulta de faturas”."))
    usuario = CampoRemoto(
        _l("Age como"), [DataRequired(_l("Escolha uma pessoa."))], fonte="usuario",
        description=_l("O que esta pessoa não pode, a chave também não pode. Crie um usuário só para o programa."))
    prazo = SelectField(_l("Vale por"), widget=Selecao(), coerce=int, default=365, choices=[SelectChoice(dias, texto) for dias, texto in PRAZOS])


class ChaveApiView(SoAdmin, VisaoSomenteLeitura):
    """``/chaves-api``: keys of programs. The text of a key is shown once, when it is made."""

    datamodel = Interface(ChaveApi, carregar=("usuario",))
    route_base = "/chaves-api"
    list_title, show_title = _l("Chaves de API"), _l("Chave de API")
    subtitulo = _l("Cada programa com a sua chave, só com as permissões de que precisa.")
    list_columns = ["nome", "usuario", "prefixo", "ultimo_uso_em", "expira_em", "revogada_em"]
    show_columns = [*list_columns, "escopos", "ultimo_ip", "created_at"]
    search_columns = ["nome", "usuario", "expira_em", "revogada_em", "ultimo_uso_em"]
    order_columns = []
    base_order = ("id", "desc")
    remotos = {"usuario": "usuario"}
    botoes_da_lista = (Botao(_l("Nova chave"), "ChaveApiView.nova", "plus", ("can_nova", "ChaveApiView")),)
    label_columns = {
        "nome": _l("Programa"), "usuario": _l("Age como"), "prefixo": _l("Começo da chave"), "ultimo_uso_em": _l("Último uso"), "expira_em": _l("Vale até"),
        "revogada_em": _l("Revogada em"), "escopos": _l("Permissões"), "ultimo_ip": _l("Último endereço IP"), "created_at": _l("Criada em"),
    }
    acoes_valem = {"revogar": lambda chave: chave.revogada_em is None}
    texto_vazio = _l("Nenhum programa tem chave.")

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.formatters_columns = {"escopos": ", ".join}

    @expose("/nova", methods=["GET", "POST"])
    @has_access
    @permission_name("nova")
    def nova(self) -> ResponseReturnValue:
        """Make a key and show it, this once."""
        confirmacao.exigir()
        form, marcados = FormChave(), request.form.getlist("escopo")
        if form.validate_on_submit() and (texto := self._criar(form, marcados)):
            return self.render_template("usuarios/chave_nova.html", title=_("Chave de API"), texto=texto, nome=form.nome.data)
        return self.render_template(
            "usuarios/chave_form.html", titulo=_("Nova chave"), form=form, grupos=_por_recurso(), marcados=set(marcados), botao=_("Criar chave"),
            voltar=url_for("ChaveApiView.list"), trilha=[(_("Chaves de API"), url_for("ChaveApiView.list"))])

    @staticmethod
    def _criar(form: FormChave, marcados: list[str]) -> str:
        try:
            with transacao() as sessao:
                return ChaveApiService(sessao).criar(
                    form.usuario.data.id, nome=form.nome.data, escopos_dados=marcados, dias=form.prazo.data or None)[1]
        except DominioError as erro:
            recusar(form, erro, senao="nome")
            return ""

    @action("revogar", _l("Revogar"), _l("Revogar as chaves marcadas? Os programas que as usam param de entrar na hora."), "fa-ban")
    def revogar(self, itens: Any) -> ResponseReturnValue:
        """The key opens nothing any more."""
        return self.executar(ChaveApiService.revogar, itens)


def _por_recurso() -> list[tuple[str, str, list[str]]]:
    """(title, resource, its scopes), by title."""
    grupos: dict[str, list[str]] = {}
    for nome in escopos.todos():
        grupos.setdefault(nome.split(":", 1)[0], []).append(nome)
    titulos = escopos.titulos()
    return sorted(((titulos[recurso], recurso, nomes) for recurso, nomes in grupos.items()), key=lambda grupo: grupo[0].casefold())
