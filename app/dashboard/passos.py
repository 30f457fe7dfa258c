"""The steps of the first week: for each, its form, what saving does, and how to tell from the data that it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, InputRequired, Length, NumberRange

from app.brasil import brcode
from app.core import configuracao, confirmacao
from app.core.documentos_pdf import qr_svg
from app.core.erros import Conflito, RegraViolada
from app.core.models import Empresa
from app.core.telas.empresa import AJUDAS, ROTULOS, VALIDADORES, acertar, campo_mascarado, empresa_padrao, gravar_logo
from app.core.telas.imagens import CampoImagem
from app.core.tipos import N_
from app.core.visoes import CampoDinheiro, CampoInteiro, CampoTexto, faixa_de_preco
from app.core.visoes.campos import EntradaInteiro, EntradaTexto
from app.dashboard import passo_email as email
from app.dashboard.textos import resumo_da_politica
from app.faturamento.models import PoliticaCobranca
from app.faturamento.services.catalogos import conferir_politica
from app.planos.models import Plano
from app.usuarios.consultas import PAPEL_CLIENTE, tem_papel
from app.usuarios.convites import ConviteService
from app.usuarios.models import Convite
from app.usuarios.papeis import EQUIPE, rotulo

configuracao.declarar("assistente.politica", bool, False, N_("Política conferida"))


@dataclass(frozen=True)
class Passo:
    """``formulario(sessao)`` makes the form, ``salvar(sessao, form)`` may return what to show, ``extra(sessao)`` is for the template.

    ``fora(form)`` speaks to the outside world, before and without any transaction.
    """

    titulo: str
    explicacao: str
    formulario: Callable[[Session], DynamicForm]
    salvar: Callable[[Session, Any], dict | None]
    extra: Callable[[Session], dict] = lambda _sessao: {}
    botao: str = N_("Salvar e continuar")
    fora: Callable[[Any], None] = lambda _form: None


def _texto(nome: str, *validadores: Any) -> CampoTexto:
    return CampoTexto(ROTULOS[nome], [*validadores, *VALIDADORES.get(nome, ()), Length(max=255)], widget=EntradaTexto(), description=AJUDAS.get(nome, ""))


# ---- company

class FormEmpresa(DynamicForm):
    """Who sells, and the logo that prints on invoices."""

    razao_social = _texto("razao_social", DataRequired(_l("Informe a razão social.")))
    nome_fantasia = _texto("nome_fantasia")
    cnpj, telefone = campo_mascarado("cnpj"), campo_mascarado("telefone")
    email = _texto("email")
    cep = campo_mascarado("cep")
    logradouro, numero, bairro = _texto("logradouro"), _texto("numero", Length(max=20)), _texto("bairro")
    municipio, uf = _texto("municipio", DataRequired(_l("Informe o município."))), _texto("uf")
    logo = CampoImagem(ROTULOS["logo"], description=AJUDAS["logo"])


def _form_empresa(sessao: Session) -> DynamicForm:
    empresa = empresa_padrao(sessao)
    form = FormEmpresa(obj=empresa)
    form.logo.arquivo_id = empresa.logo_id if empresa else None
    return form


def _salvar_empresa(sessao: Session, form: FormEmpresa) -> None:
    empresa = empresa_padrao(sessao) or Empresa()
    form.populate_obj(empresa)
    acertar(empresa)
    sessao.add(empresa)
    gravar_logo(sessao, empresa, empresa.__dict__.pop("_enviado_logo", None))


# ---- Pix

class FormPix(DynamicForm):
    """The key on which invoices are paid."""

    chave_pix = _texto("chave_pix", DataRequired(_l("Informe a chave.")))


def _form_pix(sessao: Session) -> DynamicForm:
    return FormPix(obj=empresa_padrao(sessao))


def _salvar_pix(sessao: Session, form: FormPix) -> None:
    empresa = empresa_padrao(sessao)
    if empresa is None:
        raise RegraViolada(_("Cadastre a empresa primeiro."))
    empresa.chave_pix = form.chave_pix.data
    acertar(empresa)


def _amostra_pix(sessao: Session) -> dict:
    """A code without amount, to be read by the bank's own application: it shows whose key it is."""
    empresa = empresa_padrao(sessao)
    if empresa is None or not empresa.chave_pix:
        return {}
    codigo = brcode.montar(nome=str(empresa), cidade=empresa.municipio or "BRASIL", chave=empresa.chave_pix)
    return {"pix": codigo, "qr": qr_svg(codigo, titulo=_("QR Code do Pix"))}


# ---- policy

class FormPolitica(DynamicForm):
    """Which policy is in force."""

    politica = RadioField(_l("Política de cobrança"), coerce=int, validators=[DataRequired(_l("Escolha uma política."))])


def _politicas(sessao: Session) -> list[PoliticaCobranca]:
    return list(sessao.scalars(select(PoliticaCobranca).where(PoliticaCobranca.ativo).order_by(PoliticaCobranca.id)))


