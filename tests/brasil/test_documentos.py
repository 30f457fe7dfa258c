"""CPF, CNPJ, CEP, telefone: public vectors, and properties over generated numbers."""

import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.brasil import documentos as doc

VETORES = json.loads((pathlib.Path(__file__).parents[1] / "dados" / "vectors.json").read_text(encoding="utf-8"))


def vetores(area):
    casos = [pytest.param(v["input"], v["expected"], id=v["input"]) for v in VETORES if v["area"] == area]
    assert casos
    return casos


sementes = st.integers(0, 10**8 - 1)
geradores = st.sampled_from([doc.gerar_cpf, doc.gerar_cnpj, doc.gerar_cnpj_alfanumerico])
ddds = st.sampled_from(sorted(doc.UF_DO_DDD))
telefones = st.one_of(
    st.builds("{}9{:08d}".format, ddds, st.integers(0, 10**8 - 1)),
    st.builds("{}{}{:07d}".format, ddds, st.integers(2, 5), st.integers(0, 10**7 - 1)),
)


@pytest.mark.parametrize(("texto", "valido"), vetores("doc/cpf"))
def test_public_vectors_of_cpf(texto, valido):
    assert doc.cpf_valido(texto) is valido


@pytest.mark.parametrize(("texto", "valido"), vetores("doc/cnpj"))
def test_public_vectors_of_cnpj(texto, valido):
    assert doc.cnpj_valido(texto) is valido


@pytest.mark.parametrize(("texto", "valido"), vetores("doc/cep"))
def test_public_vectors_of_cep(texto, valido):
    assert doc.cep_valido(texto) is valido


@pytest.mark.parametrize(("texto", "tipo"), vetores("doc/phone"))
def test_public_vectors_of_telefone(texto, tipo):
    assert doc.tipo_telefone(texto) == {"mobile": "movel", "landline": "fixo", None: None}[tipo]


@pytest.mark.parametrize(
    ("texto", "valido"),
    [("12.ABC.345/01DE-35", True), ("12.abc.345/01de-35", True), ("12.ABC.345/01DE-34", False), ("34665388000161", True), ("52599927000100", False)],
)
def test_alphanumeric_cnpj_in_any_case_and_more_cnpj_of_the_standards(texto, valido):
    assert doc.cnpj_valido(texto) is valido


@pytest.mark.parametrize(
    ("texto", "valido"),
    [
        ("529.982.247-25", True),
        (" 529 982 247 25 ", True),
        ("529.982.247\u201325", True),
        ("11144477735", True),
        ("11111111111", False),
        ("529982247-2", False),
    ],
)
def test_cpf_as_people_type_it(texto, valido):
    assert doc.cpf_valido(texto) is valido


@pytest.mark.parametrize("texto", [None, "", "   ", "abc", "52998224725\x00", "529é98224725", "５２９９８２２４７２５", "12ßC34501DE35", "5299822472"])
def test_what_is_no_document_is_never_made_one(texto):
    assert doc.tipo_documento(texto) is None
    assert doc.formatar_documento(texto) == (texto or "")


def test_kind_of_document():
    assert doc.tipo_documento("529.982.247-25") == "CPF"
    assert doc.tipo_documento("12.ABC.345/01DE-35") == "CNPJ"


def test_a_masked_document_hides_its_ends_and_every_unknown_text():
    assert doc.mascarar_documento("52998224725") == "***.982.247-**"
    assert doc.mascarar_documento("16727230000197") == "**.727.230/****-**"
    assert doc.mascarar_documento("passaporte AB1234") == "***"
    assert doc.mascarar_documento(None) == ""


@given(geradores, sementes)
def test_generated_documents_are_valid_and_survive_formatting(gerar, n):
    documento = gerar(n)
    assert doc.tipo_documento(documento) == ("CPF" if gerar is doc.gerar_cpf else "CNPJ")
    assert doc.normalizar_documento(doc.formatar_documento(documento)) == documento
    assert documento == gerar(n)


@given(geradores, sementes, sementes)
def test_different_seeds_give_different_documents(gerar, a, b):
    assert (gerar(a) == gerar(b)) is (a == b)


