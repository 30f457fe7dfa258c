"""The provider's own companies, with the logo that prints on documents, and the provider's own holidays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from wtforms import Form
from wtforms.validators import DataRequired, Email, NumberRange, Optional, Regexp, ValidationError

from app.brasil import brcode
from app.brasil.documentos import (
    cep_valido,
    cnpj_valido,
    formatar_cep,
    formatar_documento,
    formatar_telefone,
    normalizar_cep,
    normalizar_documento,
    normalizar_telefone,
    telefone_valido,
)
from app.core import arquivos, confirmacao
from app.core.models import Empresa, Feriado
from app.core.telas.imagens import CampoImagem
from app.core.visoes import CampoTexto, Interface, VisaoBase, VisaoCatalogo
from app.core.visoes.campos import EntradaTexto
from app.extensions import db

UFS = "AC AL AP AM BA CE DF ES GO MA MT MS MG PA PB PR PE PI RJ RN RS RO RR SC SP SE TO"


def conferir(valido: Callable[[str], bool], mensagem: Any) -> Callable[[Any, Any], None]:
    """A validator of a text that may be empty."""

    def validar(_form: Any, campo: Any) -> None:
        if campo.data and not valido(campo.data):
            raise ValidationError(str(mensagem))

    return validar


VALIDADORES: dict[str, list[Any]] = {
    "cnpj": [conferir(cnpj_valido, _l("CNPJ inválido."))],
    "email": [Optional(), Email(_l("Informe um e-mail válido."))],
    "telefone": [conferir(telefone_valido, _l("Telefone inválido. Informe com o DDD."))],
    "cep": [conferir(cep_valido, _l("CEP inválido."))],
    "uf": [Optional(), Regexp(f"(?i:{UFS.replace(' ', '|')})$", message=_l("Informe a sigla do estado, como SP."))],
    "site": [Optional(), Regexp(r"(https?://)?[\w.-]+\.[a-z]{2,}(/\S*)?$", message=_l("Endereço inválido."))],
    "chave_pix": [conferir(
        lambda t: brcode.chave_pix_valida(brcode.normalizar_chave_pix(t)), _l("Não é uma chave Pix: use CPF, CNPJ, e-mail, telefone ou chave aleatória."))],
    "matiz": [NumberRange(0, 359, _l("De 0 a 359."))],
}
ROTULOS = {
    "razao_social": _l("Razão social"), "nome_fantasia": _l("Nome fantasia"), "cnpj": _l("CNPJ"), "inscricao_estadual": _l("Inscrição estadual"),
    "email": _l("E-mail"), "telefone": _l("Telefone"), "site": _l("Site"), "cep": _l("CEP"), "logradouro": _l("Logradouro"), "numero": _l("Número"),
    "complemento": _l("Complemento"), "bairro": _l("Bairro"), "municipio": _l("Município"), "uf": _l("UF"), "chave_pix": _l("Chave Pix"),
    "matiz": _l("Cor da marca (matiz)"), "ativo": _l("Ativa"), "logo": _l("Logotipo"), "updated_at": _l("Alterado em"),
}
AJUDAS = {
    "chave_pix": _l("Os códigos Pix das faturas pagam nesta chave."), "municipio": _l("Aparece no código Pix."),
    "logo": _l("PNG ou JPEG de até 1 MB; sai nas faturas."),
    "matiz": _l("De 0 a 359: 255 é azul, 150 é verde, 25 é vermelho."),
}
_NORMAS: dict[str, Callable[[str], str]] = {
    "cnpj": normalizar_documento, "telefone": normalizar_telefone, "cep": normalizar_cep, "uf": str.upper, "chave_pix": brcode.normalizar_chave_pix,
    "email": str.lower,
}


class CampoMascarado(CampoTexto):
    """A text typed with or without its punctuation, kept without: ``normalizar`` and ``formatar`` are functions of app.brasil."""

    widget = EntradaTexto()

    def __init__(self, label: Any = None, validators: Any = None, normalizar: Callable = str, formatar: Callable = str, **kw: Any):
        super().__init__(label, validators, **kw)
        self.normalizar, self.formatar = normalizar, formatar

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        self.data = self.normalizar(self.data) or self.data if self.data else None

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else self.formatar(self.data) if self.data else ""


_MASCARAS = {"cnpj": (normalizar_documento, formatar_documento), "cep": (normalizar_cep, formatar_cep), "telefone": (normalizar_telefone, formatar_telefone)}


def campo_mascarado(nome: str) -> CampoMascarado:
    """CNPJ (required), CEP or telephone as a field of a form."""
    obrigatorio = [DataRequired(_l("Informe o CNPJ."))] if nome == "cnpj" else []
    return CampoMascarado(ROTULOS[nome], [*obrigatorio, *VALIDADORES[nome]], *_MASCARAS[nome])


def empresa_padrao(sessao: Session) -> Empresa | None:
    """The company that bills when nothing else is said: the lowest id."""
    return sessao.scalar(select(Empresa).order_by(Empresa.id).limit(1))


def acertar(empresa: Empresa) -> None:
    """Normalise what people type with punctuation, before it is stored."""
    for nome, normalizar in _NORMAS.items():
        if valor := getattr(empresa, nome):
            setattr(empresa, nome, normalizar(valor.strip()))


def gravar_logo(sessao: Session, empresa: Empresa, enviado: tuple[str, str, bytes] | None) -> None:
    """Make an uploaded picture the company's logo. Older ones stay stored: invoices already issued print them."""
    if enviado is None:
        return
    sessao.add(empresa)
    sessao.flush()
    nome, tipo, dados = enviado
    empresa.logo_id = arquivos.guardar(sessao, nome, tipo, dados, dono=("empresa", empresa.id)).id


