"""Form fields in Brazilian Portuguese for every generated form: money, dates, instants, enums, texts. NaN and Infinity are refused."""
from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Any

from flask_appbuilder import fields as fab_fields
from flask_appbuilder import forms as fab_forms
from flask_babel import LazyString
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import DateField, DateTimeLocalField, DecimalField, IntegerField, SelectField, StringField, TextAreaField, widgets
from wtforms.fields.choices import Choice
from wtforms.validators import NumberRange, StopValidation

from app.core import relogio
from app.core.datas import exigir_ano
from app.core.dinheiro import PRECO_MAXIMO, ZERO
from app.core.formatos import faixa, numero, rotulo
from app.core.numeros import MAIOR_ID
from app.core.textos import limpo
from app.core.visoes.filtros import ler_data, ler_decimal

VAZIOS = {"", "__None"}


class _ComClasse:
    """Gives a WTForms widget the look of the house."""

    classe = "form-control"

    def __call__(self, field: Any, **kw: Any) -> Markup:
        kw["class"] = self.classe
        return super().__call__(field, **kw)


class EntradaTexto(_ComClasse, widgets.TextInput):
    """One line of text."""


class AreaTexto(_ComClasse, widgets.TextArea):
    """Several lines of text."""

    def __call__(self, field: Any, **kw: Any) -> Markup:
        kw.setdefault("rows", 4)
        return super().__call__(field, **kw)


class EntradaNumero(_ComClasse, widgets.TextInput):
    """A number typed with comma; telephones show the numeric keyboard."""

    modo = "decimal"

    def __call__(self, field: Any, **kw: Any) -> Markup:
        kw.setdefault("inputmode", self.modo)
        kw.setdefault("autocomplete", "off")
        return super().__call__(field, **kw)


class EntradaInteiro(EntradaNumero):
    """A whole number."""

    modo = "numeric"


class EntradaData(_ComClasse, widgets.DateInput):
    """The browser's own date picker."""


class EntradaInstante(_ComClasse, widgets.DateTimeLocalInput):
    """The browser's own date and time picker."""


class Selecao(_ComClasse, widgets.Select):
    """A select; crm.js turns the long and the remote ones into select2."""

    classe = "my_select2 form-select"


class _SemNulo:
    """A text field: what cannot be stored is dropped, blank is nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = limpo(valuelist[0]) or None


class CampoTexto(_SemNulo, StringField):
    """One line, without blanks around."""


class CampoTextoLongo(_SemNulo, TextAreaField):
    """Several lines."""


class _UmMotivo:
    """What could not be read is refused for that alone: what other validators would say of the missing value helps nobody."""

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation


class CampoInteiro(_UmMotivo, IntegerField):
    """A whole number that fits a bigint."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        texto = valuelist[0].strip() if valuelist else ""
        if not texto:
            return
        try:
            self.data = int(texto.replace(".", "") if texto.count(".") and "," not in texto and len(texto.split(".")[-1]) == 3 else texto)
        except ValueError as erro:
            raise ValueError(_("Informe um número inteiro.")) from erro
        if abs(self.data) > MAIOR_ID:
            self.data = None
            raise ValueError(_("Número grande demais."))


class CampoDecimal(_UmMotivo, DecimalField):
    """Accepts ``1.234,56``, ``R$ 1.234,56`` and ``1234.56``; shows ``1.234,56``. ``casas``: decimals allowed; ``inteiros``: digits before the comma."""

    casas_minimas = 0

    def __init__(self, label: Any = None, validators: Any = None, casas: int | None = None, inteiros: int | None = None, **kw: Any):
        super().__init__(label, validators, **kw)
        self.casas, self.inteiros = casas, inteiros

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        if self.data is None:
            return ""
        return numero(self.data, max(self.casas_minimas, -self.data.normalize().as_tuple().exponent))

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            valor = ler_decimal(valuelist[0], self.casas)
        except ValueError as erro:
            raise ValueError(_("Informe um valor como 1.234,56.")) from erro
        self._conferir_tamanho(valor)
        self.data = valor

    def _conferir_tamanho(self, valor: Decimal) -> None:
        if self.casas is not None and valor != round(valor, self.casas):
            raise ValueError(_("No máximo %(n)d casas depois da vírgula.", n=self.casas))
        if self.inteiros is not None and abs(valor) >= Decimal(10) ** self.inteiros:
            raise ValueError(_("Valor grande demais."))


