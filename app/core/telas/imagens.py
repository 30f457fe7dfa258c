"""Pictures people send: known by their content, never by their name, and small enough to be drawn by every renderer."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Field
from wtforms.validators import StopValidation
from wtforms.widgets import html_params

from app.core.erros import ValorInvalido

MAIOR_ARQUIVO = 1 << 20
MAIOR_LADO = 4000
_PNG = b"\x89PNG\r\n\x1a\n"
_QUADROS_JPEG = {0xC0, 0xC1, 0xC2}      # baseline, extended, progressive: what browsers and renderers draw


def tipo_da_imagem(dados: bytes) -> str:
    """``image/png`` or ``image/jpeg`` of a whole file of at most 1 MiB and 4000 × 4000 points. Raises ValorInvalido with the reason."""
    if len(dados) > MAIOR_ARQUIVO:
        raise ValorInvalido(_("A imagem passa de 1 MB."), codigo="imagem_grande")
    lados = _lados_png(dados) if dados.startswith(_PNG) else _lados_jpeg(dados)
    if lados is None or 0 in lados:
        raise ValorInvalido(_("O arquivo não é uma imagem PNG ou JPEG."), codigo="imagem_invalida")
    if max(lados) > MAIOR_LADO:
        raise ValorInvalido(_("A imagem tem mais de %(n)d pontos de lado.", n=MAIOR_LADO), codigo="imagem_grande")
    return "image/png" if dados.startswith(_PNG) else "image/jpeg"


def _lados_png(dados: bytes) -> tuple[int, int] | None:
    if len(dados) < 45 or dados[12:16] != b"IHDR" or dados[-8:-4] != b"IEND":
        return None
    return int.from_bytes(dados[16:20]), int.from_bytes(dados[20:24])


def _lados_jpeg(dados: bytes) -> tuple[int, int] | None:
    if not dados.startswith(b"\xff\xd8\xff") or not dados.rstrip(b"\0").endswith(b"\xff\xd9"):
        return None
    i = 2
    while i + 9 < len(dados) and dados[i] == 0xFF:
        if dados[i + 1] in _QUADROS_JPEG:
            return int.from_bytes(dados[i + 7 : i + 9]), int.from_bytes(dados[i + 5 : i + 7])
        i += 2 + int.from_bytes(dados[i + 2 : i + 4])
    return None


class EntradaImagem:
    """A file input with the present picture beside it."""

    def __call__(self, field: CampoImagem, **kw: Any) -> Markup:
        kw |= {"type": "file", "name": field.name, "accept": "image/png,image/jpeg", "class": "form-control"}
        kw.setdefault("id", field.id)
        entrada = Markup("<input {}>").format(Markup(html_params(**kw)))
        if not field.arquivo_id:
            return entrada
        atual = Markup('<img class="logo-atual" src="{}" alt="{}" height="48">').format(url_for("arquivo", arquivo_id=field.arquivo_id), _("Imagem atual"))
        return atual + entrada


class CampoImagem(Field):
    """A picture to upload: ``data`` is (name, type, content), or None when none was sent. ``arquivo_id`` shows the present one."""

    widget = EntradaImagem()
    arquivo_id: int | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        enviado = valuelist[0] if valuelist else None
        self.data = None
        if getattr(enviado, "filename", ""):
            self.data = (enviado.filename, "", enviado.stream.read(MAIOR_ARQUIVO + 1))

    def process_data(self, value: Any) -> None:
        self.data = None

    def pre_validate(self, form: Any) -> None:
        if self.data is None:
            return
        nome, _tipo, dados = self.data
        try:
            self.data = (nome, tipo_da_imagem(dados), dados)
        except ValorInvalido as erro:
            self.data = None
            raise StopValidation(str(erro)) from erro

    def populate_obj(self, obj: Any, name: str) -> None:
        """Kept beside the row under the field's name; who saves it makes it a file once the row has an id."""
        obj.__dict__[f"_enviado_{name}"] = self.data
