"""The own account: photo drawn anew, theme from the first byte, shortcuts; nobody else's, and no customer's."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.core import arquivos
from app.core.erros import ValorInvalido
from app.core.models import Arquivo
from app.core.transacao import transacao
from app.usuarios import fotos
from app.usuarios.models import Perfil
from tests import fabricas as f

NOME = {"first_name": "Ana", "last_name": "Lima"}
SEGREDO = b"-22.9068,-47.0616 <script>alert(1)</script>"


@pytest.fixture
def ana(app, http) -> int:
    """Somebody of the staff, signed in."""
    with app.app_context(), transacao() as s:
        quem = f.um_usuario(s, "Atendente", usuario="ana").id
    http.entrar("ana")
    return quem


def imagem(formato: str = "JPEG", tamanho: tuple[int, int] = (600, 400), cor: str = "red", **kw: object) -> bytes:
    saida = io.BytesIO()
    Image.new("RGB", tamanho, cor).save(saida, formato, **kw)
    return saida.getvalue()


def com_segredos() -> bytes:
    """A photo with a place in its EXIF, a comment, and more after its end."""
    exif = Image.Exif()
    exif[0x010E] = SEGREDO.decode()      # ImageDescription
    return imagem(exif=exif, comment=SEGREDO) + SEGREDO


def enviar(http, dados: bytes, nome: str = "eu.jpg", **mais: str):
    return http.post("/perfil/", data={**NOME, "idioma": "pt_BR", "tema": "sistema", "foto": (io.BytesIO(dados), nome), **mais})


def perfil(app: Flask, quem: int) -> Perfil:
    with app.app_context(), transacao() as s:
        achado = s.get(Perfil, quem, populate_existing=True)
        s.expunge(achado)
        return achado


@pytest.mark.parametrize("dados", [com_segredos(), imagem("PNG"), imagem("WEBP"), imagem("PNG", (3, 900))], ids=["jpeg", "png", "webp", "narrow"])
def test_a_photo_is_a_small_square_drawn_anew(app, dados: bytes) -> None:
    with app.test_request_context():
        feita = fotos.preparar(dados)
    with Image.open(io.BytesIO(feita)) as foto:
        assert (foto.format, foto.size) == ("JPEG", (256, 256)) and not foto.getexif() and "comment" not in foto.info
        assert foto.convert("RGB").getpixel((128, 128))[0] > 200
    assert SEGREDO not in feita and len(feita) < 50_000


def _deitada() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6      # turned by a quarter
    metade = Image.new("RGB", (400, 400), "red")
    metade.paste("blue", (0, 0, 200, 400))
    saida = io.BytesIO()
    metade.save(saida, "JPEG", exif=exif, quality=95)
    return saida.getvalue()


def test_a_photo_stands_upright(app) -> None:
    with app.test_request_context(), Image.open(io.BytesIO(fotos.preparar(_deitada()))) as foto:
        assert foto.getpixel((128, 20))[2] > 150 > foto.getpixel((128, 236))[2]      # blue above


def _bomba() -> bytes:
    saida = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(saida, "PNG")
    return saida.getvalue()


@pytest.mark.parametrize("dados", [
    b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    b"GIF89a" + b"\0" * 50, b"%PDF-1.7", imagem()[:300], b"\xff\xd8\xff" + b"x" * 200, _bomba(), b"x" * ((8 << 20) + 1),
], ids=["empty", "svg", "gif", "pdf", "cut", "noise", "bomb", "huge"])
def test_what_is_no_photo_is_refused(app, dados: bytes) -> None:
    with app.test_request_context(), pytest.raises(ValorInvalido) as recusa:
        fotos.preparar(dados)
    assert recusa.value.campo == "foto"


def test_the_photo_is_shown_to_colleagues_and_to_nobody_else(app, http, ana) -> None:
    assert "JPEG, PNG ou WebP que se possa abrir" in enviar(http, b"nada", "foto.jpg").text
    assert enviar(http, com_segredos(), "virus.exe").status_code == 302
    foto = perfil(app, ana).foto_id
    assert f'src="/arquivos/{foto}"' in http.get("/").text
    servida = http.get(f"/arquivos/{foto}")
    assert servida.mimetype == "image/jpeg" and SEGREDO not in servida.data
    colega, cliente = app.test_client(), app.test_client()
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Tecnico", usuario="rui")
        f.um_usuario(s, "Cliente", usuario="freguesa")
    colega.entrar("rui")
    cliente.entrar("freguesa")
    assert [c.get(f"/arquivos/{foto}").status_code for c in (colega, cliente, app.test_client())] == [200, 404, 404]
    assert cliente.get("/perfil/").status_code == 404


def test_a_new_photo_replaces_the_old_one_and_it_can_be_taken_off(app, http, ana) -> None:
    enviar(http, imagem())
    primeira = perfil(app, ana).foto_id
    enviar(http, imagem(cor="blue"))
    segunda = perfil(app, ana).foto_id
    with app.app_context(), transacao() as s:
        assert s.scalars(select(Arquivo.id).where(Arquivo.dono_tabela == "perfil")).all() == [segunda] != [primeira]
        assert arquivos.conteudo(s, primeira) == b""
    assert http.post("/perfil/foto/tirar").status_code == 302
    assert perfil(app, ana).foto_id is None and http.get(f"/arquivos/{segunda}").status_code == 404


def raiz(resposta) -> str:
    return resposta.text.split("<html", 1)[1].split(">", 1)[0]


def test_the_theme_is_in_the_first_byte_of_every_page_and_of_the_next_entry(app, http, ana) -> None:
    assert 'data-bs-theme="light" data-tema-escolhido="sistema"' in raiz(http.get("/"))
    assert http.post("/perfil/", data={**NOME, "idioma": "pt_BR", "tema": "escuro", "atalhos": "y"}).status_code == 302
    for endereco in ("/", "/perfil/", "/clientes/list/", "/nao-existe", "/perfil/seguranca"):
        assert 'data-bs-theme="dark" data-tema-escolhido="escuro"' in raiz(http.get(endereco)), endereco
    http.post("/logout/")
    assert 'data-bs-theme="dark"' in raiz(http.get("/login/")) and 'data-bs-theme="light"' in raiz(app.test_client().get("/login/"))
    outra_maquina = app.test_client()
    outra_maquina.entrar("ana")
    assert 'data-bs-theme="dark"' in raiz(outra_maquina.get("/"))


def test_the_buttons_of_the_frame_change_the_profile(app, http, ana) -> None:
    assert [http.post("/perfil/ajuste", data={"nome": n, "valor": v}).status_code for n, v in (("tema", "claro"), ("atalhos", "0"))] == [204, 204]
    assert (perfil(app, ana).tema, perfil(app, ana).atalhos) == ("claro", False)
    assert "data-sem-atalhos" in http.get("/").text.split("<body", 1)[1].split(">", 1)[0]
    http.post("/perfil/ajuste", data={"nome": "atalhos", "valor": "1"})
    assert "data-sem-atalhos" not in http.get("/").text.split("<body", 1)[1].split(">", 1)[0]
    for nome, valor in (("tema", "roxo"), ("foto_id", "1"), ("totp_secret", "x"), ("", "")):
        assert http.post("/perfil/ajuste", data={"nome": nome, "valor": valor}).status_code == 400


def test_a_theme_that_is_none_is_refused_and_a_strange_cookie_is_ignored(app, http, ana) -> None:
    assert http.post("/perfil/", data={**NOME, "idioma": "pt_BR", "tema": "roxo"}).status_code == 200
    outra = app.test_client()
    outra.set_cookie("tema", '"><script>')
    assert 'data-tema-escolhido="sistema"' in raiz(outra.get("/login/"))