class CampoDinheiro(CampoDecimal):
    """Reais, always shown with two decimals."""

    casas_minimas = 2

    def __init__(self, label: Any = None, validators: Any = None, casas: int | None = 2, inteiros: int | None = 10, **kw: Any):
        kw.setdefault("widget", EntradaNumero())
        super().__init__(label, validators, casas=casas, inteiros=inteiros, **kw)


def faixa_de_preco(minimo: Decimal = ZERO) -> NumberRange:
    """Validator of what a plan, a service or a contract costs a month: free (or ``minimo``), up to the house's limit."""
    return NumberRange(min=minimo, max=PRECO_MAXIMO, message=LazyString(faixa, minimo, PRECO_MAXIMO))


class CampoData(_UmMotivo, DateField):
    """A day; the browser sends 2026-12-31, scripts may send 31/12/2026."""

    widget = EntradaData()

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else (self.data.isoformat() if self.data else "")

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            lida = ler_data(valuelist[0])
        except ValueError as erro:
            raise ValueError(_("Informe uma data como 31/12/2026.")) from erro
        try:
            self.data = exigir_ano(lida)
        except ValueError as erro:
            raise ValueError(_("Confira o ano.")) from erro


class CampoInstante(_UmMotivo, DateTimeLocalField):
    """São Paulo's wall time on screen, an aware UTC instant in ``data``."""

    widget = EntradaInstante()

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        return relogio.local(self.data).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            lido = exigir_ano(dt.datetime.fromisoformat(valuelist[0].strip()))
            self.data = (lido if lido.tzinfo else lido.replace(tzinfo=relogio.FUSO)).astimezone(dt.UTC)
        except (ValueError, OverflowError) as erro:
            raise ValueError(_("Informe data e hora.")) from erro


class CampoEnum(SelectField):
    """Members of an enum by their labels. Starts blank when nothing was chosen and there is no default."""

    widget = Selecao()

    def __init__(self, label: Any = None, validators: Any = None, enum_class: type[Enum] | None = None, enums: Any = (), **kw: Any):
        kw.setdefault("choices", [])
        super().__init__(label, validators, coerce=self._membro, validate_choice=False, **kw)
        self.enum_class, self.enums = enum_class, list(enums)

    def _membro(self, valor: Any) -> Any:
        if valor is None or str(valor) in VAZIOS:
            return None
        if self.enum_class is None or isinstance(valor, self.enum_class):
            return valor
        return self.enum_class.__members__.get(str(valor), valor)

    def _membros(self) -> list[Any]:
        return self.enums if self.enum_class is None else [self.enum_class.__members__[e] for e in self.enums]

    def iter_choices(self) -> Any:
        yield Choice("", "", self.data is None, {})
        for membro in self._membros():
            yield Choice(getattr(membro, "name", membro), rotulo(membro), membro == self.data, {})

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data not in self._membros():
            raise StopValidation(_("Escolha uma opção da lista."))


_TABELA = {
    "is_text": (CampoTextoLongo, AreaTexto),
    "is_string": (CampoTexto, EntradaTexto),
    "is_integer": (CampoInteiro, EntradaInteiro),
    "is_numeric": (CampoDecimal, EntradaNumero),
    "is_float": (CampoDecimal, EntradaNumero),
    "is_date": (CampoData, EntradaData),
    "is_datetime": (CampoInstante, EntradaInstante),
}


def _como_escolhas(original: Any) -> Any:
    def iter_choices(self: Any) -> Any:
        for escolha in original(self):
            yield escolha if isinstance(escolha, Choice) else Choice(*escolha)

    return iter_choices


def instalar() -> None:
    """Teach Flask-AppBuilder's own form builder these fields, once per process; its screens (users, roles) profit too."""
    fab_forms.FieldConverter.conversion_table = tuple(
        (teste, *_TABELA.get(teste, (campo, widget))) for teste, campo, widget in fab_forms.FieldConverter.conversion_table
    )
    fab_forms.EnumField = CampoEnum
    # it appends its validators to the class's own list: each application made in the process would validate once more
    fab_forms.GeneralModelConverter._get_validators = staticmethod(lambda coluna, declarados: list(declarados.get(coluna, [])))
    # WTForms 3.3 warns about the plain tuples these yield
    for classe in (fab_fields.QuerySelectField, fab_fields.QuerySelectMultipleField):
        classe.iter_choices = _como_escolhas(classe.iter_choices)


instalar()
