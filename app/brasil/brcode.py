"""BR Code: the text behind a Pix QR code and behind "Pix copia e cola".

``montar`` writes static codes (a key, an optional amount), dynamic ones (the location of a charge) and the recurrence of Pix
Automático; ``ler`` parses strictly. Amounts are Decimal reais. Both raise ``BrCodeInvalido`` with a sentence for the screen and the
name of the argument it is about.

Source: Bacen, Manual do BR Code and Manual de Padrões para Iniciação do Pix (EMV MPM: id of 2, length of 2 in characters, value).
"""

import re
import unicodedata
from binascii import crc_hqx
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.brasil.documentos import cnpj_valido, cpf_valido, formatar_documento, normalizar_documento, telefone_e164, tipo_telefone

TipoChave = Literal["cpf", "cnpj", "telefone", "email", "aleatoria"]

GUI = "br.gov.bcb.pix"
SEM_TXID = "***"
TAMANHO_MAXIMO = 512
TAMANHO_NOME = 25
TAMANHO_CIDADE = 15
TAMANHO_CHAVE = 77
# What the template's own length of 99 leaves after the GUI (18) and the two headers (4 + 4).
_CHAVE_E_INFO = 73

_EMAIL = re.compile(r"[a-z0-9.!#$&'*+/=?^_`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_ALEATORIA = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TXID = re.compile(r"[A-Za-z0-9]{1,25}")
_LOCALIZACAO = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[!-~]*)?")
_CABECALHO = re.compile(r"[0-9]{4}")
_ASCII = re.compile(r"[ -~]*")
# What each field may hold; the mandatory ones first.
_OBRIGATORIOS = {"00": "01", "52": "[0-9]{4}", "53": "986", "58": "BR", "59": ".{1,25}", "60": ".{1,15}", "63": "[0-9A-Fa-f]{4}"}
_OPCIONAIS = {"01": "1[12]", "54": r"(?=.{1,13}$)[0-9]+(?:\.[0-9]{0,2})?"}


class BrCodeInvalido(ValueError):
    """The code or one of its parts is not valid; ``campo`` names the argument of ``montar`` concerned, when there is one."""

    def __init__(self, mensagem: str, campo: str | None = None):
        super().__init__(mensagem)
        self.campo = campo


class CrcInvalido(BrCodeInvalido):
    """The last four characters are not the CRC of the rest: mistyped, cut or changed."""


class TlvMalformado(BrCodeInvalido):
    """The CRC may be right, but ids and lengths do not add up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrCode:
    """What a BR Code says. Static: ``chave``; dynamic: ``url``; Pix Automático: ``url_recorrencia``, alone or with one of them."""

    nome: str
    cidade: str
    chave: str | None = None
    url: str | None = None
    url_recorrencia: str | None = None
    valor: Decimal | None = None
    txid: str = SEM_TXID
    info: str = ""
    cep: str | None = None
    uso_unico: bool = False


def crc16(texto: str) -> str:
    """CRC-16/CCITT-FALSE (poly 0x1021, init 0xFFFF) of the ASCII text as four upper-case hexadecimal digits."""
    return f"{crc_hqx(texto.encode('ascii'), 0xFFFF):04X}"


def crc_confere(codigo: str) -> bool:
    """True when the text ends in ``6304`` and the CRC of everything before it."""
    return codigo.isascii() and codigo[-8:-4] == "6304" and codigo[-4:].upper() == crc16(codigo[:-4])


def tipo_chave_pix(chave: str) -> TipoChave | None:
    """Kind of a Pix key in the exact form Bacen's directory (DICT) keeps, else None. CNPJ may be alphanumeric."""
    if chave.startswith("+55") and tipo_telefone(chave[3:]):
        return "telefone"
    if _ALEATORIA.fullmatch(chave):
        return "aleatoria"
    if _EMAIL.fullmatch(chave) and len(chave) <= TAMANHO_CHAVE:
        return "email"
    if chave != normalizar_documento(chave):
        return None
    if cpf_valido(chave):
        return "cpf"
    return "cnpj" if cnpj_valido(chave) else None


