"""CPF, CNPJ, CEP, telefone and UF: validate, normalise, format, mask.

Texts in, texts out. Every function takes what a person typed (masked or not, with spaces); ``normalizar_*`` gives the form
kept in the database. Nothing here raises on bad text: ``*_valido`` answers False and ``formatar_*`` returns the text as it came.

Sources: CPF check digits by Receita Federal; CNPJ numeric and alphanumeric by IN RFB 2.229/2024 (letters in the first twelve
places, issued since July 2026); DDD and numbering by Anatel.
"""

import re
from typing import Literal

TipoDocumento = Literal["CPF", "CNPJ"]
TipoTelefone = Literal["movel", "fixo"]

UFS = {
    "AC": "Acre",
    "AL": "Alagoas",
    "AP": "Amapá",
    "AM": "Amazonas",
    "BA": "Bahia",
    "CE": "Ceará",
    "DF": "Distrito Federal",
    "ES": "Espírito Santo",
    "GO": "Goiás",
    "MA": "Maranhão",
    "MT": "Mato Grosso",
    "MS": "Mato Grosso do Sul",
    "MG": "Minas Gerais",
    "PA": "Pará",
    "PB": "Paraíba",
    "PR": "Paraná",
    "PE": "Pernambuco",
    "PI": "Piauí",
    "RJ": "Rio de Janeiro",
    "RN": "Rio Grande do Norte",
    "RS": "Rio Grande do Sul",
    "RO": "Rondônia",
    "RR": "Roraima",
    "SC": "Santa Catarina",
    "SP": "São Paulo",
    "SE": "Sergipe",
    "TO": "Tocantins",
}

_DDDS_POR_UF = {
    "SP": "11 12 13 14 15 16 17 18 19",
    "RJ": "21 22 24",
    "ES": "27 28",
    "MG": "31 32 33 34 35 37 38",
    "PR": "41 42 43 44 45 46",
    "SC": "47 48 49",
    "RS": "51 53 54 55",
    "DF": "61",
    "GO": "62 64",
    "TO": "63",
    "MT": "65 66",
    "MS": "67",
    "AC": "68",
    "RO": "69",
    "BA": "71 73 74 75 77",
    "SE": "79",
    "PE": "81 87",
    "AL": "82",
    "PB": "83",
    "RN": "84",
    "CE": "85 88",
    "PI": "86 89",
    "PA": "91 93 94",
    "AM": "92 97",
    "RR": "95",
    "AP": "96",
    "MA": "98 99",
}
UF_DO_DDD = {ddd: uf for uf, ddds in _DDDS_POR_UF.items() for ddd in ddds.split()}

# Only what people type between the characters; anything else stays in the text and makes it invalid.
_PONTUACAO = re.compile(r"[\s./\\\-\u2010-\u2015\u2212]")
_CPF = re.compile(r"[0-9]{11}")
_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
_CEP = re.compile(r"[0-9]{8}")
_MOVEL = re.compile(r"[1-9]{2}9[0-9]{8}")
_FIXO = re.compile(r"[1-9]{2}[2-5][0-9]{7}")
_PREFIXO_TELEFONE = re.compile(r"^(?:0*55|0+)(?=[0-9]{10,11}$)")


def normalizar_documento(texto: str | None) -> str:
    """CPF or CNPJ without punctuation, letters in upper case; leading zeros stay."""
    limpo = _PONTUACAO.sub("", texto or "")
    # str.upper() turns some foreign letters into ASCII ones ("ß" into "SS"): those must stay invalid.
    return limpo.upper() if limpo.isascii() else limpo


def cpf_valido(texto: str | None) -> bool:
    """True for eleven digits with right check digits; repeated digits (111.111.111-11) are refused."""
    cpf = normalizar_documento(texto)
    return bool(_CPF.fullmatch(cpf)) and len(set(cpf)) > 1 and cpf == _com_digitos(cpf[:9], peso_maximo=11)


def cnpj_valido(texto: str | None) -> bool:
    """True for a numeric or alphanumeric CNPJ (IN RFB 2.229/2024) with right check digits, which are always numeric."""
    cnpj = normalizar_documento(texto)
    return bool(_CNPJ.fullmatch(cnpj)) and len(set(cnpj)) > 1 and cnpj == _com_digitos(cnpj[:12], peso_maximo=9)


def tipo_documento(texto: str | None) -> TipoDocumento | None:
    """Which valid document the text is, or None."""
    if cpf_valido(texto):
        return "CPF"
    return "CNPJ" if cnpj_valido(texto) else None


