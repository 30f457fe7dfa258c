"""What the libraries under the API answer in English, in the language of whoever asked: marshmallow's refusals and the framework's own."""

from __future__ import annotations

import re
from typing import Any

from flask import Response
from flask_babel import gettext as _

from app.core.tipos import N_

_TEXTOS = {
    "Missing data for required field.": N_("Campo obrigatório."),
    "Field may not be null.": N_("O campo não pode ser nulo."),
    "Invalid value.": N_("Valor inválido."),
    "Invalid input.": N_("Valor inválido."),
    "Invalid type.": N_("Valor inválido."),
    "Invalid input type.": N_("O corpo precisa ser um objeto JSON."),
    "Unknown field.": N_("Campo desconhecido."),
    "Not a valid boolean.": N_("Informe verdadeiro ou falso."),
    "Not a valid integer.": N_("Informe um número inteiro."),
    "Not a valid number.": N_("Informe um número."),
    "Number too large.": N_("Valor grande demais."),
    "Special numeric values (nan or infinity) are not permitted.": N_("Informe um número."),
    "Not a valid string.": N_("Informe um texto."),
    "Not a valid utf-8 string.": N_("Informe um texto."),
    "Not a valid list.": N_("Informe uma lista."),
    "Not a valid mapping type.": N_("Informe um objeto JSON."),
    "Not a valid date.": N_("Informe uma data como 2026-12-31."),
    "Not a valid time.": N_("Informe uma hora como 13:45."),
    "Not a valid datetime.": N_("Informe data e hora como 2026-12-31T13:45:00-03:00."),
    "Not a valid email address.": N_("Informe um e-mail válido."),
    "Not a valid URL.": N_("Informe um endereço válido."),
    "String does not match expected pattern.": N_("O formato não é o esperado."),
    "Already exists.": N_("Já existe um registro com este valor."),
    "Must be one of: {choices}.": N_("Precisa ser um destes: %(choices)s."),
    "Must be equal to {other}.": N_("Precisa ser igual a %(other)s."),
    "Shorter than minimum length {min}.": N_("O tamanho mínimo é %(min)s."),
    "Longer than maximum length {max}.": N_("O tamanho máximo é %(max)s."),
    "Length must be between {min} and {max}.": N_("O tamanho vai de %(min)s a %(max)s."),
    "Length must be {equal}.": N_("O tamanho precisa ser %(equal)s."),
    "Must be greater than or equal to {min} and less than or equal to {max}.": N_("Precisa ficar entre %(min)s e %(max)s."),
    "Must be greater than or equal to {min}.": N_("Precisa ser maior ou igual a %(min)s."),
    "Must be greater than {min}.": N_("Precisa ser maior que %(min)s."),
    "Must be less than or equal to {max}.": N_("Precisa ser menor ou igual a %(max)s."),
    "Must be less than {max}.": N_("Precisa ser menor que %(max)s."),
    "Not a valid rison/json argument": N_("O parâmetro q não é rison nem JSON válido."),
    "Not a valid rison argument": N_("O parâmetro q não é rison nem JSON válido."),
    "Not a valid rison schema {motivo}": N_("O parâmetro q não é o esperado: %(motivo)s"),
    "Request is not JSON": N_("O corpo precisa ser um objeto JSON."),
    "Arguments are not correct": N_("Os parâmetros não estão corretos."),
    "Could not process entity": N_("O pedido não pôde ser atendido."),
    "Filter column: {coluna} not allowed to filter": N_("A coluna %(coluna)s não pode ser filtrada."),
    "Filter operation: {operacao} not allowed on column: {coluna}": N_("A operação %(operacao)s não existe para a coluna %(coluna)s."),
}


def _molde(ingles: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(ingles)), re.DOTALL)


_MOLDES = [(_molde(ingles), portugues) for ingles, portugues in _TEXTOS.items()]


def traduzida(texto: str) -> str:
    """A library's sentence in the language of the request; one that is not listed stays as it is."""
    for molde, portugues in _MOLDES:
        if achado := molde.fullmatch(texto):
            return _(portugues, **achado.groupdict())
    return texto


def traduzidas(mensagens: Any) -> Any:
    """``ValidationError.messages`` (lists and dictionaries of sentences) with every sentence ``traduzida``."""
    if isinstance(mensagens, dict):
        return {campo: traduzidas(m) for campo, m in mensagens.items()}
    if isinstance(mensagens, list):
        return [traduzidas(m) for m in mensagens]
    return traduzida(mensagens) if isinstance(mensagens, str) else mensagens


class RespostasTraduzidas:
    """Part of every API: the framework's refusals for whoever reads no English. Their status and shape stay."""

    def response_400(self, message: Any = None) -> Response:
        """Bad request."""
        return self.response(400, message=traduzidas(message or "Arguments are not correct"))

    def response_401(self) -> Response:
        """Nobody, or not who he says."""
        return self.response(401, message=_("É preciso entrar: usuário, senha ou token não valem."))

    def response_403(self) -> Response:
        """Somebody who may not."""
        return self.response(403, message=_("Você não tem permissão para isto."))

    def response_404(self) -> Response:
        """Not there, or not his."""
        return self.response(404, message=_("Registro não encontrado."))

    def response_422(self, message: Any = None) -> Response:
        """Understood and refused."""
        return self.response(422, message=traduzidas(message or "Could not process entity"))

    def response_500(self, message: Any = None) -> Response:
        """Our fault."""
        return self.response(500, message=message or _("Erro interno."))
