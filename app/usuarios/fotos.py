"""Photos of people: whatever is sent becomes a small square JPEG drawn anew, so that nothing else of the file survives (place, camera, what hides in it)."""

from __future__ import annotations

import io
import warnings
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from PIL import Image, ImageOps, UnidentifiedImageError
from wtforms.validators import StopValidation
from wtforms.widgets import html_params

from app.core.erros import ValorInvalido
from app.core.telas.imagens import CampoImagem

MAIOR_ARQUIVO, MAIOR_AREA, LADO = 8 << 20, 50_000_000, 256      # bytes, points of the picture sent, points of the photo kept
_FORMATOS, _ACEITOS = ("JPEG", "PNG", "WEBP"), "image/jpeg,image/png,image/webp"
TIPO = "image/jpeg"


def preparar(dados: bytes) -> bytes:
    """The photo of a picture: its middle square, upright, ``LADO`` points. Raises ValorInvalido for another kind of file, a broken or a huge one."""
    if len(dados) > MAIOR_ARQUIVO:
        raise ValorInvalido(_("A foto passa de %(n)d MB.", n=MAIOR_ARQUIVO >> 20), codigo="imagem_grande", campo="foto")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _quadrada(dados)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as erro:
        raise ValorInvalido(_("O arquivo não é uma foto JPEG, PNG ou WebP que se possa abrir."), codigo="imagem_invalida", campo="foto") from erro


def _quadrada(dados: bytes) -> bytes:
    with Image.open(io.BytesIO(dados), formats=_FORMATOS) as enviada:
        if enviada.width * enviada.height > MAIOR_AREA:
            raise ValueError("too many points")
        enviada.draft("RGB", (2 * LADO, 2 * LADO))      # a JPEG is read at a fraction of its size
        de_pe = ImageOps.exif_transpose(enviada).convert("RGBA")
    fundo = Image.new("RGBA", de_pe.size, "white")      # what is transparent would turn black
    foto = ImageOps.fit(Image.alpha_composite(fundo, de_pe).convert("RGB"), (LADO, LADO))
    saida = io.BytesIO()
    foto.save(saida, "JPEG", quality=85, optimize=True)
    return saida.getvalue()


class EntradaFoto:
    """A file input for photos."""

    def __call__(self, field: CampoFoto, **kw: Any) -> Markup:
        kw |= {"type": "file", "name": field.name, "id": field.id, "accept": _ACEITOS, "class": "form-control"}
        return Markup("<input {}>").format(Markup(html_params(**kw)))


class CampoFoto(CampoImagem):
    """A photo to upload: ``data`` is the JPEG to keep, or None when none was sent."""

    widget = EntradaFoto()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """The file sent, up to a byte too many."""
        enviado = valuelist[0] if valuelist else None
        self.data = enviado.stream.read(MAIOR_ARQUIVO + 1) if getattr(enviado, "filename", "") else None

    def pre_validate(self, form: Any) -> None:
        """Draw it anew, or say why not."""
        if self.data is None:
            return
        try:
            self.data = preparar(self.data)
        except ValorInvalido as erro:
            self.data = None
            raise StopValidation(str(erro)) from erro
