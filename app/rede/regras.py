"""What sites, servers and outages must be, whichever way they come in. Values in, normalised values or a refusal out."""

from __future__ import annotations

import ipaddress
from typing import Any

from flask_babel import gettext as _

from app.brasil.documentos import UFS
from app.core.erros import ValorInvalido
from app.rede.models import Incidente


def exigir_ip(texto: str | None) -> None:
    """Raise ValorInvalido for what is neither IPv4 nor IPv6."""
    try:
        ipaddress.ip_address((texto or "").strip())
    except ValueError as erro:
        raise ValorInvalido(_("Informe um endereço IP."), campo="ip") from erro


def conferir_pop(item: Any) -> None:
    """A state's two letters, in capitals, and a place on Earth. Raises ValorInvalido that names the field."""
    item.uf = (item.uf or "").strip().upper() or None
    if item.uf and item.uf not in UFS:
        raise ValorInvalido(_("Informe a sigla do estado, como SP."), campo="uf")
    for campo, limite in (("latitude", 90), ("longitude", 180)):
        valor = getattr(item, campo)
        if valor is not None and abs(valor) > limite:
            raise ValorInvalido(_("De -%(limite)d a %(limite)d.", limite=limite), campo=campo)


def exigir_area(item: Incidente) -> None:
    """Raise ValorInvalido for an outage that would cover nobody."""
    if item.bairro and not item.municipio:
        raise ValorInvalido(_("Informe o município do bairro."), campo="municipio")
    if not (item.pop or item.servidor or item.municipio):
        raise ValorInvalido(_("Informe a área: POP, servidor ou município."), campo="pop")
