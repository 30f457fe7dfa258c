"""A role on one page: its rights, its limits, who has it, what makes it different from the house's own or from another role, and copies of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from wtforms import BooleanField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.core import confirmacao, permissoes
from app.core.dinheiro import PRECO_MAXIMO
from app.core.erros import DominioError, ValorInvalido
from app.core.formatos import faixa
from app.core.modelos import retrato
from app.core.numeros import MAIOR_INTEIRO, id_pedido
from app.core.transacao import transacao
from app.core.visoes import CampoDinheiro, CampoInteiro, CampoTexto, recusar
from app.core.visoes.campos import EntradaInteiro, EntradaTexto
from app.extensions import db
from app.usuarios import consultas, permissoes_tela
from app.usuarios.limites_papel import ACIMA, limites_do_papel
from app.usuarios.models import LimitePapel, Tipo
from app.usuarios.permissoes_tela import Caixa, Linha, linhas_da_matriz

SEM_MATRIZ = ("Admin", "Public")        # the first has everything, the second nothing
_PK = f"/<int(max={MAIOR_INTEIRO}):pk>"      # the framework's tables have smaller ids


class LimitePapelView(BaseView):
    """No page: the right to go beyond the role's limit, as a box of the role editor."""

    route_base = "/limites-do-papel"
    titulo_da_permissao = _l("Limites de valor")
    base_permissions = [ACIMA[0]]


class CopiaForm(FlaskForm):
    """The new role."""

    nome = CampoTexto(_l("Nome do novo papel"), [DataRequired(_l("Informe o nome.")), Length(max=64)], widget=EntradaTexto())


class LimitesForm(FlaskForm):
    """Limits of a role. An amount is ignored where ``…_livre`` is marked."""

    desconto = CampoDinheiro(_l("Maior desconto"), [Optional()], description=_l("Em faturas e lançamentos; num contrato, por mês."))
    desconto_livre = BooleanField(_l("Desconto sem limite"))
    credito = CampoDinheiro(_l("Maior crédito"), [Optional()], description=_l("Que as próximas faturas usam."))
    credito_livre = BooleanField(_l("Crédito sem limite"))
    dispensa = CampoDinheiro(_l("Maior dispensa"), [Optional()], description=_l("Dívida de que a pessoa pode abrir mão: fatura ou cobrança cancelada."))
    dispensa_livre = BooleanField(_l("Dispensa sem limite"))
    exige_2fa = BooleanField(_l("Exigir o segundo fator"), description=_l("Quem tem este papel só entra com o código do aplicativo."))
    sessao_horas = CampoInteiro(
        _l("A sessão dura até (horas)"), [InputRequired(_l("Informe as horas.")), NumberRange(1, 720, _l("De 1 a 720."))], widget=EntradaInteiro())
    ociosa_minutos = CampoInteiro(
        _l("Sem uso, termina em (minutos)"), [InputRequired(_l("Informe os minutos.")), NumberRange(5, 10080, _l("De 5 a 10080."))], widget=EntradaInteiro())

    def gravar(self, limites: LimitePapel) -> None:
        """Write what was said. Raises ValorInvalido at an amount that is missing or that nobody means."""
        for tipo in (t.name for t in Tipo if t.name in self):
            valor = self[tipo].data
            if not self[f"{tipo}_livre"].data and (valor is None or not 0 <= valor <= PRECO_MAXIMO):
                raise ValorInvalido(faixa(0, PRECO_MAXIMO), campo=tipo)
            setattr(limites, tipo, None if self[f"{tipo}_livre"].data else valor)
        for nome in ("exige_2fa", "sessao_horas", "ociosa_minutos"):
            setattr(limites, nome, self[nome].data)

    def mostrar(self, limites: LimitePapel) -> None:
        """Fill with what is in force."""
        for campo in self:
            livre = campo.name.removesuffix("_livre")
            if livre != campo.name:
                campo.data = getattr(limites, livre) is None
            elif hasattr(limites, campo.name):
                campo.data = getattr(limites, campo.name)