def chave_pix_valida(chave: str) -> bool:
    """True for a Pix key in the exact form Bacen's directory keeps; see ``normalizar_chave_pix`` for what people type."""
    return tipo_chave_pix(chave) is not None


def normalizar_chave_pix(texto: str | None) -> str:
    """The key as the directory keeps it; the text without outer spaces when it is no key.

    Eleven digits that are both a valid CPF and a mobile number count as the CPF, unless parentheses or +55 make them a telephone.
    """
    chave = (texto or "").strip()
    documento = normalizar_documento(chave)
    telefone = telefone_e164(chave)
    return next((c for c in (chave.lower(), documento, telefone) if chave_pix_valida(c)), chave)


def formatar_chave_pix(chave: str) -> str:
    """The key as printed on a document: CPF and CNPJ with their punctuation, the rest unchanged."""
    return formatar_documento(chave) if tipo_chave_pix(chave) in ("cpf", "cnpj") else chave


def txid_estatico_valido(txid: str) -> bool:
    """True for the transaction id of a static code: 1 to 25 letters and digits."""
    return bool(_TXID.fullmatch(txid))


def montar(
    *,
    nome: str,
    cidade: str,
    chave: str | None = None,
    url: str | None = None,
    url_recorrencia: str | None = None,
    valor: Decimal | None = None,
    txid: str = SEM_TXID,
    info: str = "",
    cep: str | None = None,
    uso_unico: bool | None = None,
) -> str:
    """Write a BR Code.

    ``nome``, ``cidade`` and ``info`` lose their accents first and are then cut to what fits (25, 15 and what the key leaves); the key,
    the URLs, the txid and the amount are never cut. ``url`` and ``url_recorrencia`` are locations as the PSP gives them, a leading
    ``https://`` is dropped. ``valor`` None leaves the amount open. ``uso_unico`` (dynamic only) is True by default there.
    Raises BrCodeInvalido.
    """
    _conferir_combinacao(chave=chave, url=url, url_recorrencia=url_recorrencia, valor=valor, txid=txid, info=info, uso_unico=uso_unico)
    unico = bool(url) if uso_unico is None else uso_unico
    campos = [
        _tlv("00", "01"),
        _tlv("01", "12") if unico else "",
        _tlv("26", _conta(chave, url, info)),
        _tlv("52", "0000"),
        _tlv("53", "986"),
        "" if valor is None else _tlv("54", _texto_do_valor(valor)),
        _tlv("58", "BR"),
        _tlv("59", _obrigatorio(nome, TAMANHO_NOME, "nome", "o nome do recebedor")),
        _tlv("60", _obrigatorio(cidade, TAMANHO_CIDADE, "cidade", "a cidade do recebedor")),
        _tlv("61", _texto_do_cep(cep)) if cep else "",
        _tlv("62", _tlv("05", txid)),
        _tlv("80", _tlv("00", GUI) + _tlv("25", _localizacao(url_recorrencia, "url_recorrencia"))) if url_recorrencia else "",
        "6304",
    ]
    return _fechar("".join(campos))


def ler(codigo: str) -> BrCode:
    """Parse a BR Code; every length, the CRC, the mandatory fields and their fixed values must be right. Unknown fields are skipped.

    Raises CrcInvalido, TlvMalformado or BrCodeInvalido.
    """
    if len(codigo) > TAMANHO_MAXIMO or not _ASCII.fullmatch(codigo):
        raise BrCodeInvalido("O código Pix tem caracteres ou tamanho fora do padrão.")
    if not crc_confere(codigo):
        raise CrcInvalido("O código Pix está incompleto ou foi alterado (CRC não confere).")
    campos = _desmontar(codigo)
    _conferir_campos(campos)
    conta, recorrencia = _contas(campos)
    return BrCode(
        nome=campos["59"],
        cidade=campos["60"],
        chave=conta.get("01"),
        url=conta.get("25"),
        url_recorrencia=recorrencia.get("25"),
        valor=Decimal(campos["54"]) if "54" in campos else None,
        txid=_txid_lido(campos.get("62", "")),
        info=conta.get("02", ""),
        cep=campos.get("61"),
        uso_unico=campos.get("01") == "12",
    )


