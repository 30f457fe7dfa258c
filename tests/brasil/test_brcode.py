"""BR Code: the vectors of Bacen's manual and of public suites, limits, hostile codes, round trips."""

import json
import pathlib
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.brasil import brcode
from app.brasil.brcode import BrCodeInvalido, CrcInvalido, TlvMalformado, crc16, crc_confere, ler, montar
from app.brasil.documentos import gerar_cnpj, gerar_cnpj_alfanumerico, gerar_cpf

VETORES = json.loads((pathlib.Path(__file__).parents[1] / "dados" / "vectors.json").read_text(encoding="utf-8"))
EVP = "123e4567-e12b-12d1-a456-426655440000"
DO_MANUAL = "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D"


def da_area(area):
    casos = [pytest.param(v["input"], v["expected"], id=f"{area}-{n}") for n, v in enumerate(x for x in VETORES if x["area"] == area)]
    assert casos
    return casos


def argumentos(entrada):
    """The arguments of ``montar`` of a vector, whose names are English."""
    nomes = {"key": "chave", "name": "nome", "city": "cidade", "rec_url": "url_recorrencia"}
    args = {nomes.get(k, k): v for k, v in entrada.items() if k not in ("poi", "amount")}
    if "amount" in entrada:
        args["valor"] = Decimal(entrada["amount"])
    if "poi" in entrada:
        args["uso_unico"] = entrada["poi"] == "12"
    return args


def fechado(corpo):
    return corpo + "6304" + crc16(corpo + "6304")


@pytest.mark.parametrize(("texto", "esperado"), da_area("pix/crc16"))
def test_public_vectors_of_the_crc(texto, esperado):
    assert crc16(texto) == esperado


@pytest.mark.parametrize(("entrada", "esperado"), [c for a in ("static", "dynamic", "composite") for c in da_area(f"pix/brcode_{a}")])
def test_public_vectors_are_written_letter_by_letter_and_read_back(entrada, esperado):
    args = argumentos(entrada)
    assert montar(**args) == esperado
    lido = ler(esperado)
    assert {k: getattr(lido, k) for k in args} == args


def test_a_static_code_of_the_manual_without_amount_and_with_description():
    sem_valor = montar(chave="thalesog@me.com", info="Pedido 123", nome="THALES OGLIARI", cidade="SAO MIGUEL DO O")
    assert sem_valor.endswith("62CA")
    assert ler(sem_valor).valor is None


@pytest.mark.parametrize(("entrada", "crc"), [c for c in da_area("pix/crc16") if c.values[0].startswith("0002")])
def test_recurrence_codes_of_pix_automatico_are_read_and_written_again(entrada, crc):
    lido = ler(entrada + crc)
    assert lido.url_recorrencia.startswith("qr-h.sandbox.pix.bcb.gov.br/rest/api/rec/")
    campos = {c: getattr(lido, c) for c in ("nome", "cidade", "chave", "url", "url_recorrencia", "valor", "txid", "info")}
    assert montar(**campos) == entrada + crc


@pytest.mark.parametrize(("codigo", "esperado"), da_area("pix/brcode_negative"))
def test_public_negative_vectors_are_refused(codigo, esperado):
    assert crc_confere(codigo) is esperado["crc_ok"]
    with pytest.raises(TlvMalformado if esperado["crc_ok"] else CrcInvalido):
        ler(codigo)


@pytest.mark.parametrize(("txid", "valido"), da_area("pix/txid_static"))
def test_a_static_txid_has_1_to_25_letters_and_digits(txid, valido):
    assert brcode.txid_estatico_valido(txid) is valido


def test_accents_are_dropped_before_lengths_are_counted():
    codigo = montar(chave=EVP, nome="Conexão Açaí Telecomunicações e Serviços Ltda", cidade="São Sebastião do Paraíso", info="Fatura nº 1 – 12/2026")
    assert "5925Conexao Acai Telecomunica" in codigo
    assert "6015Sao Sebastiao d" in codigo
    assert "0221Fatura no 1 - 12/2026" in codigo
    assert codigo.isascii()