class PermissoesView(BaseView):
    """``/permissoes/<papel>`` and what belongs to it. Whoever may see roles sees it; an administrator changes it."""

    route_base = "/permissoes"
    default_view = "papel"
    class_permission_name = "PapelView"
    titulo_da_permissao = _l("Papéis")

    @expose(_PK, methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    def papel(self, pk: int) -> ResponseReturnValue:
        """Show and, for an administrator, save the rights of a role. ``?comparar=<papel>`` marks what is different there."""
        papel = db.session.get(Role, pk) or abort(404)
        linhas = linhas_da_matriz(db.session())
        if request.method == "POST":
            self._exigir_editavel(papel)
            return self._gravar(papel, linhas)
        if _edita(papel):
            confirmacao.exigir()
        return self._pagina(papel, linhas, {p.id for p in papel.permissions})

    @expose(f"{_PK}/padrao", methods=["POST"])
    @has_access
    @permission_name("show")
    def padrao(self, pk: int) -> ResponseReturnValue:
        """Give a role of the house the rights it came with, and no other."""
        papel = db.session.get(Role, pk) or abort(404)
        self._exigir_editavel(papel)
        if not permissoes.PAPEIS.get(papel.name):
            abort(404)
        with transacao() as sessao:
            _travar(sessao, papel)
            permissoes_tela.voltar_ao_padrao(sessao, papel)
        flash(_("O papel voltou ao padrão da casa."), "success")
        return redirect(url_for("PermissoesView.papel", pk=pk))

    @expose(f"{_PK}/copiar", methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    def copiar(self, pk: int) -> ResponseReturnValue:
        """A new role with the rights and limits of this one."""
        papel = db.session.get(Role, pk) or abort(404)
        self._exigir_editavel(papel)
        form = CopiaForm()
        if form.validate_on_submit() and (novo := _tentar(form, "nome", lambda sessao: _copiar(sessao, papel, form.nome.data).id)):
            flash(_("Papel criado. Ele começa com os direitos e limites de %(papel)s.", papel=papel), "success")
            return redirect(url_for("PermissoesView.papel", pk=novo))
        return self._formulario(papel, form, _("Novo papel a partir de %(papel)s", papel=papel), botao=_("Criar papel"))

    @expose(f"{_PK}/limites", methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    def limites(self, pk: int) -> ResponseReturnValue:
        """What the role's people may give away, and how their sessions end."""
        papel = db.session.get(Role, pk) or abort(404)
        if papel.name == "Public" or not consultas.e_admin(g.user):
            abort(404 if papel.name == "Public" else 403)
        confirmacao.exigir()
        form = LimitesForm()
        if papel.name in ("Admin", consultas.PAPEL_CLIENTE):       # the first gives what he wants, the second nothing
            for tipo in (t.name for t in Tipo):
                del form[tipo], form[f"{tipo}_livre"]
        if papel.name == consultas.PAPEL_CLIENTE:
            del form["exige_2fa"]
        if form.validate_on_submit() and _tentar(form, "", lambda sessao: _limitar(sessao, form, pk)):
            flash(_("Limites salvos. Valem a partir do próximo clique de cada pessoa."), "success")
            return redirect(url_for("PermissoesView.limites", pk=pk))
        if not form.is_submitted():
            with transacao() as sessao:
                form.mostrar(limites_do_papel(sessao, pk))
        return self._formulario(papel, form, _("Limites: %(papel)s", papel=papel), template="usuarios/limites.html", botao=_("Salvar"), aba="limites")

    def _pagina(self, papel: Role, linhas: list[Linha], marcadas: set[int], erro: str = "") -> ResponseReturnValue:
        outro = next((r for r in _outros(papel) if r.id == request.args.get("comparar", type=id_pedido)), None)
        da_casa = permissoes_tela.padrao_da_casa(papel.name, linhas)
        base = {p.id for p in outro.permissions} if outro else da_casa
        diferem = {caixa.valor for linha in linhas for caixa in linha.todas if base is not None and _tem(caixa, base) != _tem(caixa, marcadas)}
        return self.render_template(
            "usuarios/permissoes.html", title=_("Permissões: %(papel)s", papel=papel), papel=papel, grupos=permissoes_tela.por_grupo(linhas),
            colunas=permissoes_tela.COLUNAS, tem=marcadas, edita=_edita(papel), erro=erro, versao=_versao(papel), outro=outro, da_casa=da_casa, base=base,
            diferem=diferem, outros=_outros(papel), pessoas=_pessoas(papel.id), aba="permissoes")

    def _formulario(self, papel: Role, form: FlaskForm, titulo: str, *, template: str = "crm/formulario.html", **mais: Any) -> ResponseReturnValue:
        volta = url_for("PermissoesView.papel", pk=papel.id)
        trilha = [(_("Papéis"), url_for("PapelView.list")), (str(papel), volta)]
        return self.render_template(template, form=form, titulo=titulo, trilha=trilha, voltar=volta, papel=papel, edita=_edita(papel), **mais)

    @staticmethod
    def _exigir_editavel(papel: Role) -> None:
        if not _edita(papel):
            abort(403)
        confirmacao.exigir()

    def _gravar(self, papel: Role, linhas: list[Linha]) -> ResponseReturnValue:
        marcadas = {int(v) for caixa in request.form.getlist("p") for v in caixa.split(",") if v.isdigit()}
        with transacao() as sessao:
            _travar(sessao, papel)
            visiveis = permissoes_tela.ids_da_matriz(linhas)
            mudaria = marcadas & visiveis != {p.id for p in papel.permissions} & visiveis
            if mudaria and request.form.get("versao") != _versao(papel):
                erro = _("Outra pessoa mudou as permissões deste papel. Nada foi salvo: o que você marcou continua aqui; confira e salve de novo.")
                return self._pagina(papel, linhas, marcadas, erro)
            permissoes_tela.mudar_direitos(sessao, papel, marcadas & visiveis, linhas)
        flash(_("Permissões salvas. Valem a partir do próximo clique de cada pessoa."), "success")
        return redirect(url_for("PermissoesView.papel", pk=papel.id))


def _edita(papel: Role) -> bool:
    return papel.name not in SEM_MATRIZ and consultas.e_admin(g.user)


def _travar(sessao: Session, papel: Role) -> None:
    sessao.refresh(papel, ["id"], with_for_update={"key_share": True})
    sessao.expire(papel, ["permissions"])


def _versao(papel: Role) -> str:
    """The rights of a role now, in few characters."""
    return retrato(sorted(p.id for p in papel.permissions))


def _tem(caixa: Caixa, marcadas: set[int]) -> bool:
    return marcadas.issuperset(caixa.ids)


def _outros(papel: Role) -> list[Role]:
    """Roles to compare with."""
    consulta = select(Role).where(Role.id != papel.id, Role.name.not_in(SEM_MATRIZ)).order_by(Role.name)
    return list(db.session.scalars(consulta))


def _pessoas(papel_id: int) -> int:
    """How many active people have the role, by group too."""
    return db.session.scalar(select(func.count()).select_from(User).where(User.active, consultas.com_papel(papel_id))) or 0


def _copiar(sessao: Session, papel: Role, nome: str) -> Role:
    """A role of that name with the same rights and limits. Raises ValorInvalido when the name is taken."""
    if sessao.scalar(select(Role.id).where(func.lower(Role.name) == nome.lower())):
        raise ValorInvalido(_("Já existe um papel com esse nome."), campo="nome")
    novo = Role(name=nome, permissions=list(papel.permissions))
    sessao.add(novo)
    sessao.flush()
    de, para = limites_do_papel(sessao, papel.id), limites_do_papel(sessao, novo.id)
    for coluna in (*(t.name for t in Tipo), "exige_2fa", "sessao_horas", "ociosa_minutos"):
        setattr(para, coluna, getattr(de, coluna))
    return novo


def _limitar(sessao: Session, form: LimitesForm, papel_id: int) -> int:
    form.gravar(limites_do_papel(sessao, papel_id))
    return papel_id


def _tentar(form: FlaskForm, senao: str, fazer: Callable[[Session], int]) -> int | None:
    try:
        with transacao() as sessao:
            return fazer(sessao)
    except DominioError as erro:
        return recusar(form, erro, senao=senao)