@pytest.mark.parametrize("digito", range(10))
def test_no_seed_gives_a_cpf_of_equal_digits(digito):
    n = (11_111_111 * digito - 27182818) * pow(38742049, -1, 10**8) % 10**8
    assert doc.gerar_cpf(n).startswith(str(digito) * 8)
    assert doc.cpf_valido(doc.gerar_cpf(n))


@given(geradores, sementes, st.data())
def test_one_wrong_check_digit_is_noticed(gerar, n, dados):
    documento = gerar(n)
    posicao = dados.draw(st.sampled_from([-1, -2]))
    outro = dados.draw(st.sampled_from([d for d in "0123456789" if d != documento[posicao]]))
    errado = documento[:posicao] + outro + (documento[posicao + 1 :] if posicao != -1 else "")
    assert doc.tipo_documento(errado) is None


@given(st.text(max_size=40))
def test_any_text_is_answered_without_an_error(texto):
    for valido in (doc.cpf_valido, doc.cnpj_valido, doc.cep_valido, doc.telefone_valido):
        assert valido(texto) in (True, False)
    for formatar in (doc.formatar_documento, doc.formatar_cep, doc.formatar_telefone, doc.mascarar_documento):
        assert isinstance(formatar(texto), str)


@given(st.integers(1, 10**8 - 1).map("{:08d}".format))
def test_cep_survives_formatting(cep):
    assert doc.cep_valido(cep)
    assert doc.normalizar_cep(doc.formatar_cep(cep)) == cep


@pytest.mark.parametrize(("texto", "valido"), [("01310-200", True), ("01.310-200", True), ("00000-000", False), ("0131020A", False), ("", False)])
def test_cep_as_people_type_it(texto, valido):
    assert doc.cep_valido(texto) is valido


def test_cep_is_formatted():
    assert doc.formatar_cep("01310200") == "01310-200"
    assert doc.formatar_cep("1234") == "1234"


@given(telefones, st.sampled_from(["{}", "+55{}", "55{}", "0{}", "+55 {}", "055{}"]))
def test_telefone_survives_formatting_and_any_prefix(telefone, molde):
    assert doc.normalizar_telefone(molde.format(telefone)) == telefone
    assert doc.normalizar_telefone(molde.format(doc.formatar_telefone(telefone))) == telefone
    assert doc.telefone_e164(telefone) == f"+55{telefone}"


@pytest.mark.parametrize(
    ("texto", "formatado"),
    [
        ("11994029275", "(11) 99402-9275"),
        ("+55 11 99402-9275", "(11) 99402-9275"),
        ("1635014415", "(16) 3501-4415"),
        ("55 99402-9275", "(55) 99402-9275"),
        ("55 99 4029-2751", "(99) 4029-2751"),
        ("0 16 3501-4415", "(16) 3501-4415"),
        ("0800 123 4567", "0800 123 4567"),
        ("20 99402-9275", "20 99402-9275"),
        ("ramal 12", "ramal 12"),
    ],
)
def test_telefone_is_formatted_and_what_is_none_stays_as_typed(texto, formatado):
    assert doc.formatar_telefone(texto) == formatado
    assert doc.telefone_valido(texto) is formatado.startswith("(")


def test_rio_grande_do_sul_numbers_do_not_lose_their_ddd_55():
    assert doc.normalizar_telefone("55999402927") == "55999402927"
    assert doc.normalizar_telefone("5555999402927") == "55999402927"
    assert doc.normalizar_telefone("0 55 99940-2927") == "55999402927"


def test_there_are_27_ufs_and_67_ddds():
    assert len(doc.UFS) == 27
    assert len(doc.UF_DO_DDD) == 67
    assert set(doc.UF_DO_DDD.values()) == set(doc.UFS)
    assert doc.UFS["SP"] == "São Paulo"
    assert [doc.UF_DO_DDD[ddd] for ddd in ("11", "67", "81", "55")] == ["SP", "MS", "PE", "RS"]
    assert not {"20", "23", "25", "26", "29", "30", "36", "39", "40", "50", "52", "56", "60", "72", "76", "78", "80", "90"} & set(doc.UF_DO_DDD)