def test_the_description_is_cut_to_what_the_key_leaves_and_the_key_never():
    codigo = montar(chave=EVP, nome="A", cidade="B", info="x" * 99)
    assert ler(codigo).chave == EVP
    assert ler(codigo).info == "x" * (73 - 36)
    assert "2699" in codigo


def test_a_key_of_77_characters_fits_and_leaves_no_room_for_a_description():
    chave = "a" * 61 + "@provedor.net.br"
    lido = ler(montar(chave=chave, nome="A", cidade="B", info="some"))
    assert (lido.chave, lido.info) == (chave, "")


def test_a_pix_without_txid_has_three_stars_and_scheme_of_a_location_is_dropped():
    assert ler(DO_MANUAL).txid == "***"
    assert ler(montar(url="https://pix.psp.com.br/v2/abc", nome="A", cidade="B")).url == "pix.psp.com.br/v2/abc"


def test_a_dynamic_code_is_of_single_use_unless_told_otherwise():
    assert ler(montar(url="pix.psp.com.br/v2/abc", nome="A", cidade="B")).uso_unico
    assert not ler(montar(url="pix.psp.com.br/v2/abc", nome="A", cidade="B", uso_unico=False)).uso_unico
    assert not ler(montar(chave=EVP, nome="A", cidade="B")).uso_unico


@pytest.mark.parametrize(
    ("mudanca", "campo"),
    [
        ({"chave": None}, "chave"),
        ({"chave": "não é chave"}, "chave"),
        ({"chave": "529.982.247-25"}, "chave"),
        ({"url": "pix.psp.com/x"}, "url"),
        ({"chave": None, "url": "pix.psp.com/" + "x" * 70}, "url"),
        ({"chave": None, "url": "http://pix.psp.com/x"}, "url"),
        ({"chave": None, "url": "pix.psp.com/com espaço"}, "url"),
        ({"chave": None, "url": "pix.psp.com/x", "valor": Decimal("1.00")}, "valor"),
        ({"chave": None, "url_recorrencia": "x" * 78}, "url_recorrencia"),
        ({"nome": "  "}, "nome"),
        ({"nome": "日本"}, "nome"),
        ({"cidade": ""}, "cidade"),
        ({"txid": ""}, "txid"),
        ({"txid": "com espaco"}, "txid"),
        ({"txid": "x" * 26}, "txid"),
        ({"valor": Decimal("0.00")}, "valor"),
        ({"valor": Decimal("-1.00")}, "valor"),
        ({"valor": Decimal("1.005")}, "valor"),
        ({"valor": Decimal("10000000000.00")}, "valor"),
        ({"valor": Decimal("1E+999999")}, "valor"),
        ({"valor": Decimal("NaN")}, "valor"),
        ({"valor": Decimal("sNaN")}, "valor"),
        ({"valor": Decimal("Infinity")}, "valor"),
        ({"cep": "123"}, "cep"),
        ({"uso_unico": True}, "uso_unico"),
    ],
)
def test_what_cannot_be_written_names_its_field(mudanca, campo):
    with pytest.raises(BrCodeInvalido) as erro:
        montar(**{"chave": EVP, "nome": "Fulano", "cidade": "Recife"} | mudanca)
    assert erro.value.campo == campo


def test_a_float_amount_is_a_programming_error():
    with pytest.raises(TypeError):
        montar(chave=EVP, nome="A", cidade="B", valor=10.5)


