"""Many at once: attempts are counted before they are checked, and one person's identity never serves another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from app.core.transacao import transacao
from app.extensions import db
from app.usuarios.services import POR_CONTA, EntradaService
from tests import fabricas as f
from tests.comandos import comandos, reais
from tests.conftest import Navegador


def test_attempts_made_at_once_are_not_free(app_real) -> None:
    with app_real.app_context(), transacao() as s:
        f.um_usuario(s, usuario="ana")

    def tentar(_n: int) -> bool:
        with app_real.app_context():
            with transacao() as s:
                conta = EntradaService(s).procurar("ana")
            db.session.remove()
        return conta.resumo is not None

    with ThreadPoolExecutor(8) as fios:
        conferidas = sum(fios.map(tentar, range(40)))
    assert conferidas == POR_CONTA.livres


def test_eight_people_at_once_see_only_their_own_name(app_real) -> None:
    app_real.config["WTF_CSRF_ENABLED"] = False
    app_real.test_client_class = Navegador
    with app_real.app_context(), transacao() as s:
        for n in range(8):
            f.um_usuario(s, "Gerente", usuario=f"pessoa{n}", first_name=f"Nome{n}X")

    def visitar(n: int) -> list[bool]:
        http = app_real.test_client()
        http.entrar(f"pessoa{n}")
        paginas = [http.get("/perfil/").text for _v in range(15)]
        return [f"Nome{n}X" in p and not any(f"Nome{o}X" in p for o in range(8) if o != n) for p in paginas]

    with ThreadPoolExecutor(8) as fios:
        assert all(all(vistas) for vistas in fios.map(visitar, range(8)))


def test_a_page_knows_its_person_and_rights_in_two_queries(app, http) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Gerente", usuario="ana")
    http.entrar("ana")
    with app.app_context():
        motor = db.engine
    with comandos(motor) as feitos:
        http.get("/configuracoes/")
    assert len(reais(feitos)) <= 2, feitos
