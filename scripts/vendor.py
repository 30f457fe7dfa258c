"""Copy the front-end libraries of tools/vendor (``npm ci`` there first) into app/static and write their manifest.

``python scripts/vendor.py`` copies and rewrites ``app/static/vendor/vendor.json``;
``python scripts/vendor.py --confere`` only compares the committed files with the manifest (and with node_modules
when it is there) and exits 1 on the first difference. No Node is needed to run or to test the application.
"""
from __future__ import annotations

import gzip
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

RAIZ = Path(__file__).resolve().parent.parent
MODULOS = RAIZ / "tools" / "vendor" / "node_modules"
MANIFESTO = RAIZ / "app" / "static" / "vendor" / "vendor.json"
SPRITE = "app/static/crm/icones.svg"

# package, file inside it, where it goes
COPIAS = (
    ("bootstrap", "dist/css/bootstrap.min.css", "app/static/vendor/bootstrap.min.css"),
    ("bootstrap", "dist/js/bootstrap.bundle.min.js", "app/static/vendor/bootstrap.bundle.min.js"),
    ("chart.js", "dist/chart.umd.min.js", "app/static/vendor/chart.umd.min.js"),
    ("htmx.org", "dist/htmx.min.js", "app/static/vendor/htmx.min.js"),
    ("swagger-ui-dist", "swagger-ui-bundle.js", "app/static/vendor/swagger-ui-bundle.js"),
    ("swagger-ui-dist", "swagger-ui.css", "app/static/vendor/swagger-ui.css"),
    ("@fontsource-variable/inter", "files/inter-latin-wght-normal.woff2", "app/static/fonts/inter-latin-wght-normal.woff2"),
    ("axe-core", "axe.min.js", "tests/dados/axe.min.js"),
)
LICENCAS = ("bootstrap", "chart.js", "htmx.org", "swagger-ui-dist", "@fontsource-variable/inter", "@tabler/icons")

ICONES = RAIZ / "tools" / "vendor" / "icones.txt"      # one name of Tabler Icons a line


@dataclass(frozen=True)
class Item:
    """One vendored file: where it goes, from which package, and its bytes."""

    pacote: str
    destino: str
    conteudo: bytes

    def registro(self) -> dict:
        """The manifest's record of this file; sizes in bytes."""
        dados = json.loads((MODULOS / self.pacote / "package.json").read_text())
        return {
            "pacote": self.pacote,
            "versao": dados["version"],
            "licenca": dados["license"],
            "arquivo": self.destino,
            "bytes": len(self.conteudo),
            "gzip": len(gzip.compress(self.conteudo, 9, mtime=0)),
            "sha256": hashlib.sha256(self.conteudo).hexdigest(),
        }


def _simbolo(nome: str) -> str:
    texto = (MODULOS / "@tabler/icons/icons/outline" / f"{nome}.svg").read_text()
    corpo = re.search(r"<svg[^>]*>(.*)</svg>", re.sub(r"<!--.*?-->", "", texto, flags=re.DOTALL), re.DOTALL).group(1)
    corpo = re.sub(r'<path stroke="none"[^>]*/>', "", corpo)
    corpo = re.sub(r"\s+", " ", corpo).strip()
    return f'<symbol id="{nome}" viewBox="0 0 24 24">{corpo}</symbol>'


def sprite() -> bytes:
    """The SVG sprite of the icons the screens use (Tabler Icons, MIT)."""
    abre = '<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
    return (abre + "<!-- Tabler Icons, MIT -->" + "".join(_simbolo(n) for n in ICONES.read_text().split()) + "</svg>\n").encode()


def _licenca(pacote: str) -> Item:
    origem = next(p for p in sorted((MODULOS / pacote).iterdir()) if p.name.upper().startswith("LICENSE"))
    nome = pacote.strip("@").replace("/", "-")
    return Item(pacote, f"app/static/vendor/licencas/{nome}.txt", origem.read_bytes())


def itens() -> list[Item]:
    """Everything that is copied, read from node_modules."""
    copias = [Item(pacote, destino, (MODULOS / pacote / origem).read_bytes()) for pacote, origem, destino in COPIAS]
    return [*copias, Item("@tabler/icons", SPRITE, sprite()), *(_licenca(p) for p in LICENCAS)]


def copiar() -> None:
    """Write the files and the manifest."""
    lista = itens()
    for item in lista:
        alvo = RAIZ / item.destino
        alvo.parent.mkdir(parents=True, exist_ok=True)
        alvo.write_bytes(item.conteudo)
    MANIFESTO.write_text(json.dumps([i.registro() for i in lista], indent=1, ensure_ascii=False) + "\n")


def diferencas() -> list[str]:
    """Paths whose committed bytes are not those of the manifest, or not those of node_modules when it is present."""
    registros = json.loads(MANIFESTO.read_text())
    ruins = [r["arquivo"] for r in registros if _sha(RAIZ / r["arquivo"]) != r["sha256"]]
    if MODULOS.is_dir():
        ruins += [i.destino for i in itens() if (RAIZ / i.destino).read_bytes() != i.conteudo]
    return sorted(set(ruins))


def _sha(caminho: Path) -> str:
    return hashlib.sha256(caminho.read_bytes()).hexdigest() if caminho.is_file() else "ausente"


def main(argumentos: list[str]) -> int:
    """Entry point; returns the exit code."""
    if "--confere" not in argumentos:
        copiar()
        return 0
    ruins = diferencas()
    for caminho in ruins:
        print(f"differs from the manifest: {caminho}", file=sys.stderr)
    return 1 if ruins else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