def formatar_documento(texto: str | None) -> str:
    """``000.000.000-00`` or ``AA.AAA.AAA/AAAA-00``; a text of neither shape is returned as it came. Check digits are not looked at."""
    doc = normalizar_documento(texto)
    if _CPF.fullmatch(doc):
        return f"{doc[:3]}.{doc[3:6]}.{doc[6:9]}-{doc[9:]}"
    if _CNPJ.fullmatch(doc):
        return f"{doc[:2]}.{doc[2:5]}.{doc[5:8]}/{doc[8:12]}-{doc[12:]}"
    return texto or ""


def mascarar_documento(texto: str | None) -> str:
    """For logs and public pages: ``***.982.247-**`` or ``**.727.230/****-**``; anything else becomes stars of a fixed length."""
    doc = normalizar_documento(texto)
    if _CPF.fullmatch(doc):
        return f"***.{doc[3:6]}.{doc[6:9]}-**"
    if _CNPJ.fullmatch(doc):
        return f"**.{doc[2:5]}.{doc[5:8]}/****-**"
    return "***" if doc else ""


def normalizar_cep(texto: str | None) -> str:
    """CEP without punctuation."""
    return _PONTUACAO.sub("", texto or "")


def cep_valido(texto: str | None) -> bool:
    """True for eight digits other than 00000000; a CEP has no check digit and is not looked up."""
    cep = normalizar_cep(texto)
    return bool(_CEP.fullmatch(cep)) and cep != "00000000"


def formatar_cep(texto: str | None) -> str:
    """``00000-000``; a text of another shape is returned as it came."""
    cep = normalizar_cep(texto)
    return f"{cep[:5]}-{cep[5:]}" if _CEP.fullmatch(cep) else texto or ""


def normalizar_telefone(texto: str | None) -> str:
    """Digits with DDD (10 or 11), without +55 and the trunk zero; the digits as typed when they are no Brazilian number."""
    digitos = re.sub(r"[^0-9]", "", texto or "")
    nacional = _PREFIXO_TELEFONE.sub("", digitos)
    return nacional if tipo_telefone(nacional) else digitos


def tipo_telefone(digitos: str) -> TipoTelefone | None:
    """``movel`` or ``fixo`` for normalised digits under one of the 67 DDD in use, else None."""
    if digitos[:2] not in UF_DO_DDD:
        return None
    if _MOVEL.fullmatch(digitos):
        return "movel"
    return "fixo" if _FIXO.fullmatch(digitos) else None


def telefone_valido(texto: str | None) -> bool:
    """True for a Brazilian mobile or fixed number with DDD, with or without +55 and punctuation."""
    return tipo_telefone(normalizar_telefone(texto)) is not None


def formatar_telefone(texto: str | None) -> str:
    """``(11) 99402-9275`` or ``(16) 3501-4415``; a text that is no valid number is returned as it came."""
    numero = normalizar_telefone(texto)
    if not tipo_telefone(numero):
        return texto or ""
    return f"({numero[:2]}) {numero[2:-4]}-{numero[-4:]}"


def telefone_e164(texto: str | None) -> str:
    """``+5511994029275``, as Pix keys and WhatsApp want it; empty when the number is not valid."""
    numero = normalizar_telefone(texto)
    return f"+55{numero}" if tipo_telefone(numero) else ""


def gerar_cpf(n: int) -> str:
    """A valid CPF for demonstration data; the same ``n`` always gives the same one, and n in 0..10**8-1 never repeats."""
    semente = _embaralhar(n)
    # The ninth digit follows the eighth, so that no base has nine equal digits.
    return _com_digitos(f"{semente:08d}{(semente + 1) % 10}", peso_maximo=11)


def gerar_cnpj(n: int) -> str:
    """A valid numeric CNPJ (head office, 0001) for demonstration data; n in 0..10**8-1 never repeats."""
    return _com_digitos(f"{_embaralhar(n):08d}0001", peso_maximo=9)


def gerar_cnpj_alfanumerico(n: int) -> str:
    """A valid alphanumeric CNPJ for demonstration data; n in 0..10**8-1 never repeats."""
    numero = f"{_embaralhar(n):08d}"
    return _com_digitos(f"{numero[:2]}{''.join(chr(ord('A') + int(d)) for d in numero[2:5])}{numero[5:]}0001", peso_maximo=9)


def _embaralhar(n: int) -> int:
    """A permutation of 0..10**8-1 (the factor is coprime with ten), so that neighbours do not look alike."""
    return (n * 38742049 + 27182818) % 10**8


def _com_digitos(base: str, *, peso_maximo: int) -> str:
    """``base`` with its two modulo-11 check digits; weights 2..peso_maximo cycle from the right, a letter weighs its ASCII code less 48."""
    for _ in range(2):
        soma = sum((ord(c) - 48) * (2 + i % (peso_maximo - 1)) for i, c in enumerate(reversed(base)))
        base += str(0 if soma % 11 < 2 else 11 - soma % 11)
    return base
