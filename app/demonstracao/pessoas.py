"""Invented people, companies and addresses: plausible, repeatable for a seed, and of nobody in particular. Documents are valid numbers."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from random import Random

from app.brasil.documentos import gerar_cnpj, gerar_cnpj_alfanumerico, gerar_cpf

_NOMES_F = "Adriana Aline Amanda Ana Beatriz Bruna Camila Carla Cláudia Cristina Daniela Débora Eliane Fernanda Gabriela Helena Isabela Jéssica Joana " \
    "Juliana Letícia Luciana Luiza Márcia Maria Mariana Marina Natália Patrícia Paula Priscila Rafaela Renata Sabrina Sandra Simone Sônia Tatiane Vanessa"
_NOMES_M = "Alexandre Anderson André Antônio Bruno Caio Carlos César Cláudio Daniel Diego Eduardo Fábio Felipe Fernando Francisco Gabriel Guilherme " \
    "Gustavo Henrique Igor João Jorge José Leandro Leonardo Lucas Luís Marcelo Márcio Marcos Mateus Maurício Otávio Paulo Pedro Rafael Ricardo Rodrigo Thiago"
_SOBRENOMES = "Almeida Alves Andrade Araújo Barbosa Barros Batista Borges Campos Cardoso Carvalho Castro Conceição Correia Costa Cunha Dias Duarte Fernandes " \
    "Ferreira Fonseca Freitas Gomes Gonçalves Lima Lopes Machado Marques Martins Mendes Monteiro Moraes Moreira Nascimento Nogueira Nunes Oliveira Pereira " \
    "Pinto Ramos Ribeiro Rocha Rodrigues Santana Santos Silva Soares Souza Teixeira Vieira"
_RAMOS = ("Padaria", "Mercado", "Farmácia", "Oficina", "Clínica", "Escola", "Restaurante", "Hotel", "Papelaria", "Contabilidade", "Academia", "Pet shop")
_RUAS = (
    "das Acácias", "das Andorinhas", "dos Bandeirantes", "dos Cedros", "dos Colibris", "das Esmeraldas", "das Flores", "dos Girassóis", "das Hortênsias",
    "dos Ipês", "dos Jacarandás", "dos Jasmins", "das Laranjeiras", "das Mangueiras", "das Orquídeas", "das Palmeiras", "dos Pinheiros", "das Rosas",
    "dos Sabiás", "das Violetas",
)
_TIPOS = ("Rua", "Rua", "Rua", "Avenida", "Travessa", "Alameda")
BAIRROS = ("Centro", "Jardim América", "Vila Nova", "São José", "Santa Luzia", "Boa Vista", "Jardim das Flores", "Cidade Nova", "Alto da Serra")


@dataclass(frozen=True)
class Cidade:
    """A municipality with its IBGE code, the first five digits of its CEPs (first, last) and DDD."""

    nome: str
    uf: str
    ibge: str
    ceps: tuple[int, int]
    ddd: str


CIDADES = (
    Cidade("Araraquara", "SP", "3503208", (14800, 14811), "16"),
    Cidade("São Carlos", "SP", "3548906", (13560, 13577), "16"),
    Cidade("Matão", "SP", "3529302", (15990, 15997), "16"),
)


@dataclass(frozen=True)
class Pessoa:
    """Everything needed to register a customer with an address."""

    pj: bool
    nome: str
    fantasia: str | None
    documento: str
    nascimento: dt.date | None
    email: str | None
    telefone: str
    cidade: Cidade
    bairro: str
    logradouro: str
    numero: str
    complemento: str | None
    cep: str


def uma_pessoa(sorteio: Random, n: int) -> Pessoa:
    """The ``n``-th invented customer; ``n`` makes document, e-mail and telephone unique. One in seven is a company, one in thirty has no e-mail."""
    pj = sorteio.random() < 0.14
    nome, fantasia = _empresa(sorteio) if pj else (_nome(sorteio), None)
    cidade = sorteio.choices(CIDADES, (5, 4, 2))[0]
    return Pessoa(
        pj=pj, nome=nome, fantasia=fantasia, documento=_cnpj(sorteio, n) if pj else gerar_cpf(100_000 + n),
        nascimento=None if pj else dt.date(1948 + int(58 * sorteio.random()), sorteio.randint(1, 12), sorteio.randint(1, 28)),
        email=None if sorteio.random() < 0.033 else f"{_apelido(fantasia or nome)}.{n}@exemplo.com.br",
        telefone=f"{cidade.ddd}9{81_000_000 + n:08d}"[:11], cidade=cidade, bairro=sorteio.choice(BAIRROS),
        logradouro=f"{sorteio.choice(_TIPOS)} {sorteio.choice(_RUAS)}", numero=str(sorteio.randint(1, 2400)),
        complemento=_complemento(sorteio, pj), cep=f"{sorteio.randint(*cidade.ceps):05d}{sorteio.randrange(900):03d}",
    )


def _cnpj(sorteio: Random, n: int) -> str:
    """One in eight has letters, as the Receita gives them out since July 2026."""
    return gerar_cnpj_alfanumerico(10_000 + n) if sorteio.random() < 0.125 else gerar_cnpj(10_000 + n)


def _complemento(sorteio: Random, pj: bool) -> str | None:
    if sorteio.random() > 0.22:
        return None
    return f"Sala {sorteio.randint(1, 40)}" if pj else f"Apto {sorteio.randint(1, 16)}{sorteio.randint(1, 4)}"


def _nome(sorteio: Random) -> str:
    primeiro = sorteio.choice((_NOMES_F if sorteio.random() < 0.5 else _NOMES_M).split())
    return " ".join([primeiro, *sorteio.sample(_SOBRENOMES.split(), sorteio.choice((1, 2, 2)))])


def _empresa(sorteio: Random) -> tuple[str, str]:
    ramo, dono = sorteio.choice(_RAMOS), sorteio.choice(_SOBRENOMES.split())
    return f"{dono} {ramo} Ltda", f"{ramo} {dono}"


def _apelido(nome: str) -> str:
    plano = unicodedata.normalize("NFKD", nome.lower()).encode("ascii", "ignore").decode()
    partes = plano.split()
    return f"{partes[0]}.{partes[-1]}"
