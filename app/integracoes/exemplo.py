"""The file offered as an example: every column by its usual title, with three invented customers."""

from __future__ import annotations

from collections.abc import Iterator

from app.brasil.documentos import formatar_documento, gerar_cnpj, gerar_cpf
from app.core.exportacao import linhas_csv
from app.integracoes.colunas import COLUNAS


def arquivo() -> Iterator[bytes]:
    """CSV as the house writes it: BOM, ``;``, decimal comma."""
    return linhas_csv([c.rotulo for c in COLUNAS], _linhas())


def _linhas() -> list[list[str]]:
    ana, joao, padaria = (formatar_documento(d) for d in (gerar_cpf(41), gerar_cpf(42), gerar_cnpj(43)))
    linhas = (
        f"Ana Beatriz Souza|{ana}|ana.souza@exemplo.com.br|(19) 98765-4321|(19) 98765-4321|13010-000|Rua das Acácias|120|Apto 12|Centro|Campinas|SP"
        "|Fibra 500 Mega|99,90|10|15/03/2024|ana.souza|troque-me-1|Ativo",
        f"João Pedro Lima|{joao}|joao.lima@exemplo.com.br|(19) 3232-1000||13015-100|Avenida Brasil|1500||Jardim Paulista|Campinas|SP"
        "|Fibra 1 Giga|149,90|20|02/01/2025|joao.lima|troque-me-2|Ativo",
        f"Padaria Pão Quente Ltda|{padaria}|financeiro@paoquente.exemplo.com.br|(19) 3255-2000||13020-200|Rua do Comércio|45|Loja 2|Vila Nova|Campinas|SP"
        "|Empresarial 300/150 Mbps|1.249,00|5|30/11/2023|padaria|troque-me-3|Ativo",
    )
    return [linha.split("|") for linha in linhas]