class EmpresaView(VisaoBase):
    """``/empresas``."""

    datamodel = Interface(Empresa)
    route_base = "/empresas"
    rotas_fechadas = frozenset({"download", "delete"})
    list_title, show_title, add_title, edit_title = _l("Empresa"), _l("Empresa"), _l("Nova empresa"), _l("Editar empresa")
    list_columns = ["razao_social", "nome_fantasia", "cnpj", "municipio", "chave_pix", "ativo"]
    add_columns = edit_columns = [
        "razao_social", "nome_fantasia", "cnpj", "inscricao_estadual", "email", "telefone", "site", "cep", "logradouro", "numero", "complemento", "bairro",
        "municipio", "uf", "chave_pix", "logo", "matiz", "ativo",
    ]
    show_columns = [c for c in add_columns if c != "logo"] + ["updated_at"]
    search_columns = ["razao_social", "nome_fantasia", "cnpj", "ativo"]
    order_columns = ["razao_social", "nome_fantasia", "cnpj"]
    base_order = ("id", "asc")
    label_columns, description_columns, validators_columns = ROTULOS, AJUDAS, VALIDADORES
    formatters_columns = {"cnpj": formatar_documento, "cep": lambda v: v and formatar_cep(v), "telefone": lambda v: v and formatar_telefone(v)}
    add_form_extra_fields = edit_form_extra_fields = {
        **{nome: campo_mascarado(nome) for nome in _MASCARAS}, "logo": CampoImagem(ROTULOS["logo"], description=AJUDAS["logo"]),
    }

    def prefill_form(self, form: Form, pk: Any) -> None:
        """Show the present logo."""
        form.logo.arquivo_id = db.session.get(Empresa, pk).logo_id

    def pre_add(self, item: Empresa) -> None:
        """Normalise and store the logo. Where the money goes changes only by somebody who has just proved who it is."""
        acertar(item)
        if inspect(item).attrs.chave_pix.history.has_changes():
            confirmacao.exigir()
        gravar_logo(db.session(), item, item.__dict__.pop("_enviado_logo", None))

    pre_update = pre_add


class FeriadoView(VisaoCatalogo):
    """``/feriados``: days without banking that the national calendar does not have."""

    datamodel = Interface(Feriado)
    route_base = "/feriados"
    list_title, show_title, add_title, edit_title = _l("Feriados do provedor"), _l("Feriado"), _l("Novo feriado"), _l("Editar feriado")
    list_columns = add_columns = edit_columns = search_columns = order_columns = ["data", "nome"]
    show_columns = ["data", "nome", "updated_at"]
    base_order = ("data", "desc")
    label_columns = {"data": _l("Data"), "nome": _l("Nome"), "updated_at": _l("Alterado em")}
    subtitulo = _l("Os feriados nacionais já são conhecidos; inclua os municipais e estaduais. Faturas que vencem neles podem ser pagas no dia útil seguinte.")