@pytest.mark.parametrize(
    "codigo",
    [
        "",
        "6304FFFF",
        "0",
        "é" + DO_MANUAL,
        DO_MANUAL + "\n",
        DO_MANUAL + " " * 500,
        fechado("000201"),
        fechado(DO_MANUAL[6:-8]),
        fechado(DO_MANUAL[:-8] + "5802BR"),
        fechado(DO_MANUAL[:-8] + "99"),
        fechado(DO_MANUAL[:-8] + "9900"),
        fechado(DO_MANUAL[:-8] + "99-1x"),
        fechado(DO_MANUAL[:-8] + "9903a"),
        fechado(DO_MANUAL[:-8].replace("br.gov.bcb.pix", "br.com.visa.cd")),
        fechado(DO_MANUAL[:-8].replace("5303986", "5303840")),
        fechado(DO_MANUAL[:-8].replace("5802BR", "5802AR")),
        fechado(DO_MANUAL[:-8].replace("5913Fulano de Tal", "")),
        fechado(DO_MANUAL[:-8].replace("5802BR", "54051,005802BR")),
        fechado(DO_MANUAL[:-8].replace("5802BR", "541400000000001.005802BR")),
        fechado(DO_MANUAL[:-8].replace("pix0136", "pix0336")),
        fechado(DO_MANUAL[:-8].replace("0503***", "0503* *")),
        fechado(DO_MANUAL[:-8].replace("62070503***", "62070599***")),
        fechado(DO_MANUAL[:-8].replace("000201", "000201010213", 1)),
        DO_MANUAL[:-8] + "9908" + "6304" + crc16(DO_MANUAL[:-8] + "99086304"),
        fechado(DO_MANUAL + "9908"),
        fechado(DO_MANUAL[:-8].replace("5913Fulano de Tal", f"5926{'x' * 26}")),
        fechado(DO_MANUAL[:-8].replace("6008BRASILIA", f"6016{'x' * 16}")),
        fechado(DO_MANUAL[:-8].replace("Fulano de Tal", "Fulano\x07de Tal")),
        fechado(DO_MANUAL[:-8].replace("2658", "2675").replace("5204", "2513psp.com.br/v25204", 1)),
        fechado(DO_MANUAL[:-8] + "".join(f"{n}99{'x' * 99}" for n in range(90, 94))),
    ],
)
def test_malformed_codes_are_refused(codigo):
    with pytest.raises(BrCodeInvalido):
        ler(codigo)


def test_templates_of_other_arrangements_and_unknown_fields_are_skipped():
    corpo = DO_MANUAL[:-8].replace("2658", "26190015br.com.banco.xx2758", 1)
    lido = ler(fechado(corpo + "8005livre9902ok"))
    assert lido.chave == EVP
    assert lido.url_recorrencia is None


def test_the_arrangement_name_may_be_in_capitals():
    assert ler(fechado(DO_MANUAL[:-8].replace("br.gov.bcb.pix", "BR.GOV.BCB.PIX"))).chave == EVP


@pytest.mark.parametrize(
    ("chave", "tipo"),
    [
        ("52998224725", "cpf"),
        ("16727230000197", "cnpj"),
        ("12ABC34501DE35", "cnpj"),
        ("+5511994029275", "telefone"),
        ("+551635014415", "telefone"),
        ("financeiro@provedor.com.br", "email"),
        (EVP, "aleatoria"),
        ("529.982.247-25", None),
        ("12abc34501de35", None),
        ("52998224724", None),
        ("11994029275", None),
        ("+5520994029275", None),
        ("Financeiro@provedor.com.br", None),
        ("a@b", None),
        ("a b@c.com", None),
        ("x" * 66 + "@provedor.br", None),
        (EVP.upper(), None),
        ("", None),
    ],
)
def test_kinds_of_keys_in_the_form_of_the_directory(chave, tipo):
    assert brcode.tipo_chave_pix(chave) == tipo
    assert brcode.chave_pix_valida(chave) is (tipo is not None)


def test_digits_that_are_a_cpf_and_a_mobile_are_a_telephone_only_when_written_as_one():
    assert brcode.normalizar_chave_pix("11987654374") == "11987654374"
    assert brcode.normalizar_chave_pix("(11) 98765-4374") == "+5511987654374"
    assert brcode.normalizar_chave_pix("+5511987654374") == "+5511987654374"


@pytest.mark.parametrize(
    ("digitada", "normalizada"),
    [
        (" 529.982.247-25 ", "52998224725"),
        ("12.abc.345/01de-35", "12ABC34501DE35"),
        ("(11) 99402-9275", "+5511994029275"),
        ("+55 11 99402-9275", "+5511994029275"),
        ("11994029275", "+5511994029275"),
        ("Financeiro@Provedor.com.BR", "financeiro@provedor.com.br"),
        (EVP.upper(), EVP),
        ("qualquer coisa", "qualquer coisa"),
        (None, ""),
    ],
)
def test_keys_as_people_type_them(digitada, normalizada):
    assert brcode.normalizar_chave_pix(digitada) == normalizada