def _form_politica(sessao: Session) -> DynamicForm:
    politicas = _politicas(sessao)
    form = FormPolitica(data={"politica": next((p.id for p in politicas if p.padrao), None)})
    form.politica.choices = [SelectChoice(p.id, p.nome) for p in politicas]
    return form


def _salvar_politica(sessao: Session, form: FormPolitica) -> None:
    escolhida = next(p for p in _politicas(sessao) if p.id == form.politica.data)
    escolhida.padrao = True
    with sessao.no_autoflush:
        conferir_politica(sessao, escolhida)
    configuracao.gravar(sessao, "assistente.politica", True)


def _resumos(sessao: Session) -> dict:
    return {"resumos": {p.id: resumo_da_politica(p) for p in _politicas(sessao)}}


# ---- first plan

class FormPlano(DynamicForm):
    """What is sold."""

    nome = CampoTexto(_l("Nome do plano"), [DataRequired(_l("Informe o nome.")), Length(max=255)], widget=EntradaTexto(), description=_l("Como “Fibra 500”."))
    download_mbps = CampoInteiro(_l("Download (Mbps)"), [DataRequired(_l("Informe a velocidade.")), NumberRange(1, 100_000)], widget=EntradaInteiro())
    upload_mbps = CampoInteiro(_l("Upload (Mbps)"), [DataRequired(_l("Informe a velocidade.")), NumberRange(1, 100_000)], widget=EntradaInteiro())
    preco = CampoDinheiro(_l("Preço por mês (R$)"), [InputRequired(_l("Informe o preço.")), faixa_de_preco()])


def _salvar_plano(sessao: Session, form: FormPlano) -> None:
    if sessao.scalar(select(Plano.id).where(Plano.nome == form.nome.data)):
        raise Conflito(_("Já existe um plano com este nome."), campo="nome")
    plano = Plano()
    form.populate_obj(plano)
    sessao.add(plano)


# ---- team

class FormConvite(DynamicForm):
    """A colleague; more are invited in the screen of invitations."""

    first_name = CampoTexto(_l("Nome"), [DataRequired(_l("Informe o nome.")), Length(max=64)], widget=EntradaTexto())
    last_name = CampoTexto(_l("Sobrenome"), [DataRequired(_l("Informe o sobrenome.")), Length(max=64)], widget=EntradaTexto())
    email = CampoTexto(_l("E-mail"), [DataRequired(_l("Informe o e-mail.")), Email(_l("Informe um e-mail válido.")), Length(max=320)], widget=EntradaTexto())
    papel = RadioField(_l("Papel"), validators=[DataRequired(_l("Escolha um papel."))])


def _form_convite(_sessao: Session) -> DynamicForm:
    form = FormConvite()
    form.papel.choices = [SelectChoice(nome, rotulo(nome)) for nome in EQUIPE]
    return form


def _convidar(sessao: Session, form: FormConvite) -> dict:
    papel = sessao.scalars(select(Role).where(Role.name == form.papel.data)).one()
    convite, link = ConviteService(sessao).convidar(email=form.email.data, nome=form.first_name.data, sobrenome=form.last_name.data, papeis=[papel])
    return {"email": convite.email, "link": link}


PASSOS: dict[str, Passo] = {
    "empresa": Passo(N_("Empresa e logotipo"), N_("Os dados que saem nas faturas."), _form_empresa, _salvar_empresa),
    "pix": Passo(N_("Chave Pix"), N_("Com ela cada fatura ganha um código Pix próprio."), _form_pix, _salvar_pix, _amostra_pix),
    "email": Passo(
        N_("E-mail"), N_("O servidor que envia faturas e avisos."), email.formulario, email.salvar, email.servidor, N_("Salvar e enviar teste"), email.testar),
    "politica": Passo(N_("Política de cobrança"), N_("Multa, juros, lembretes e bloqueio."), _form_politica, _salvar_politica, _resumos),
    "plano": Passo(N_("Primeiro plano"), N_("O que você vende; depois dele já é possível cadastrar clientes."), lambda _s: FormPlano(), _salvar_plano),
    "usuarios": Passo(
        N_("Equipe"), N_("Quem trabalha com você, cada um com seu papel."), _form_convite, _convidar, botao=N_("Enviar convite"),
        fora=lambda _form: confirmacao.exigir()),
}


def feitos(sessao: Session) -> dict[str, bool]:
    """Which steps the data show as done: one query beside the settings."""
    equipe = select(func.count()).select_from(User).where(User.active, ~tem_papel(PAPEL_CLIENTE)).scalar_subquery()
    com_chave = select(func.count(Empresa.chave_pix)).scalar_subquery()
    convites = select(func.count(Convite.id)).scalar_subquery()
    empresas, chaves, planos, pessoas = sessao.execute(
        select(select(func.count(Empresa.id)).scalar_subquery(), com_chave, select(func.count(Plano.id)).scalar_subquery(), equipe + convites)).one()
    return {
        "empresa": empresas > 0, "pix": chaves > 0, "email": configuracao.ler("assistente.email"), "politica": configuracao.ler("assistente.politica"),
        "plano": planos > 0, "usuarios": pessoas > 1,
    }
