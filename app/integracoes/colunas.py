"""The columns an import of customers knows, by which titles real systems export them, and guessing one from the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.busca import normalizar_busca
from app.core.tipos import N_


@dataclass(frozen=True)
class Coluna:
    """A field of the import: its name in code, its label and the titles it is known by (normalised, see ``normalizar_titulo``)."""

    campo: str
    rotulo: str
    sinonimos: tuple[str, ...]
    obrigatoria: bool = False


def _c(campo: str, rotulo: str, sinonimos: str, *, obrigatoria: bool = False) -> Coluna:
    return Coluna(campo, rotulo, tuple(s.strip() for s in sinonimos.split("|")), obrigatoria)


COLUNAS = (
    _c("nome", N_("Nome"), "nome|cliente|nome do cliente|nome cliente|nome completo|razao social|nome razao social|razao social nome|assinante|titular",
       obrigatoria=True),
    _c("documento", N_("CPF/CNPJ"), "cpf cnpj|cnpj cpf|cpf|cnpj|documento|doc|cpf ou cnpj|cpf do cliente|numero documento|cpfcnpj", obrigatoria=True),
    _c("email", N_("E-mail"), "e mail|email|e mails|emails|correio eletronico|email cobranca|email principal"),
    _c("telefone", N_("Telefone"), "telefone|fone|tel|telefone 1|telefone principal|telefones|contato|telefone residencial|fone residencial|telefone fixo"),
    _c("whatsapp", N_("WhatsApp"), "whatsapp|celular|telefone celular|fone celular|cel|telefone 2|zap"),
    _c("cep", N_("CEP"), "cep|codigo postal|cep instalacao"),
    _c("logradouro", N_("Endereço"), "endereco|logradouro|rua|endereco instalacao|endereco de instalacao|endereco residencial|end"),
    _c("numero", N_("Número"), "numero|num|n|no|nro|numero endereco|numero da casa"),
    _c("complemento", N_("Complemento"), "complemento|compl|apto|complemento endereco"),
    _c("bairro", N_("Bairro"), "bairro|distrito"),
    _c("municipio", N_("Cidade"), "cidade|municipio|cidade uf|localidade"),
    _c("uf", N_("UF"), "uf|estado|sigla uf"),
    _c("plano", N_("Plano"), "plano|nome do plano|plano de acesso|plano internet|produto|servico|plano contratado|pacote"),
    _c("valor", N_("Valor"), "valor|mensalidade|valor mensal|valor plano|valor do plano|preco|valor mensalidade|valor contrato|vl mensalidade"),
    _c("dia", N_("Dia Vencimento"), "dia vencimento|vencimento|dia de vencimento|dia do vencimento|dia venc|venc|dia pagamento|dia vcto|vcto"),
    _c("ativacao", N_("Data Ativação"), "data ativacao|ativacao|data de ativacao|data da ativacao|data inicio|data de inicio|inicio|data contrato|"
       "data instalacao|data de instalacao|dt ativacao|data cadastro|data de cadastro|cliente desde"),
    _c("login", N_("Login PPPoE"), "login pppoe|login|pppoe|usuario pppoe|usuario|user|login radius|username|pppoe login|pppoe usuario"),
    _c("senha", N_("Senha PPPoE"), "senha pppoe|senha|password|senha radius|pppoe senha|pass"),
    _c("situacao", N_("Situação"), "situacao|status|status contrato|status do contrato|situacao contrato|situacao do contrato|status cliente|status do cliente|"
       "situacao cliente|situacao do cliente|ativo"),
)
POR_CAMPO = {c.campo: c for c in COLUNAS}
_POR_TITULO = {s: c.campo for c in COLUNAS for s in c.sinonimos}


def normalizar_titulo(titulo: str) -> str:
    """Lower case, no accents, one space between words: ``CPF/CNPJ:`` is ``cpf cnpj``."""
    return " ".join(re.findall(r"[a-z0-9]+", normalizar_busca(titulo)))


def campo_do_titulo(titulo: str) -> str | None:
    """The field a title stands for, or None."""
    return _POR_TITULO.get(normalizar_titulo(titulo))


def adivinhar(cabecalho: Sequence[str]) -> list[str | None]:
    """For each title the field it most likely fills; each field once, the first column that claims it."""
    usados: set[str] = set()
    achados: list[str | None] = []
    for titulo in cabecalho:
        campo = campo_do_titulo(titulo)
        achados.append(campo if campo not in usados else None)
        usados.add(campo or "")
    return achados


def repetidos(cabecalho: Sequence[str]) -> list[str]:
    """Titles that occur more than once, as written the first time."""
    vistos: dict[str, list[str]] = {}
    for titulo in cabecalho:
        if chave := normalizar_titulo(titulo):
            vistos.setdefault(chave, []).append(titulo)
    return [titulos[0] for titulos in vistos.values() if len(titulos) > 1]


def faltam(mapeamento: Sequence[str | None]) -> list[Coluna]:
    """Obligatory fields that no column fills."""
    return [c for c in COLUNAS if c.obrigatoria and c.campo not in mapeamento]