def test_a_document_key_is_printed_with_its_punctuation():
    assert brcode.formatar_chave_pix("52998224725") == "529.982.247-25"
    assert brcode.formatar_chave_pix(EVP) == EVP


sementes = st.integers(0, 10**8 - 1)
chaves = st.one_of(
    st.builds(gerar_cpf, sementes),
    st.builds(gerar_cnpj, sementes),
    st.builds(gerar_cnpj_alfanumerico, sementes),
    st.uuids().map(str),
    st.builds("+55119{:08d}".format, sementes),
    st.builds("{}@provedor.com.br".format, st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=60)),
)
urls = st.builds("pix.psp.com.br/v2/{}".format, st.uuids().map(str))
textos = st.text(min_size=1, max_size=60)
valores = st.one_of(st.none(), st.decimals("0.01", "9999999999.99", places=2))
txids = st.one_of(st.just("***"), st.from_regex(r"[A-Za-z0-9]{1,25}", fullmatch=True))


def cortado(texto, tamanho):
    return brcode.transliterar(texto)[:tamanho].strip()


ceps = st.one_of(st.none(), st.from_regex(r"[0-9]{8}", fullmatch=True))


@given(chaves, textos, textos, valores, txids, st.text(max_size=80), ceps, st.one_of(st.none(), urls))
def test_a_static_code_is_read_back_as_written(chave, nome, cidade, valor, txid, info, cep, recorrencia):
    assume(cortado(nome, 25) and cortado(cidade, 15))
    codigo = montar(chave=chave, nome=nome, cidade=cidade, valor=valor, txid=txid, info=info, cep=cep, url_recorrencia=recorrencia)
    lido = ler(codigo)
    assert (lido.chave, lido.valor, lido.txid, lido.cep, lido.url_recorrencia) == (chave, valor, txid, cep, recorrencia)
    assert (lido.nome, lido.cidade) == (cortado(nome, 25), cortado(cidade, 15))
    assert brcode.transliterar(info).startswith(lido.info)
    assert len(codigo) <= 512


@given(urls, textos, textos, st.one_of(st.none(), urls), st.booleans())
def test_a_dynamic_code_is_read_back_as_written(url, nome, cidade, recorrencia, unico):
    assume(cortado(nome, 25) and cortado(cidade, 15))
    lido = ler(montar(url=url, nome=nome, cidade=cidade, url_recorrencia=recorrencia, uso_unico=unico))
    assert (lido.url, lido.url_recorrencia, lido.uso_unico, lido.txid, lido.valor) == (url, recorrencia, unico, "***", None)


@given(st.integers(0, len(DO_MANUAL) - 1), st.characters(min_codepoint=32, max_codepoint=126))
def test_one_changed_character_is_always_noticed(posicao, letra):
    assume(letra.upper() != DO_MANUAL[posicao].upper())
    with pytest.raises(BrCodeInvalido):
        ler(DO_MANUAL[:posicao] + letra + DO_MANUAL[posicao + 1 :])


@given(st.text(max_size=120))
def test_any_text_ends_in_a_code_or_in_a_clear_refusal(texto):
    for codigo in (texto, fechado(texto) if texto.isascii() else texto):
        with pytest.raises(BrCodeInvalido):
            ler(codigo)


@given(st.integers(6, len(DO_MANUAL) - 9), st.text("0123456789", min_size=1, max_size=6))
def test_right_crc_over_shuffled_lengths_gives_a_code_or_a_refusal(posicao, enxerto):
    codigo = fechado(DO_MANUAL[:posicao] + enxerto + DO_MANUAL[posicao + len(enxerto) : -8])
    try:
        assert ler(codigo).nome
    except BrCodeInvalido as erro:
        assert str(erro)