def transliterar(texto: str) -> str:
    """Printable ASCII of a text: accents dropped, what has no ASCII form left out, spaces collapsed."""
    sem_acentos = unicodedata.normalize("NFKD", texto.replace("–", "-").replace("—", "-").replace("’", "'"))
    return " ".join("".join(c for c in sem_acentos if c.isascii() and (c.isprintable() or c.isspace())).split())


def _conferir_combinacao(*, chave, url, url_recorrencia, valor, txid, info, uso_unico) -> None:
    """A code is static (key), dynamic (url) or of a recurrence; amount, txid and info belong to static ones."""
    if chave and url:
        raise BrCodeInvalido("Informe a chave Pix ou o endereço da cobrança, não os dois.", "url")
    if not (chave or url or url_recorrencia):
        raise BrCodeInvalido("Informe a chave Pix ou o endereço da cobrança.", "chave")
    if not chave and (valor is not None or txid != SEM_TXID or info):
        raise BrCodeInvalido("Valor, identificador e descrição só existem no Pix estático; no dinâmico ficam na cobrança.", "valor")
    if uso_unico and not url:
        raise BrCodeInvalido("Só um Pix dinâmico pode ser de uso único.", "uso_unico")
    if chave and not chave_pix_valida(chave):
        raise BrCodeInvalido("A chave Pix não é um CPF, CNPJ, telefone (+55…), e-mail ou chave aleatória válidos.", "chave")
    if txid != SEM_TXID and not txid_estatico_valido(txid):
        raise BrCodeInvalido("O identificador do Pix estático tem de 1 a 25 letras e números.", "txid")


def _conta(chave: str | None, url: str | None, info: str) -> str:
    """Merchant account (field 26). The description gets what the key leaves."""
    if url:
        return _tlv("00", GUI) + _tlv("25", _localizacao(url, "url"))
    if not chave:
        return _tlv("00", GUI)
    descricao = transliterar(info)[: max(0, _CHAVE_E_INFO - len(chave))].strip()
    return _tlv("00", GUI) + _tlv("01", chave) + (_tlv("02", descricao) if descricao else "")


def _localizacao(url: str, campo: str) -> str:
    """The location of a charge without its scheme; at most 77 characters, never cut."""
    endereco = url.removeprefix("https://")
    if len(endereco) > TAMANHO_CHAVE or not _LOCALIZACAO.fullmatch(endereco):
        raise BrCodeInvalido("O endereço da cobrança Pix não é válido ou passa de 77 caracteres.", campo)
    return endereco


def _obrigatorio(texto: str, tamanho: int, campo: str, o_que: str) -> str:
    """ASCII text cut to ``tamanho``; empty is an error."""
    if not (ascii_ := transliterar(texto)[:tamanho].strip()):
        raise BrCodeInvalido(f"Informe {o_que} do Pix em letras do alfabeto latino.", campo)
    return ascii_


def _texto_do_valor(valor: Decimal) -> str:
    """``10.00``; positive, whole centavos, at most thirteen characters."""
    if not isinstance(valor, Decimal):
        raise TypeError("o valor do Pix é um Decimal em reais")
    if not valor.is_finite() or not 0 < valor < 10**10 or valor != round(valor, 2):
        raise BrCodeInvalido("O valor do Pix deve ser maior que zero, em reais e centavos, e menor que 10 bilhões.", "valor")
    return f"{valor:.2f}"


def _texto_do_cep(cep: str) -> str:
    """Eight digits."""
    digitos = normalizar_documento(cep)
    if not re.fullmatch(r"[0-9]{8}", digitos):
        raise BrCodeInvalido("O CEP do Pix tem oito números.", "cep")
    return digitos


def _tlv(identificador: str, valor: str) -> str:
    """One field; the callers keep every value under 100 characters."""
    return f"{identificador}{len(valor):02d}{valor}"


def _fechar(codigo: str) -> str:
    """Append the CRC, which covers its own header."""
    if len(codigo) + 4 > TAMANHO_MAXIMO:
        raise BrCodeInvalido(f"O código Pix passa de {TAMANHO_MAXIMO} caracteres.")
    return codigo + crc16(codigo)


def _desmontar(texto: str) -> dict[str, str]:
    """Id → value of one level; every id once, every length exact."""
    campos: dict[str, str] = {}
    for identificador, valor in _partes(texto):
        if identificador in campos:
            raise TlvMalformado(f"O código Pix repete o campo {identificador}.")
        campos[identificador] = valor
    return campos


def _partes(texto: str) -> Iterator[tuple[str, str]]:
    """The (id, value) pairs of a TLV text in order."""
    posicao = 0
    while posicao < len(texto):
        cabecalho = texto[posicao : posicao + 4]
        fim = posicao + 4 + int(cabecalho[2:]) if _CABECALHO.fullmatch(cabecalho) else 0
        if not posicao + 4 < fim <= len(texto):
            raise TlvMalformado(f"O código Pix está malformado na posição {posicao + 1}.")
        yield cabecalho[:2], texto[posicao + 4 : fim]
        posicao = fim


def _conferir_campos(campos: dict[str, str]) -> None:
    """Mandatory fields are there, known ones hold what they may, 00 comes first and 63 last."""
    ordem = list(campos)
    if ordem[0] != "00" or ordem[-1] != "63":
        raise TlvMalformado("O código Pix não começa pelo campo 00 ou não termina no campo 63.")
    presentes = {c: campos[c] for c in _OPCIONAIS if c in campos} | {c: campos.get(c, "") for c in _OBRIGATORIOS}
    for identificador, valor in presentes.items():
        if not re.fullmatch((_OBRIGATORIOS | _OPCIONAIS)[identificador], valor):
            raise BrCodeInvalido(f"O código Pix não traz o campo {identificador} como o padrão manda.")


def _contas(campos: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The Pix account and the recurrence; together they must name one key, one charge or one recurrence."""
    conta = _modelo_pix(campos, range(26, 52))
    recorrencia = _modelo_pix(campos, range(80, 100)) or {}
    if conta is None:
        raise BrCodeInvalido("O código não é de um Pix.")
    if {"01", "25"} <= conta.keys() or not {"01", "25"} & (conta.keys() | recorrencia.keys() - {"01"}):
        raise BrCodeInvalido("O código Pix não traz uma chave ou o endereço de uma cobrança.")
    return conta, recorrencia


def _modelo_pix(campos: dict[str, str], faixa: range) -> dict[str, str] | None:
    """The template of the range whose GUI (case-insensitive) is Pix's; templates of other arrangements are skipped."""
    for identificador in map(str, faixa):
        # 26-51 are templates by EMV; 80-99 are free and hold whatever their owner likes.
        if not campos.get(identificador, "").lower().startswith(_tlv("00", GUI)):
            continue
        return _desmontar(campos[identificador])
    return None


def _txid_lido(adicionais: str) -> str:
    """Transaction id of field 62, ``***`` when there is none."""
    txid = _desmontar(adicionais).get("05", SEM_TXID)
    if txid != SEM_TXID and not txid_estatico_valido(txid):
        raise BrCodeInvalido("O identificador do código Pix está fora do padrão.", "txid")
    return txid
